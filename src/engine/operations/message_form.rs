//! The message form, which is offered to a waiting visitor when no agent is free. The message then waits for the team.

use protocol::{contact, refusal::Refusal};

use super::{Engine, refusal};
use crate::{
    clock,
    connection::VisitorConnection,
    hub::event::Event,
    limits::daily_bytes::Written,
    store::{ChatRecord, NewContact},
};

impl Engine {
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
