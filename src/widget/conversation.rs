//! The conversation in this tab: the chat, its entries (without gaps), and the agents who took part.

use alloc::vec::Vec;

use protocol::{
    agent::AgentCard,
    chat::{Author, ChatState, Entry, Receipt, Seq, VisitorChat, amend},
    id::AgentId,
};

/// The visitor's chat as seen by one tab.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The current chat, if any.
    pub chat: Option<VisitorChat>,
    /// The chat's entries. The entry at index `n` has `seq` `n + 1`.
    pub entries: Vec<Entry>,
    agents: Vec<AgentCard>,
    receipt: Receipt,
}

/// The result of adding entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Whether at least one of the new entries was written by an agent.
    pub from_agent: bool,
    /// Whether entries are missing in between and must be requested.
    pub gap: bool,
}

impl Conversation {
    /// Returns the `seq` of the last entry, or 0 if there are no entries.
    pub fn head(&self) -> Seq {
        self.entries.last().map_or(0, |entry| entry.seq)
    }

    /// Returns whether pieces of a long chat are still on their way.
    pub fn is_behind(&self) -> bool {
        self.chat.as_ref().is_some_and(|chat| chat.head > self.head())
    }

    /// Remembers an agent, for the name.
    pub fn meet(&mut self, card: &AgentCard) {
        if !self.agents.iter().any(|agent| agent.id == card.id) {
            self.agents.push(card.clone());
        }
    }

    /// Returns an agent's name, if this tab has seen the agent.
    pub fn name(&self, id: AgentId) -> Option<&str> {
        self.agents.iter().find(|agent| agent.id == id).map(|agent| agent.name.as_str())
    }

    /// Returns the state of the chat.
    pub fn state(&self) -> Option<ChatState> {
        self.chat.as_ref().map(|chat| chat.state)
    }

    /// Returns whether a chat is in progress or waiting for an agent.
    pub fn is_live(&self) -> bool {
        self.state().is_some_and(ChatState::is_live)
    }

    /// Replaces the chat. If it is a different chat, the old entries are dropped.
    pub fn set(&mut self, chat: Option<VisitorChat>) {
        let was = self.chat.as_ref().map(|chat| chat.id);
        // Entries that arrive before the first chat frame can only belong to the chat that this frame announces.
        if was.is_some() && was != chat.as_ref().map(|chat| chat.id) {
            self.entries.clear();
            self.receipt = Receipt::default();
        }
        if let Some(chat) = &chat {
            if let Some(agent) = &chat.agent {
                self.meet(agent);
            }
            self.receipt.delivered = self.receipt.delivered.max(chat.visitor_receipt.delivered);
            self.receipt.read = self.receipt.read.max(chat.visitor_receipt.read);
        }
        self.chat = chat;
    }

    /// Appends the entries that follow the last one. Skips known entries and stops at a gap.
    pub fn add(&mut self, entries: Vec<Entry>) -> Added {
        let mut added = Added::default();
        for entry in entries {
            let next = self.head() + 1;
            if entry.seq == next {
                added.from_agent |= matches!(entry.author, Author::Agent(_))
                    && !entry.is_change()
                    && entry.seq > self.receipt.delivered;
                self.entries.push(entry);
                amend(&mut self.entries);
            } else if entry.seq > next {
                added.gap = true;
                break;
            }
        }
        added
    }

    /// Returns the receipt to send, or `None` if nothing has changed since the last one. `reading` is true if the panel
    /// is open in a visible tab.
    pub fn receipt(&mut self, reading: bool) -> Option<Receipt> {
        // A long chat arrives in many pieces; a receipt for each would be a flood.
        if self.is_behind() {
            return None;
        }
        let head = self.head();
        let now = Receipt {
            delivered: self.receipt.delivered.max(head),
            read: if reading { self.receipt.read.max(head) } else { self.receipt.read },
        };
        (now != self.receipt && self.chat.is_some()).then(|| {
            self.receipt = now;
            now
        })
    }

    /// Returns the number of agent messages that the visitor has not read.
    pub fn unread(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| {
                entry.seq > self.receipt.read && matches!(entry.author, Author::Agent(_)) && !entry.is_change()
            })
            .count()
    }
}

#[cfg(test)]
mod tests {
    use protocol::chat::Body;

    use super::*;

    fn entry(seq: Seq) -> Entry {
        Entry { seq, at: 0, author: Author::Visitor, client_id: None, body: Body::Text("x".into()) }
    }

    #[test]
    fn entries_are_added_once_and_a_gap_is_reported() {
        let mut conversation = Conversation::default();
        assert!(!conversation.add(vec![entry(1), entry(2)]).gap);
        assert!(!conversation.add(vec![entry(2), entry(3)]).gap);
        assert_eq!(conversation.head(), 3);
        assert!(conversation.add(vec![entry(5)]).gap);
        assert_eq!(conversation.head(), 3);
    }

    #[test]
    fn edit_replaces_the_message_that_it_changes() {
        let mut conversation = Conversation::default();
        let change = |seq, body| Entry { body, ..entry(seq) };
        conversation.add(vec![entry(1), entry(2), change(3, Body::Edited { of: 1, text: "y".into() })]);
        assert_eq!(conversation.entries[0].body, Body::Edited { of: 1, text: "y".into() });
        let lines =
            |conversation: &Conversation| conversation.entries.iter().filter(|entry| !entry.is_change()).count();
        assert_eq!(lines(&conversation), 2);
        conversation.add(vec![change(4, Body::Deleted { of: 1 }), change(5, Body::Deleted { of: 9 })]);
        assert_eq!(conversation.entries[0].body, Body::Deleted { of: 1 });
        assert_eq!((lines(&conversation), conversation.head()), (2, 5));
    }
}
