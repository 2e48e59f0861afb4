//! The message form: fields for an email address and a name above the composer, and a button below it that submits
//! everything.

use crate::{
    Dispatch,
    browser::{Node, by_id, new_client_id, on},
    event::Event,
};

/// The fields and buttons of the message form.
pub struct ContactForm {
    fields: Node,
    leave: Node,
    send: Node,
}

impl ContactForm {
    /// Binds the elements in the frame's HTML.
    pub fn new(dispatch: Dispatch) -> Self {
        let [email, name, message] = ["jumpin-email", "jumpin-called", "jumpin-composer"].map(by_id);
        let leave = by_id("jumpin-leave");
        on(&leave, "click", move |_| {
            dispatch(Event::MessageSubmitted(new_client_id(), message.value()));
            dispatch(Event::ContactLeft { name: name.value(), email: email.value() });
        });
        Self { fields: by_id("jumpin-contact"), leave, send: by_id("jumpin-send") }
    }

    /// Shows or hides the form.
    pub fn render(&self, offered: bool) {
        self.fields.set_hidden(!offered);
        self.leave.set_hidden(!offered);
        self.send.set_hidden(offered);
    }
}
