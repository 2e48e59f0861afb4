//! The concierge: the visitor's side of Jump-In, inside an iframe on our own origin.
//!
//! `loader.js` stands in the host page, `boot.js` in the frame; the rest is this crate. What the widget knows changes only
//! in [`state`] (with [`acting`], [`hearing`], [`conversation`], [`outbox`]): pure, tested natively. Around it: the
//! [`socket`], the [`host`] page, the browser's [`memory`], the [`sound`] and the [`view`]. Text becomes text nodes only.

pub mod conversation;
pub mod outbox;
pub mod state;

mod acting;
mod hearing;

pub mod host;
pub mod memory;
pub mod socket;
pub mod sound;
pub mod view;

#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::Timeout;
use protocol::{
    Millis,
    id::{ClientId, ConciergeKey, TabId},
    limits,
    visitor::{FromVisitor, ToVisitor},
};
use uuid::{Builder, Uuid};
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, MessagePort};

use crate::{
    host::Host,
    memory::Memory,
    socket::Socket,
    sound::Sounder,
    state::{Effect, Event, State},
    view::View,
};

/// Where everything that happens goes.
pub type Dispatch = Rc<dyn Fn(Event)>;

struct App {
    state: RefCell<State>,
    socket: Socket,
    host: Host,
    memory: Memory,
    sounder: Sounder,
    view: RefCell<View>,
    /// The socket may open: the token was looked for, and the page is known.
    remembered: Cell<bool>,
    typing: RefCell<Option<Timeout>>,
}

/// Begins. `port` leads to the loader and `origin` is the host page's; neither when the frame stands alone.
#[wasm_bindgen]
#[allow(clippy::needless_pass_by_value, reason = "what comes from JavaScript comes by value")]
pub fn start(port: Option<MessagePort>, origin: String, open: bool) {
    let location = browser().location();
    let search = location.search().unwrap_or_default();
    let key = search.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("key=")).unwrap_or_default();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "http:") { "ws://" } else { "wss://" };
    let address = [scheme, &location.host().unwrap_or_default(), "/socket/visitor/v1"].concat();
    let driven =
        js_sys::Reflect::get(&browser().navigator(), &"webdriver".into()).is_ok_and(|driven| driven.is_truthy());
    let tab = TabId(new_id());

    let app = Rc::new_cyclic(|weak: &Weak<App>| {
        let weak = weak.clone();
        let dispatch: Dispatch = Rc::new(move |event| {
            if let Some(app) = weak.upgrade() {
                app.happened(event);
            }
        });
        let mut state = State::new(ConciergeKey(key.into()), tab, origin, driven);
        let memory = Memory::new(key, tab);
        state.activity.visible = is_visible();
        // Until the welcome, the frame's HTML says how to look.
        state.look.title = document().title();
        let language = document().document_element().and_then(|root| root.get_attribute("lang"));
        state.look.language = protocol::words::Language::from_tag(&language.unwrap_or_default());
        state.token = memory.token();
        state.acted = memory.acted();
        for (client_id, text) in memory.kept() {
            state.outbox.put(client_id, text, now());
        }
        let alone = port.is_none();
        if alone {
            state.page = Some(protocol::page::Page::default());
        }
        App {
            socket: Socket::new(address, dispatch.clone()),
            host: Host::new(port, &dispatch),
            sounder: Sounder::default(),
            view: RefCell::new(View::new(&dispatch, alone)),
            remembered: Cell::new(state.token.is_some()),
            typing: RefCell::default(),
            state: RefCell::new(state),
            memory,
        }
    });
    app.listen();
    if !app.remembered.get() {
        let later = app.clone();
        app.memory.ask(move |token| {
            if !later.remembered.replace(true) {
                later.state.borrow_mut().token = token;
                later.connect();
            }
        });
    }
    app.connect();
    if open {
        app.happened(Event::Open);
    }
    // The frame's life is the app's.
    core::mem::forget(app);
}

