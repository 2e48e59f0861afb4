//! The outbox: messages that the visitor has sent but the server has not stored yet. They are resent until
//! acknowledged; the client id on each message prevents duplicates.

use alloc::{string::String, vec::Vec};

use protocol::{Millis, id::ClientId, visitor::FromVisitor};

/// A message waiting to be stored by the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// The id that this client assigned to the message.
    pub client_id: ClientId,
    /// The message's plain text.
    pub text: String,
    /// When the message was last sent, in milliseconds by this machine's clock, or `None` if it has not been sent yet.
    pub sent_at: Option<Millis>,
    /// When the message was written, in milliseconds by the server's clock.
    pub at: Millis,
    /// Whether the server has stored the message. Until its entry arrives, the message is still shown but not resent.
    pub acknowledged: bool,
}

/// The messages waiting to be stored by the server, oldest first.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Vec<OutboxMessage>,
    /// Nothing is sent before this time, in ms by this machine's clock.
    held_until: Millis,
}

impl Outbox {
    /// How long an acknowledgment may take before a message is resent on an open connection, in milliseconds.
    const RESEND_AFTER: Millis = 15_000;

    /// Adds a message to send. If the message is already in the outbox, it is left unchanged.
    pub fn put(&mut self, client_id: ClientId, text: String, at: Millis) {
        if !self.waiting.iter().any(|waiting| waiting.client_id == client_id) {
            self.waiting.push(OutboxMessage { client_id, text, sent_at: None, at, acknowledged: false });
        }
    }

    /// Returns the frames to send. On a new connection (`anew`), these are all unacknowledged messages; otherwise, only
    /// messages that are new or overdue are included.
    pub fn due(&mut self, anew: bool, now: Millis) -> Vec<FromVisitor> {
        let held = self.is_held(now);
        self.waiting
            .iter_mut()
            .filter(|waiting| {
                !held
                    && !waiting.acknowledged
                    && (anew || waiting.sent_at.is_none_or(|at| now - at >= Self::RESEND_AFTER))
            })
            .map(|waiting| {
                waiting.sent_at = Some(now);
                FromVisitor::SendMessage { client_id: waiting.client_id, text: waiting.text.clone() }
            })
            .collect()
    }

    /// Keeps everything until this time, because the server accepts no more before. Later messages wait too, so that the
    /// order stays.
    pub fn hold(&mut self, until: Millis) {
        self.held_until = until;
        for waiting in &mut self.waiting {
            waiting.sent_at = None;
        }
    }

    /// Sends everything again as soon as possible, because the server may accept it now.
    pub fn release(&mut self) {
        self.held_until = 0;
    }

    /// Returns whether the server is still refusing messages.
    pub fn is_held(&self, now: Millis) -> bool {
        now < self.held_until
    }

    /// Marks a message as stored. Returns its text for the entry.
    pub fn acknowledge(&mut self, client_id: ClientId) -> Option<String> {
        let waiting = self.waiting.iter_mut().find(|waiting| waiting.client_id == client_id)?;
        waiting.acknowledged = true;
        Some(waiting.text.clone())
    }

    /// Removes a message after its entry has arrived or the server has rejected it.
    pub fn take(&mut self, client_id: ClientId) -> Option<OutboxMessage> {
        let place = self.waiting.iter().position(|waiting| waiting.client_id == client_id)?;
        Some(self.waiting.remove(place))
    }

    /// Returns the messages to show after the entries.
    pub fn waiting(&self) -> &[OutboxMessage] {
        &self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> ClientId {
        ClientId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn resent_until_acknowledged() {
        let mut outbox = Outbox::default();
        outbox.put(id(1), "a".into(), 0);
        outbox.put(id(1), "a".into(), 0);
        assert_eq!(outbox.due(false, 20_000).len(), 1);
        assert!(outbox.due(false, 21_000).is_empty(), "an acknowledgment may take a while");
        assert_eq!(outbox.due(true, 21_000).len(), 1, "a new connection resends the message");
        assert_eq!(outbox.acknowledge(id(1)).as_deref(), Some("a"));
        assert!(outbox.due(true, 90_000).is_empty());
        assert!(outbox.take(id(1)).is_some());
        assert!(outbox.waiting().is_empty());
    }

    #[test]
    fn held_messages_are_sent_in_order_afterwards() {
        let mut outbox = Outbox::default();
        outbox.put(id(1), "a".into(), 0);
        assert_eq!(outbox.due(false, 0).len(), 1);
        outbox.hold(5_000);
        outbox.put(id(2), "b".into(), 10);
        assert!(outbox.due(false, 4_999).is_empty() && outbox.due(true, 4_999).is_empty());
        let due = outbox.due(false, 5_000);
        let [FromVisitor::SendMessage { client_id: first, .. }, FromVisitor::SendMessage { client_id: second, .. }] =
            &due[..]
        else {
            panic!("{due:?}")
        };
        assert_eq!((*first, *second), (id(1), id(2)));
    }
}
