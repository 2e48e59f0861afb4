//! A chat is a conversation with a live agent, stored as an append-only list of entries.
//!
//! ```text
//! Unclaimed -> InProgress -> Ended        (and back to Unclaimed if the connection to the agent is lost)
//! ```

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    agent::AgentCard,
    contact::ContactRequest,
    file::FileCard,
    id::{AgentId, ChatId, ClientId, TeamId, VisitId},
};

/// An entry's number within its chat. Numbering starts at 1 and has no gaps; 0 means that there is no entry yet.
pub type Seq = u32;

/// The state of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChatState {
    /// Waiting for an agent.
    Unclaimed,
    /// An agent has claimed it.
    InProgress,
    /// The chat is over. If it ended due to inactivity, a new message from the visitor reopens it.
    Ended,
}

impl ChatState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Unclaimed, Self::InProgress, Self::Ended];

    /// Returns whether the chat is live, that is, unclaimed or in progress. The database allows at most one live chat
    /// per visitor.
    pub fn is_live(self) -> bool {
        self != Self::Ended
    }

    /// Returns the state's name, as used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::InProgress => "in_progress",
            Self::Ended => "ended",
        }
    }

    /// Parses a name returned by [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Whether the agent in an active chat can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentConnectivity {
    /// At least one of the agent's dashboards is connected.
    Ok,
    /// None of the agent's dashboards has been connected for 20 s.
    Reconnecting,
    /// None of the agent's dashboards has been connected for 60 s. The visitor has been told, and the team sees a
    /// badge.
    Lost,
}

/// Why a chat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// The agent ended it.
    Agent,
    /// The visitor ended it.
    Visitor,
    /// Nobody wrote anything for 30 min.
    Silence,
    /// The visitor left before anyone claimed it.
    Abandoned,
}

/// The author of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// The visitor.
    Visitor,
    /// An agent.
    Agent(AgentId),
    /// The concierge itself, because the entry is an event.
    Concierge,
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A message, as plain text.
    Text(String),
    /// An event.
    Event(ChatEvent),
    /// Replaces the text of an earlier message by the same author.
    Edited {
        /// The message's `seq`.
        of: Seq,
        /// The new text, as plain text.
        text: String,
    },
    /// Deletes an earlier message by the same author.
    Deleted {
        /// The message's `seq`.
        of: Seq,
    },
    /// A file.
    File(FileCard),
}

/// An event in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatEvent {
    /// The visitor accepted an invitation.
    Accepted {
        /// The inviting agent.
        by: AgentId,
        /// Whether the visitor answered after the invitation had expired or been withdrawn (docs/testing.md,
        /// scenario 4).
        late: bool,
    },
    /// The visitor asked to talk to a person.
    Requested,
    /// An agent claimed the chat.
    Joined(AgentId),
    /// An agent took over the chat from another agent.
    TakenOver {
        /// The previous agent.
        from: AgentId,
        /// The new agent.
        by: AgentId,
    },
    /// The agent could not be reached for 60 s.
    AgentLost(AgentId),
    /// The agent is back.
    AgentBack(AgentId),
    /// The chat was returned to the team.
    Returned,
    /// The visitor left the site.
    VisitorLeft,
    /// The visitor came back.
    VisitorBack,
    /// The chat ended.
    Ended(EndReason),
    /// The visitor wrote again after the chat had ended.
    Reopened,
    /// The visitor left an email address so that they can get a reply.
    ContactLeft,
    /// An agent transferred the chat to another agent.
    HandedOver {
        /// The previous agent.
        from: AgentId,
        /// The new agent.
        to: AgentId,
    },
    /// An agent transferred the chat to a team, where it waits to be claimed.
    HandedToTeam {
        /// The previous agent.
        from: AgentId,
        /// The team.
        team: TeamId,
    },
}

/// One item in a chat: a message or an event. Visitors and agents see the same entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The entry's number within the chat.
    pub seq: Seq,
    /// When the entry was stored.
    pub at: Millis,
    /// The author.
    pub author: Author,
    /// The sender's ID for the message, or `None` for an event.
    pub client_id: Option<ClientId>,
    /// The content.
    pub body: Body,
}