impl App {
    fn happened(self: &Rc<Self>, event: Event) {
        let page = matches!(event, Event::Page(_));
        let typing = matches!(event, Event::Heard(ToVisitor::Typing));
        let effects = self.state.borrow_mut().apply(event, now());
        for effect in effects {
            self.perform(effect);
        }
        if page {
            self.connect();
        }
        if typing {
            let app = Rc::downgrade(self);
            let tick = move || {
                if let Some(app) = app.upgrade() {
                    app.happened(Event::Tick);
                }
            };
            self.typing.replace(Some(later(limits::TYPING_MS as u32 + 50, Box::new(tick))));
        }
        let size = self.view.borrow_mut().render(&self.state.borrow(), now());
        self.host.show(size, self.state.borrow().look.side);
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Send(frame) => self.socket.send(&frame),
            Effect::Remember => {
                let state = self.state.borrow();
                let denied = state.pending.is_some();
                if let Some(token) = &state.token {
                    self.memory.keep_token(token, state.acted || denied, state.acted, state.privacy);
                }
                for waiting in state.outbox.waiting().iter().filter(|_| state.acted) {
                    self.memory.keep(waiting.client_id, &waiting.text);
                }
            }
            Effect::Keep(client_id, text) => self.memory.keep(client_id, &text),
            Effect::Forget(client_id) => self.memory.forget(client_id),
            Effect::PutBack(text) => self.view.borrow().put_back(&text),
            Effect::Clear => self.view.borrow().clear(),
            Effect::Sound => {
                if is_visible() && self.memory.is_leader() {
                    self.sounder.sound();
                }
            }
        }
    }

    fn connect(&self) {
        if self.remembered.get() && self.state.borrow().page.is_some() {
            self.socket.wake();
        }
    }

    fn listen(self: &Rc<Self>) {
        let window: EventTarget = browser().into();
        let document: EventTarget = document().into();
        let app = self.clone();
        on(&document, "visibilitychange", move |_| {
            let visible = is_visible();
            app.happened(Event::Visible(visible));
            if visible {
                app.memory.lead();
                app.connect();
            }
        });
        for name in ["online", "pageshow"] {
            let app = self.clone();
            on(&window, name, move |_| app.connect());
        }
        let app = self.clone();
        on(&window, "pagehide", move |_| {
            app.socket.send(&FromVisitor::Leaving);
            app.socket.rest();
            app.happened(Event::Lost);
        });
        for name in ["pointerdown", "keydown"] {
            let app = self.clone();
            on(&window, name, move |_| {
                app.memory.lead();
                app.sounder.unlock();
                app.happened(Event::Input);
            });
        }
    }
}

/// What listens to the browser. Every kind of it costs bytes in the bundle, so there is one.
pub(crate) type Listener = Closure<dyn FnMut(web_sys::Event)>;

/// Listens for as long as the frame lives.
pub(crate) fn on(target: &EventTarget, name: &str, heard: impl FnMut(web_sys::Event) + 'static) {
    let listener = listener(Box::new(heard));
    target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref()).expect("listening cannot fail");
    listener.forget();
}

pub(crate) fn listener(heard: Box<dyn FnMut(web_sys::Event)>) -> Listener {
    Closure::new(heard)
}

pub(crate) fn later(wait: u32, done: Box<dyn FnOnce()>) -> Timeout {
    Timeout::new(wait, done)
}

pub(crate) fn browser() -> web_sys::Window {
    web_sys::window().expect("the widget runs in a window")
}

pub(crate) fn document() -> web_sys::Document {
    browser().document().expect("a window has a document")
}

pub(crate) fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// This machine's clock; the server's is said by the welcome.
pub(crate) fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// A UUIDv7.
pub(crate) fn new_id() -> Uuid {
    let mut random = [0; 10];
    // An insecure page may have no crypto; the id need only be unlikely to meet another of this visitor.
    if browser().crypto().is_ok_and(|crypto| crypto.get_random_values_with_u8_array(&mut random).is_ok()) {
        return Builder::from_unix_timestamp_millis(now() as u64, &random).into_uuid();
    }
    for byte in &mut random {
        *byte = (js_sys::Math::random() * 256.0) as u8;
    }
    Builder::from_unix_timestamp_millis(now() as u64, &random).into_uuid()
}

pub(crate) fn new_client_id() -> ClientId {
    ClientId(new_id())
}
