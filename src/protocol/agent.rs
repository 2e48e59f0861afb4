//! The frames between an agent's dashboard and the server.
//!
//! The browser's session cookie identifies the agent before the upgrade. The dashboard then sends [`FromAgent::Hello`].
//! Requests that change the state of an invitation or a chat use server functions, which return a result. Everything
//! that flows (the board, messages, typing, receipts) uses this socket.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    availability::Colleague,
    board::{Batch, SnapshotChunk},
    chat::{AgentChat, Entry, Receipt, Seq},
    close_reason::CloseReason,
    concierge::InvitationTemplate,
    id::{AgentId, ChatId, ClientId, ConciergeId, TeamId, VisitId},
    language::Language,
    note::Note,
    notice::Notice,
    refusal::Refusal,
};

/// An agent's role, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Invites visitors, claims chats, and chats.
    Agent,
    /// Can also take over chats and read all histories.
    Supervisor,
    /// Can also change all settings.
    Admin,
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Admin];

    /// Returns the role's name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// Parses the result of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// The path prefix of agents' avatars, for their colleagues.
pub const AVATARS: &str = "/avatars/";
/// The path prefix of agents' avatars for visitors, relative to the concierge's frame.
pub const VISITOR_AVATARS: &str = "avatars/";

/// An agent as others see them; also everything that a visitor may know about an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCard {
    /// The agent.
    pub id: AgentId,
    /// The full name; for visitors, the first name only.
    pub name: String,
    /// The address of the avatar, below [`AVATARS`] for agents and below [`VISITOR_AVATARS`] for visitors. Empty
    /// without an avatar.
    pub avatar: String,
}

impl AgentCard {
    /// Returns the initials of the first and the last name.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }

    /// Returns the same card with the avatar below the given path prefix.
    #[must_use]
    pub fn with_avatars_below(mut self, avatars: &str) -> Self {
        if !self.avatar.is_empty() {
            self.avatar.insert_str(0, avatars);
        }
        self
    }

    /// Returns the first word of the name.
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

/// The agents, concierges and teams that the rows of the board refer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The organization's name.
    pub organization: String,
    /// The agent who is signed in.
    pub me: AgentId,
    /// That agent's language.
    pub language: Language,
    /// That agent's role.
    pub role: Role,
    /// That agent's teams.
    pub my_teams: Vec<TeamId>,
    /// Every agent.
    pub agents: Vec<AgentCard>,
    /// Every concierge.
    pub concierges: Vec<ConciergeCard>,
    /// Every team.
    pub teams: Vec<TeamCard>,
    /// The URL that visitors' pages load the widget from, for the embed line.
    pub public_url: String,
    /// The agent's time zone as a list of offsets: the start of each, and its minutes ahead of UTC. Empty: the
    /// browser's time zone.
    pub clock: Vec<(Millis, i32)>,
}

/// A concierge, as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConciergeCard {
    /// The concierge.
    pub id: ConciergeId,
    /// The key of its embed line.
    pub key: String,
    /// The concierge's name.
    pub name: String,
    /// The default text of an invitation; `{agent}` is replaced with the agent's first name.
    pub invitation: String,
    /// Other texts to choose from.
    pub templates: Vec<InvitationTemplate>,
}

/// A team, as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamCard {
    /// The team.
    pub id: TeamId,
    /// The team's name.
    pub name: String,
}