impl Entry {
    /// Returns whether the entry edits or deletes an earlier one. Such entries are not shown themselves.
    pub fn is_change(&self) -> bool {
        matches!(self.body, Body::Edited { of, .. } | Body::Deleted { of } if of != self.seq)
    }
}

/// If the last entry edits or deletes an earlier message, moves its body into that message. `entries` must start with
/// the chat's first entry.
pub fn amend(entries: &mut [Entry]) {
    let Some((last, before)) = entries.split_last_mut() else { return };
    let (Body::Edited { of, .. } | Body::Deleted { of }) = last.body else { return };
    if let Some(message) = before.get_mut((of as usize).wrapping_sub(1))
        && !matches!(message.body, Body::Event(_))
    {
        message.body = core::mem::replace(&mut last.body, Body::Deleted { of });
    }
}

/// How far one side has received and read the chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The last entry that the client has acknowledged, shown with two check marks.
    pub delivered: Seq,
    /// The last entry that was visible on the screen, shown as read.
    pub read: Seq,
}

/// A visit's chat, as shown on the board.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoardChat {
    /// The chat's ID.
    pub id: ChatId,
    /// The chat's state.
    pub state: ChatState,
    /// The team responsible for the chat.
    pub team: Option<TeamId>,
    /// The agent in the chat, or `None` while it is unclaimed.
    pub agent: Option<AgentId>,
    /// Incremented whenever the state or the agent changes. A takeover request includes the version it is based on.
    pub version: u32,
    /// When the current state began.
    pub since: Millis,
    /// The only agent who may claim the chat for now, while it is unclaimed and reserved.
    pub reserved_for: Option<AgentId>,
    /// When the reservation ends.
    pub reserved_until: Option<Millis>,
    /// Whether the agent can be reached while the chat is in progress.
    pub link: AgentConnectivity,
    /// Whether the visitor left an email address. If so, the chat stays open as a message even after the visitor leaves
    /// the site.
    pub contact: ContactRequest,
    /// Whether the reservation was made by routing rather than through the agent's own invitation.
    pub offered: bool,
}

/// A chat, as shown in the visitor's widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorChat {
    /// The chat's ID.
    pub id: ChatId,
    /// The chat's state.
    pub state: ChatState,
    /// The agent in the chat or, while the chat is unclaimed, the agent who is expected to join (“Connecting you to
    /// Ann…”).
    pub agent: Option<AgentCard>,
    /// Whether the agent can be reached.
    pub link: AgentConnectivity,
    /// The last entry.
    pub head: Seq,
    /// The agents' receipt.
    pub agent_receipt: Receipt,
    /// The visitor's receipt, across all tabs.
    pub visitor_receipt: Receipt,
    /// Whether the visitor is being offered the message form or has left an email address.
    pub contact: ContactRequest,
}

/// A chat, as shown in an agent's chat list and chat window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentChat {
    /// The chat.
    pub chat: BoardChat,
    /// The visit that the chat belongs to. Its row on the board has the page, browser, and presence.
    pub visit: VisitId,
    /// The visitor's name or email address, if known.
    pub visitor_name: Option<String>,
    /// The last entry.
    pub head: Seq,
    /// The last message, truncated to 120 characters.
    pub last: Option<LastMessage>,
    /// The visitor's receipt.
    pub visitor_receipt: Receipt,
    /// The agents' receipt.
    pub agent_receipt: Receipt,
    /// How many messages the visitor has sent since `agent_receipt.read`.
    pub unread: u32,
    /// The visitor's email address, if known.
    pub visitor_email: Option<String>,
    /// The chat's tags, in order.
    pub tags: Vec<String>,
}

/// A chat's last message, for the chat list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// The truncated text.
    pub text: String,
    /// Whether the visitor wrote it and is therefore waiting for a reply.
    pub from_visitor: bool,
    /// When the message was stored.
    pub at: Millis,
}
