//! The composer, where the visitor writes messages.

use crate::{
    Dispatch,
    browser::{Node, by_id, new_client_id, on},
    event::Event,
    view::button,
};

/// The composer's text field.
pub struct Composer {
    field: Node,
}

impl Composer {
    /// Binds the field and the button in the frame's HTML. Enter sends the message; Shift+Enter inserts a line break.
    pub fn new(dispatch: Dispatch) -> Self {
        let field = by_id("jumpin-composer");
        let text = by_id("jumpin-composer");
        let said = move || Event::MessageSubmitted(new_client_id(), text.value());
        button("jumpin-send", dispatch, said);
        let text = by_id("jumpin-composer");
        on(&field, "keydown", move |key| {
            if key.typed_key() == "Enter" && !key.with_shift() {
                key.prevent();
                dispatch(Event::MessageSubmitted(new_client_id(), text.value()));
            }
        });
        let text = by_id("jumpin-composer");
        on(&field, "input", move |_| dispatch(Event::Composing(text.value())));
        Self { field }
    }

    /// Empties the field.
    pub fn clear(&self) {
        self.field.set_value("");
    }

    /// Restores unsent text in the field, unless the field already contains text.
    pub fn put_back(&self, text: &str) {
        if self.field.value().is_empty() {
            self.field.set_value(text);
        }
    }

    /// Focuses the field.
    pub fn focus(&self) {
        self.field.focus();
    }
}
