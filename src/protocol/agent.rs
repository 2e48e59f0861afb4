//! The frames between an agent's dashboard and the server.
//!
//! The browser's session cookie identifies the agent before the upgrade. The dashboard then sends [`FromAgent::Hello`].
//! Requests that change the state of an invitation or a chat use server functions, which return a result. Everything
//! that is streamed (the board, messages, typing, receipts) uses this socket.

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

/// An agent's role, from lowest to highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Can invite visitors, claim chats, and chat with visitors.
    Agent,
    /// Can also take over chats and view all chat history.
    Supervisor,
    /// Can also change any setting.
    Admin,
}

impl Role {
    /// Every role, from lowest to highest.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Admin];

    /// Returns the role's name, as used in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// Parses a name returned by [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// The path prefix for agents' avatars as their colleagues see them.
pub const AVATARS: &str = "/avatars/";
/// The path prefix for agents' avatars as visitors see them, relative to the concierge's frame.
pub const VISITOR_AVATARS: &str = "avatars/";

/// An agent as others see them. This is also all that a visitor may know about an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCard {
    /// The agent.
    pub id: AgentId,
    /// The agent's full name. Visitors only get the first name.
    pub name: String,
    /// The avatar's path: below [`AVATARS`] for agents, below [`VISITOR_AVATARS`] for visitors. Empty if the agent has
    /// no avatar.
    pub avatar: String,
}

impl AgentCard {
    /// Returns the initials of the agent's first and last name.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }

    /// Prepends a path prefix to the avatar's path, if there is an avatar.
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

/// The agents, concierges, and teams that the board's rows refer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The organization's name.
    pub organization: String,
    /// The signed-in agent.
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
    /// The base URL that the embed line loads the widget from.
    pub public_url: String,
    /// The agent's time zone as a list of offsets. Each consists of the time it takes effect and its minutes ahead of
    /// UTC. If the list is empty, the browser's time zone is used.
    pub clock: Vec<(Millis, i32)>,
}

/// A part of a directory that does not fit into one frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPart {
    /// Some of the agents.
    pub agents: Vec<AgentCard>,
    /// Some of the concierges.
    pub concierges: Vec<ConciergeCard>,
    /// Some of the teams.
    pub teams: Vec<TeamCard>,
}

impl DirectoryPart {
    /// Appends the next part.
    pub fn append(&mut self, next: Self) {
        self.agents.extend(next.agents);
        self.concierges.extend(next.concierges);
        self.teams.extend(next.teams);
    }
}

impl Directory {
    /// Removes the lists from the directory and returns them.
    pub fn take_part(&mut self) -> DirectoryPart {
        DirectoryPart {
            agents: core::mem::take(&mut self.agents),
            concierges: core::mem::take(&mut self.concierges),
            teams: core::mem::take(&mut self.teams),
        }
    }

    /// Returns the directory with the parts that arrived before it.
    #[must_use]
    pub fn with_parts(mut self, mut parts: DirectoryPart) -> Self {
        parts.append(self.take_part());
        DirectoryPart { agents: self.agents, concierges: self.concierges, teams: self.teams } = parts;
        self
    }
}

/// A concierge, as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConciergeCard {
    /// The concierge.
    pub id: ConciergeId,
    /// The key in the concierge's embed line.
    pub key: String,
    /// The concierge's name.
    pub name: String,
    /// The default invitation text. `{agent}` is replaced with the agent's first name.
    pub invitation: String,
    /// Other invitation messages to choose from.
    pub templates: Vec<InvitationTemplate>,
}

/// A team, as shown on the dashboard.
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
        /// The dashboard's [`crate::VERSION`].
        version: u16,
        /// The epoch and seq of the dashboard's copy of the board, if it has one.
        resume: Option<(u64, u64)>,
    },
    /// Requests a new snapshot because the dashboard missed a batch.
    Resync,
    /// A chat window was opened. Requests the entries after `head` and all later changes.
    Open {
        /// The chat.
        chat: ChatId,
        /// The last entry that the window already has.
        head: Seq,
    },
    /// A chat window was closed.
    Close(ChatId),
    /// Sends a message to one of the agent's chats.
    SendMessage {
        /// The chat.
        chat: ChatId,
        /// The sender's ID for the message.
        client_id: ClientId,
        /// The message, as plain text.
        text: String,
    },
    /// The agent is typing. Sent at most every 3 s and valid for 6 s.
    Typing(ChatId),
    /// The chat's entries were delivered or read up to the given points.
    Receipt {
        /// The chat.
        chat: ChatId,
        /// The last delivered entry and the last read entry.
        receipt: Receipt,
    },
    /// The agent is writing an invitation to this visitor (`None` when they stop). Valid for 30 s.
    Composing(Option<VisitId>),
    /// Keeps the connection alive. Sent every 20 s.
    Heartbeat,
    /// The agent used the mouse or keyboard. Sent at most every 10 s.
    Input,
    /// Edits or deletes one of the agent's own messages. Allowed within `limits::EDIT_WINDOW_MS` of sending it.
    Change {
        /// The chat.
        chat: ChatId,
        /// The `seq` of the message.
        of: Seq,
        /// The new text, as plain text, or `None` to delete the message.
        text: Option<String>,
    },
}

/// A frame to a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToAgent {
    /// The response to the hello. The agent's chats follow in a separate frame.
    Welcome {
        /// The time on the server's clock.
        now: Millis,
        /// The organization's agents, concierges, and teams.
        directory: Directory,
    },
    /// Part of a snapshot of the board.
    Snapshot(SnapshotChunk),
    /// Changes to the board. Every dashboard receives the same bytes.
    Batch(Batch),
    /// All of the agent's live chats, plus any chats with an open window. Replaces the dashboard's list.
    Chats(Vec<AgentChat>),
    /// A chat was added to that list or has changed.
    Chat(AgentChat),
    /// A chat is no longer the agent's, because it was taken over, transferred, or returned to the team. Its window
    /// stays open, read-only.
    ChatGone(ChatId),
    /// A chat's entries, in order. The window uses `seq` to skip entries it already has.
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
        /// The message's position in the chat.
        seq: Seq,
        /// When the message was stored.
        at: Millis,
    },
    /// A message or request was refused.
    Refused {
        /// The ID of the refused message, if a message was refused.
        client_id: Option<ClientId>,
        /// Why it was refused.
        refusal: Refusal,
    },
    /// The visitor is typing. Valid for 6 s.
    Typing(ChatId),
    /// A notice, shown on every page of the dashboard.
    Notice(Notice),
    /// The response to a heartbeat.
    Heartbeat {
        /// The time on the server's clock.
        now: Millis,
        /// The number of the board's last batch.
        seq: u64,
        /// The last entry in each of the agent's chats.
        heads: Vec<(ChatId, Seq)>,
    },
    /// The server is about to close the connection. The reason determines whether the dashboard reconnects.
    CloseReason(CloseReason),
    /// Agents whose state has changed, possibly including the recipient. The first frame lists everyone who is online.
    Colleagues(Vec<Colleague>),
    /// A chat's notes, in order. The window uses `number` to skip notes it already has.
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
    /// A part of the directory. The following [`ToAgent::Welcome`] has the rest.
    DirectoryPart(DirectoryPart),
    /// A part of the agent's chats. The following [`ToAgent::Chats`] has the rest, and completes the list.
    ChatsPart(Vec<AgentChat>),
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
