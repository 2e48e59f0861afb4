//! Where the visitor writes.

use crate::{
    Dispatch,
    browser::{Node, by_id, new_client_id, on},
    event::Event,
    view::button,
};

/// The field and its button.
pub struct Composer {
    field: Node,
}

impl Composer {
    /// Takes over the field of the frame's HTML. Enter sends, Shift-Enter is a new line.
    pub fn new(dispatch: Dispatch) -> Self {
        let field = by_id("jumpin-composer");
        let text = by_id("jumpin-composer");
        let said = move || Event::MessageSubmitted(new_client_id(), text.value());
        button("jumpin-send", dispatch, said);
        let text = by_id("jumpin-composer");
        on(&field, "keydown", move |key| {
            // While an input method composes, Enter chooses a word.
            if key.key() == "Enter" && !key.with_shift() && !key.is_composing() {
                key.prevent();
                dispatch(Event::MessageSubmitted(new_client_id(), text.value()));
            }
        });
        let text = by_id("jumpin-composer");
        on(&field, "input", move |_| dispatch(Event::Composing(text.value())));
        Self { field }
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
        self.field.focus();
    }
}
