//! Messages that the server has not acknowledged yet, stored in local storage under their permanent client IDs. Client
//! IDs are UUIDv7 and sort by time, so messages are resent in the order in which they were written.

use leptos::server::{FromEncodedStr, IntoEncodedString};
use protocol::{
    agent::FromAgent,
    codec,
    id::{AgentId, ChatId, ClientId},
    refusal::Refusal,
};
use serde::{Deserialize, Serialize};

use super::{clock, local_storage};

const PREFIX: &str = "jumpin-outbox:";

/// A message that the server has not acknowledged yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The message's author. If another agent signs in on the same browser, they must not send it.
    pub agent: AgentId,
    /// The chat that the message belongs to.
    pub chat: ChatId,
    /// The message's client ID, which makes resending idempotent.
    pub client_id: ClientId,
    /// The message's text.
    pub text: String,
    /// Why the server refused the message, if it did. A refused message stays until the agent resends or discards it.
    pub refused: Option<Refusal>,
}

impl Pending {
    /// Creates a message and stores it.
    pub fn new(agent: AgentId, chat: ChatId, text: String) -> Self {
        let pending = Self { agent, chat, client_id: clock::new_client_id(), text, refused: None };
        pending.keep();
        pending
    }

    /// Stores the message's current state.
    pub fn keep(&self) {
        local_storage::set(&key(self.client_id), &self.as_text());
    }

    fn as_text(&self) -> String {
        codec::encode(self).into_encoded_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        codec::decode(&<[u8]>::from_encoded_str(text).ok()?).ok()
    }

    /// Returns the frame that sends the message.
    pub fn frame(&self) -> FromAgent {
        FromAgent::SendMessage { chat: self.chat, client_id: self.client_id, text: self.text.clone() }
    }
}

/// Loads the agent's messages that were still unacknowledged when they left the page.
pub fn load_pending(agent: AgentId) -> Vec<Pending> {
    let texts = local_storage::values_with_prefix(PREFIX);
    let all = texts.iter().filter_map(|text| Pending::from_text(text));
    all.filter(|pending| pending.agent == agent).collect()
}

/// Removes a message that was acknowledged or discarded.
pub fn forget(client_id: ClientId) {
    local_storage::set(&key(client_id), "");
}

fn key(client_id: ClientId) -> String {
    format!("{PREFIX}{client_id}")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn pending() -> Pending {
        Pending::new(AgentId(Uuid::from_u128(1)), ChatId(Uuid::from_u128(2)), "hello".into())
    }

    #[test]
    fn stored_message_reads_back_unchanged() {
        let refused = Pending { refused: Some(Refusal::TooLong { limit: 4_000 }), ..pending() };
        for one in [pending(), refused] {
            assert_eq!(Pending::from_text(&one.as_text()), Some(one));
        }
    }

    #[test]
    fn resent_message_keeps_its_client_id() {
        let one = pending();
        assert!(key(one.client_id).ends_with(&one.client_id.to_string()));
        let same = FromAgent::SendMessage { chat: one.chat, client_id: one.client_id, text: "hello".into() };
        assert_eq!([one.frame(), one.frame()], [same.clone(), same]);
    }
}