/// A frame from a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromAgent {
    /// The first frame.
    Hello {
        /// [`crate::VERSION`].
        version: u16,
        /// Epoch and seq of the dashboard's copy of the board, if it has one.
        resume: Option<(u64, u64)>,
    },
    /// Requests a snapshot, because the dashboard missed a batch.
    Resync,
    /// A chat window was opened: requests the entries after `head`, and all later changes.
    Open {
        /// The chat.
        chat: ChatId,
        /// The last entry that the window has.
        head: Seq,
    },
    /// The chat window was closed.
    Close(ChatId),
    /// Sends a message to one of the agent's chats.
    SendMessage {
        /// The chat.
        chat: ChatId,
        /// The sender's ID for the message.
        client_id: ClientId,
        /// Plain text.
        text: String,
    },
    /// The agent is typing. Repeated at most every 3 s, valid for 6 s.
    Typing(ChatId),
    /// The entries up to here were delivered or read.
    Receipt {
        /// The chat.
        chat: ChatId,
        /// The last delivered and the last read entry.
        receipt: Receipt,
    },
    /// The agent is writing an invitation to this visit; `None`: no longer. Valid for 30 s.
    Composing(Option<VisitId>),
    /// Keeps the connection alive; sent every 20 s.
    Heartbeat,
    /// The agent used the mouse or keyboard. Sent at most every 10 s.
    Input,
    /// Edits or deletes one of the agent's messages; allowed within `limits::EDIT_WINDOW_MS`.
    Change {
        /// The chat.
        chat: ChatId,
        /// The `seq` of the message.
        of: Seq,
        /// The new plain text; `None` deletes the message.
        text: Option<String>,
    },
}

/// A frame to a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToAgent {
    /// The response to the hello. The agent's chats follow.
    Welcome {
        /// The server's clock.
        now: Millis,
        /// Agents, concierges and teams.
        directory: Directory,
    },
    /// A part of a snapshot of the board.
    Snapshot(SnapshotChunk),
    /// Changes of the board; the same bytes for every dashboard.
    Batch(Batch),
    /// All live chats of the agent, and the chats with an open window; replaces the list.
    Chats(Vec<AgentChat>),
    /// One of these chats is new or has changed.
    Chat(AgentChat),
    /// A chat is no longer the agent's: it ended long ago or was taken over. Its window stays open, read-only.
    ChatGone(ChatId),
    /// Entries of a chat, in order. The window skips those it already has, by `seq`.
    Entries {
        /// The chat.
        chat: ChatId,
        /// The entries.
        entries: Vec<Entry>,
    },
    /// A message was durably stored.
    Acknowledged {
        /// The chat.
        chat: ChatId,
        /// The sender's ID for the message.
        client_id: ClientId,
        /// The message's number in the chat.
        seq: Seq,
        /// When it was stored.
        at: Millis,
    },
    /// A message or request was refused.
    Refused {
        /// The refused message, if it was one.
        client_id: Option<ClientId>,
        /// The reason.
        refusal: Refusal,
    },
    /// The visitor is typing; valid for 6 s.
    Typing(ChatId),
    /// A notice that the agent must see on every page of the dashboard.
    Notice(Notice),
    /// The response to a heartbeat.
    Heartbeat {
        /// The server's clock.
        now: Millis,
        /// The last batch of the board.
        seq: u64,
        /// The last entry of each of the agent's chats.
        heads: Vec<(ChatId, Seq)>,
    },
    /// The server closes the connection. The reason determines whether to reconnect.
    CloseReason(CloseReason),
    /// Agents whose state has changed, including the receiving one; first, everyone who is online.
    Colleagues(Vec<Colleague>),
    /// Notes of a chat, in order. The window skips those it already has, by `number`.
    Notes {
        /// The chat.
        chat: ChatId,
        /// The notes.
        notes: Vec<Note>,
    },
    /// The observers of a chat.
    Readers {
        /// The chat.
        chat: ChatId,
        /// The observing agents.
        readers: Vec<AgentId>,
    },
    /// The agent may not read this chat, or no longer. Its window forgets what it shows.
    AccessLost(ChatId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_first_and_last_name() {
        let initials = |name: &str| {
            AgentCard { id: AgentId(uuid::Uuid::nil()), name: name.into(), avatar: String::new() }.initials()
        };
        assert_eq!(initials("Ann Archer"), "AA");
        assert_eq!(initials("Cara Maria de la Cruz"), "CC");
        assert_eq!(initials("Ann"), "A");
        assert_eq!(initials("élodie ßtar"), "ÉSS");
        assert_eq!(initials(""), "");
    }
}
