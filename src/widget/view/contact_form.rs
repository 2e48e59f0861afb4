//! The message form: the fields for e-mail and name above the composer, and the button below it that leaves all three.

use crate::{
    Dispatch,
    browser::{Node, by_id, new_client_id, on},
    event::Event,
};

/// The form.
pub struct ContactForm {
    fields: Node,
    leave: Node,
    send: Node,
}

impl ContactForm {
    /// Takes over the elements of the frame's HTML.
    pub fn new(dispatch: Dispatch) -> Self {
        let [email, name, message] = ["jumpin-email", "jumpin-called", "jumpin-composer"].map(by_id);
        let leave = by_id("jumpin-leave");
        on(&leave, "click", move |_| {
            dispatch(Event::MessageSubmitted(new_client_id(), message.value()));
            dispatch(Event::ContactLeft { name: name.value(), email: email.value() });
        });
        Self { fields: by_id("jumpin-contact"), leave, send: by_id("jumpin-send") }
    }

    /// Offers it or not.
    pub fn render(&self, offered: bool) {
        self.fields.set_hidden(!offered);
        self.leave.set_hidden(!offered);
        self.send.set_hidden(offered);
    }
}
