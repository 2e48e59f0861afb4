//! A chat: a conversation with a live agent, stored as an append-only list of entries.
//!
//! ```text
//! Unclaimed -> InProgress -> Ended        (and back to Unclaimed when the agent is lost)
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

/// The number of an entry in its chat: 1, 2, 3 … without gaps. 0 means no entry yet.
pub type Seq = u32;

/// The state of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChatState {
    /// Waiting for an agent.
    Unclaimed,
    /// An agent has claimed it.
    InProgress,
    /// Over. If it ended after inactivity, a new message from the visitor reopens it.
    Ended,
}

impl ChatState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Unclaimed, Self::InProgress, Self::Ended];

    /// Returns whether the chat is unclaimed or in progress. The database ensures at most one live chat per visitor.
    pub fn is_live(self) -> bool {
        self != Self::Ended
    }

    /// Returns the state's name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::InProgress => "in_progress",
            Self::Ended => "ended",
        }
    }

    /// Parses the result of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Whether the agent of a chat in progress can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentConnectivity {
    /// At least one of the agent's dashboards is connected.
    Ok,
    /// No dashboard has been connected for 20 s.
    Reconnecting,
    /// No dashboard has been connected for 60 s. The visitor was informed, and the team sees a badge.
    Lost,
}

/// Why a chat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// The agent ended it.
    Agent,
    /// The visitor ended it.
    Visitor,
    /// Nobody wrote for 30 min.
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
    /// Nobody: the entry is an event.
    Concierge,
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A message, plain text.
    Text(String),
    /// An event.
    Event(ChatEvent),
    /// Replaces the text of an earlier message by the same author.
    Edited {
        /// The `seq` of the message.
        of: Seq,
        /// The new plain text.
        text: String,
    },
    /// Deletes an earlier message by the same author.
    Deleted {
        /// The `seq` of the message.
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
        /// Whether the answer came after the invitation had expired or was withdrawn (docs/testing.md, scenario 4).
        late: bool,
    },
    /// The visitor asked for a person.
    Requested,
    /// An agent claimed the chat.
    Joined(AgentId),
    /// An agent took over the chat from another.
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
    /// The visitor wrote again after the end.
    Reopened,
    /// The visitor left an e-mail address for a reply.
    ContactLeft,
    /// An agent transferred the chat to another.
    HandedOver {
        /// The previous agent.
        from: AgentId,
        /// The new agent.
        to: AgentId,
    },
    /// An agent transferred the chat to a team, where it waits.
    HandedToTeam {
        /// The previous agent.
        from: AgentId,
        /// The team.
        team: TeamId,
    },
}

/// One item of a chat: a message or an event. Visitor and agents see the same entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The entry's number in the chat.
    pub seq: Seq,
    /// When it was stored.
    pub at: Millis,
    /// The author.
    pub author: Author,
    /// The sender's ID for the message; `None` for events.
    pub client_id: Option<ClientId>,
    /// The content.
    pub body: Body,
}

impl Entry {
    /// Returns whether the entry edits or deletes an earlier one, and so is not shown itself.
    pub fn is_change(&self) -> bool {
        matches!(self.body, Body::Edited { of, .. } | Body::Deleted { of } if of != self.seq)
    }
}

/// If the last entry edits or deletes an earlier message, moves its body into that message. `entries` must start with
/// the first entry of the chat.
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
    /// The last entry that its client has acknowledged; shown as two ticks.
    pub delivered: Seq,
    /// The last entry that was visible on screen; shown as read.
    pub read: Seq,
}

/// The chat of a visit, as the board shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoardChat {
    /// The chat's ID.
    pub id: ChatId,
    /// The chat's state.
    pub state: ChatState,
    /// The team that serves it.
    pub team: Option<TeamId>,
    /// The agent in it; `None` while unclaimed.
    pub agent: Option<AgentId>,
    /// Increases with every change of state or agent. A takeover names the version it is based on.
    pub version: u32,
    /// When the current state began.
    pub since: Millis,
    /// While unclaimed, only this agent may claim the chat …
    pub reserved_for: Option<AgentId>,
    /// … until this time.
    pub reserved_until: Option<Millis>,
    /// While in progress, whether the agent can be reached.
    pub link: AgentConnectivity,
    /// Whether the visitor left an e-mail address. If so, the chat keeps waiting as a message after the visitor has
    /// left.
    pub contact: ContactRequest,
    /// Whether the reservation comes from routing rather than from the agent's own invitation.
    pub offered: bool,
}

/// The chat, as the visitor's widget shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorChat {
    /// The chat's ID.
    pub id: ChatId,
    /// The chat's state.
    pub state: ChatState,
    /// The agent in it; while unclaimed, the expected agent (“Connecting you to Ann…”).
    pub agent: Option<AgentCard>,
    /// Whether the agent can be reached.
    pub link: AgentConnectivity,
    /// The last entry.
    pub head: Seq,
    /// The agents' receipt.
    pub agent_receipt: Receipt,
    /// The visitor's receipt, across all tabs.
    pub visitor_receipt: Receipt,
    /// Whether the visitor is offered the message form, or has left an e-mail address.
    pub contact: ContactRequest,
}

/// The chat, as an agent's list and window show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentChat {
    /// The chat.
    pub chat: BoardChat,
    /// The visit it belongs to; its row has the page, the browser and the presence.
    pub visit: VisitId,
    /// The visitor's name or e-mail, if known.
    pub visitor_name: Option<String>,
    /// The last entry.
    pub head: Seq,
    /// The last message, cut to 120 characters.
    pub last: Option<LastMessage>,
    /// The visitor's receipt.
    pub visitor_receipt: Receipt,
    /// The agents' receipt.
    pub agent_receipt: Receipt,
    /// The number of the visitor's messages after `agent_receipt.read`.
    pub unread: u32,
    /// The visitor's e-mail address, if known.
    pub visitor_email: Option<String>,
    /// The tags, in order.
    pub tags: Vec<String>,
}

/// The last message of a chat, for the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// The text, cut.
    pub text: String,
    /// Whether the visitor wrote it, and so waits for a reply.
    pub from_visitor: bool,
    /// When it was stored.
    pub at: Millis,
}
