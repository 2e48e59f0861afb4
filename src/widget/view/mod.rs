//! What the visitor sees: the launcher, the card, the panel. Elements are made once and changed in place; text becomes
//! text nodes only.

pub mod card;
pub mod composer;
pub mod entries;
pub mod launcher;
pub mod panel;

use protocol::{Millis, concierge::Side, words};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::{
    Dispatch,
    host::Size,
    state::{Event, Prompt, State},
    view::{card::Card, launcher::Launcher, panel::Panel},
};

/// Everything on the screen.
pub struct View {
    launcher: Launcher,
    card: Card,
    panel: Panel,
    alone: bool,
    was_open: bool,
}

impl View {
    /// The launcher stands already, from the frame's HTML.
    pub fn new(dispatch: &Dispatch, alone: bool) -> Self {
        let body = crate::document().body().expect("the frame has a body");
        if alone {
            body.set_class_name("jumpin-alone");
        }
        let escape = dispatch.clone();
        crate::on(&crate::browser(), "keydown", move |event| {
            if !alone && event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
                escape(Event::Close);
            }
        });
        Self {
            launcher: Launcher::new(&body, dispatch),
            card: Card::new(&body, dispatch),
            panel: Panel::new(&body, dispatch, alone),
            alone,
            was_open: false,
        }
    }

    /// Brings the screen to what the widget knows, and says how large the frame must be.
    pub fn render(&mut self, state: &State, now: Millis) -> Size {
        let open = state.open || self.alone;
        let prompt = state.prompt(now);
        if state.met {
            let document = crate::document();
            if let Some(root) = document.document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
                drop(root.set_attribute("lang", state.look.language.tag()));
                drop(root.style().set_property("--colour", &state.look.colour));
            }
            if let Some(body) = document.body() {
                drop(body.set_attribute("data-side", if state.look.side == Side::Left { "left" } else { "right" }));
            }
        }
        let card = if prompt == Prompt::Open && !open { state.invitation.as_ref() } else { None };
        self.card.render(card, state.look.language);
        let unread = state.conversation.unread() + usize::from(prompt == Prompt::Badge);
        self.launcher.render(!open, unread, words::open_chat(state.look.language));
        self.panel.render(state, open, prompt == Prompt::Open, now);
        if open != self.was_open {
            self.was_open = open;
            if open { self.panel.focus() } else { self.launcher.focus() }
        }
        match (open, card) {
            (true, _) => Size::Panel,
            (false, Some(_)) => Size::Card(self.card.height() + 92),
            (false, None) => Size::Launcher,
        }
    }

    /// Text that could not be sent goes back, unless another is being written.
    pub fn put_back(&self, text: &str) {
        self.panel.composer.put_back(text);
    }

    /// The text was sent.
    pub fn clear(&self) {
        self.panel.composer.clear();
    }
}

/// A new element at the end of `parent`.
pub(crate) fn element(parent: &HtmlElement, tag: &str, class: &str) -> HtmlElement {
    let element: HtmlElement = crate::document().create_element(tag).expect("the tag is a name").unchecked_into();
    if let Some(id) = class.strip_prefix('#') {
        element.set_id(id);
    } else if !class.is_empty() {
        element.set_class_name(class);
    }
    drop(parent.append_child(&element));
    element
}

/// A new button at the end of `parent`.
pub(crate) fn button(
    parent: &HtmlElement,
    class: &str,
    dispatch: &Dispatch,
    event: impl Fn() -> Event + 'static,
) -> HtmlElement {
    let button = element(parent, "button", class);
    drop(button.set_attribute("type", "button"));
    let dispatch = dispatch.clone();
    crate::on(&button, "click", move |_| dispatch(event()));
    button
}

/// Sets the text only when it is another one, so that nothing is read out twice.
pub(crate) fn set_text(element: &HtmlElement, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}
