//! Connects the widget's state to the browser.

use alloc::{boxed::Box, string::String};
use core::cell::{Cell, OnceCell, RefCell};

use protocol::{
    concierge::Consent,
    id::{ConciergeKey, TabId},
    language::Language,
    page::Page,
    widget_strings::WidgetStrings,
};
use wasm_bindgen::prelude::*;

use crate::{
    Dispatch,
    browser::{Timer, new_id, now, on_window},
    browser_storage::Memory,
    event::{Effect, Event},
    host_page::{Host, Port},
    socket::Socket,
    sound,
    state::State,
    view::View,
};

struct App {
    state: RefCell<State>,
    socket: &'static Socket,
    host: Host,
    memory: Memory,
    view: RefCell<View>,
    /// Whether storage and the other tabs have been checked for the visitor's token. The socket opens only after that.
    identity_resolved: Cell<bool>,
    resync: RefCell<Option<Timer>>,
}

/// Starts the widget. `boot.js` calls this function with a `port` that is connected to the loader and the origin of the
/// host page. If the widget is opened as a standalone page, there is no port and `host` is empty.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "JavaScript has no structs, and a getter per field would take more bytes"
)]
pub fn start(
    port: Option<Port>,
    host: String,
    key: String,
    address: String,
    language: &str,
    strings: String,
    automated: bool,
    opted_out: bool,
    visible: bool,
    entry_info: String,
) {
    let here: &'static OnceCell<App> = Box::leak(Box::default());
    let dispatch: Dispatch = Box::leak(Box::new(|event| {
        if let Some(app) = here.get() {
            app.handle_event(event);
        }
    }));
    let memory = Memory::new(&key, dispatch);
    let mut state = State::new(ConciergeKey(key), TabId(new_id()), host, automated);
    state.activity.visible = visible;
    // Until the welcome frame arrives, the frame's HTML determines the language.
    state.look.language = Language::from_tag(language);
    state.strings = WidgetStrings::new(strings);
    if opted_out {
        state.consent = Consent::OptedOut;
    }
    state.entry_info = entry_info;
    state.token = memory.token();
    state.lasting = memory.is_lasting();
    state.acted = memory.acted();
    state.open = memory.was_open();
    for (client_id, text) in memory.unsent_messages() {
        state.outbox.put(client_id, text, now());
    }
    let alone = port.is_none();
    if alone {
        state.page = Some(Page::default());
    }
    let view = View::new(dispatch, alone, state.open);
    view.put_back(&memory.draft());
    let app = here.get_or_init(|| App {
        socket: Socket::new(address, dispatch),
        host: Host::new(port, dispatch),
        view: RefCell::new(view),
        identity_resolved: Cell::new(state.token.is_some()),
        resync: RefCell::default(),
        state: RefCell::new(state),
        memory,
    });
    app.listen();
    if visible {
        app.memory.become_leader();
    }
    if !app.identity_resolved.get() {
        app.resync.replace(Some(app.memory.ask_other_tabs(|| {
            app.identity_resolved.set(true);
            app.state.borrow_mut().token = app.memory.token();
            app.connect();
        })));
    }
    app.connect();
}

impl App {
    fn handle_event(&'static self, event: Event) {
        let is_page = matches!(event, Event::Page(_));
        if let Event::Connected = event {
            // Another tab may have received the visitor's next token while this one was suspended.
            self.state.borrow_mut().token = self.memory.token();
        }
        let effects = self.state.borrow_mut().apply(event, now());
        for effect in effects {
            self.perform(effect);
        }
        // The socket opens only once the page is known.
        if is_page {
            self.connect();
        }
        let size = self.view.borrow_mut().render(&self.state.borrow(), now());
        self.host.show(size);
    }

    fn perform(&'static self, effect: Effect) {
        match effect {
            Effect::Send(frame) => self.socket.send(&frame),
            Effect::SaveToken => self.save_token(),
            Effect::Keep(client_id, text) => self.memory.keep(client_id, &text),
            Effect::Forget(client_id) => self.memory.forget(client_id),
            Effect::KeepDraft(draft) => self.memory.keep_draft(&draft),
            Effect::KeepOpen(open) => self.memory.keep_open(open),
            Effect::PutBack(text) => self.view.borrow().put_back(&text),
            Effect::Clear => {
                self.view.borrow().clear();
                self.memory.keep_draft("");
            }
            Effect::Sound(invitation) => {
                if self.state.borrow().activity.visible && self.memory.is_leader() {
                    sound::sound();
                    if let Some(invitation) = invitation {
                        self.memory.announce_sound(invitation);
                    }
                }
            }
            Effect::ScheduleTick(wait) => {
                self.resync.replace(Some(Timer::new(wait, || self.handle_event(Event::Tick))));
            }
        }
    }

    fn save_token(&self) {
        let state = self.state.borrow();
        if let Some(token) = &state.token {
            self.memory.keep_token(token, state.lasting, state.acted, state.may_keep());
        }
        for waiting in state.outbox.waiting().iter().filter(|_| state.acted) {
            self.memory.keep(waiting.client_id, &waiting.text);
        }
    }

    fn connect(&self) {
        if self.identity_resolved.get() && self.state.borrow().page.is_some() {
            self.socket.wake();
        }
    }

    fn listen(&'static self) {
        on_window("visibilitychange", |dom_event| {
            let visible = !dom_event.target().is_hidden();
            self.handle_event(Event::Visible(visible));
            if visible {
                self.memory.become_leader();
                self.connect();
            }
        });
        on_window("online", |_| self.connect());
        on_window("pagehide", |_| {
            self.handle_event(Event::PageHidden);
            self.socket.suspend();
        });
        on_window("pageshow", |dom_event| {
            if dom_event.persisted() {
                self.handle_event(Event::PageRestored(TabId(new_id())));
                self.connect();
            }
        });
        for name in ["pointerdown", "keydown"] {
            on_window(name, |_| {
                self.memory.become_leader();
                sound::unlock();
                self.handle_event(Event::Input);
            });
        }
    }
}
