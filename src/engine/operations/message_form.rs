//! The message form, which is offered to a waiting visitor when no agent is free. The message then waits for the team.

use protocol::{close_reason::CloseReason, contact, id::ClientId, refusal::Refusal, visitor::Hello};

use super::{Engine, refusal};
use crate::{
    clock,
    connection::{ClientInfo, VisitorConnection},
    hub::event::Event,
    limits::daily_bytes::Written,
    store::{ChatRecord, NewContact},
};

/// A message that a visitor sends without a socket.
#[derive(Clone, Debug)]
pub struct LeftMessage {
    /// The hello frame that the widget would have sent over a socket.
    pub hello: Hello,
    /// The sender's ID for the message.
    pub client_id: ClientId,
    /// The message.
    pub text: String,
    /// The visitor's name. May be empty.
    pub name: String,
    /// The visitor's email address.
    pub email: String,
}

impl Engine {
    /// Stores a message with contact details from a visitor whose browser cannot open a socket or run the widget. It
    /// becomes a waiting chat like any other. The same limits and checks apply as for sockets.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the concierge does not exist or does not allow the site. Otherwise, returns the
    /// same errors as a message and a message form do.
    pub async fn leave_message(&self, left: LeftMessage, from: ClientInfo) -> Result<(), Refusal> {
        // Checked first, so that a form with a mistake does not create a chat.
        contact::parse_name(&left.name)?;
        contact::parse_email(&left.email)?;
        let connection = self.connect_visitor(left.hello, from).await.map_err(refusal_of)?;
        connection.mark_acted().await;
        self.send_visitor_message(&connection, left.client_id, &left.text).await?;
        self.leave_contact(&connection, &left.name, &left.email).await
    }

    /// Offers the message form for a chat, unless the store finds that the offer no longer applies. The caller must
    /// hold the visitor's lock.
    pub(super) async fn offer_form(&self, before: &ChatRecord) -> Result<(), Refusal> {
        match self.store().offer_form(before.id, clock::now()).await.map_err(refusal)? {
            Some(record) => self.notify(record, Vec::new()).await,
            None => drop(self.notify_changed(before, Vec::new()).await?),
        }
        Ok(())
    }

    /// Stores the visitor's email address and, optionally, their name with the waiting chat.
    pub(crate) async fn leave_contact(
        &self,
        connection: &VisitorConnection,
        name: &str,
        email: &str,
    ) -> Result<(), Refusal> {
        let (name, email) = (contact::parse_name(name)?, contact::parse_email(email)?);
        let visitor = connection.visitor;
        let _guard = self.lock_visitor(visitor).await;
        // Each new address is an entry in the chat, so it counts like a message.
        let messages = &self.inner.visitor_limits.messages;
        messages.check(visitor, clock::now())?;
        let bytes = name.as_deref().map_or(0, str::len) + email.len();
        let counted = self.admit_write(connection.context(), Written::Message, bytes)?;
        let new = NewContact { visitor, name, email, now: clock::now() };
        let (record, entries) = self.store().leave_contact(new).await.map_err(refusal)?;
        messages.count(visitor, clock::now());
        counted.keep();
        let name = record.visitor_name.clone();
        self.hub(connection.organization).apply(Event::Named { visitor, name }).await;
        self.notify(record, entries).await;
        Ok(())
    }
}

/// Returns the refusal for a hello frame to which a socket would have responded by closing.
fn refusal_of(close_reason: CloseReason) -> Refusal {
    match close_reason {
        CloseReason::NoSuchConcierge | CloseReason::WrongSite => Refusal::NotFound,
        CloseReason::Blocked => Refusal::Blocked { until: None },
        CloseReason::TooMany { retry_after } => Refusal::TooMany { retry_after: retry_after.div_ceil(1_000).max(1) },
        _ => Refusal::Busy { retry_after: 5 },
    }
}
