//! Where the visitor writes.

use protocol::words::{self, Language};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use crate::{
    Dispatch,
    state::Event,
    view::{button, element, set_text},
};

/// The field and its button.
pub struct Composer {
    field: HtmlTextAreaElement,
    send: HtmlElement,
}

impl Composer {
    /// At the end of `parent`. Enter sends, Shift-Enter is a new line.
    pub fn new(parent: &HtmlElement, dispatch: &Dispatch) -> Self {
        let row = element(parent, "div", "jumpin-write");
        let field: HtmlTextAreaElement = element(&row, "textarea", "#jumpin-composer").unchecked_into();
        field.set_rows(1);
        let text = field.clone();
        let said = move || Event::Said(crate::new_client_id(), text.value());
        let send = button(&row, "#jumpin-send", dispatch, said.clone());
        let enter = dispatch.clone();
        crate::on(&field, "keydown", move |event| {
            // While an input method composes, Enter chooses a word.
            let is_send = |key: &KeyboardEvent| key.key() == "Enter" && !key.shift_key() && !key.is_composing();
            if event.dyn_ref::<KeyboardEvent>().is_some_and(is_send) {
                event.prevent_default();
                enter(said());
            }
        });
        let dispatch = dispatch.clone();
        crate::on(&field, "input", move |_| dispatch(Event::Composing));
        Self { field, send }
    }

    /// The words of it.
    pub fn render(&self, language: Language) {
        let write = words::write_a_message(language);
        self.field.set_placeholder(write);
        drop(self.field.set_attribute("aria-label", write));
        set_text(&self.send, words::send(language));
    }

    /// The text was sent.
    pub fn clear(&self) {
        self.field.set_value("");
    }

    /// Text that could not be sent, unless another is being written.
    pub fn put_back(&self, text: &str) {
        if self.field.value().is_empty() {
            self.field.set_value(text);
        }
    }

    /// The visitor may write at once.
    pub fn focus(&self) {
        drop(self.field.focus());
    }
}
