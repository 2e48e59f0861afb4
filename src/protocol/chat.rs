//! A chat: a conversation with a live agent, as a list of entries that only grows.
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

/// The number of an entry in its chat: 1, 2, 3 … without gaps. 0 is "nothing yet".
pub type Seq = u32;

/// Where a chat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChatState {
    /// It waits for an agent.
    Unclaimed,
    /// An agent is in it.
    InProgress,
    /// It is over. A new message of the visitor reopens it when it ended in silence.
    Ended,
}

impl ChatState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Unclaimed, Self::InProgress, Self::Ended];

    /// Unclaimed or in progress; a visitor has at most one such chat, and the database sees to it.
    pub fn is_live(self) -> bool {
        self != Self::Ended
    }

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::InProgress => "in_progress",
            Self::Ended => "ended",
        }
    }

    /// The state of a word in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Whether the agent of a chat in progress can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AgentConnectivity {
    /// At least one dashboard of his is connected.
    Ok,
    /// None for 20 s.
    Reconnecting,
    /// None for 60 s: the visitor was told, the team sees a badge.
    Lost,
}

/// Why a chat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// The agent ended it.
    Agent,
    /// The visitor ended it.
    Visitor,
    /// Nobody said a word for 30 min.
    Silence,
    /// The visitor left before anyone claimed it.
    Abandoned,
}

/// Who wrote an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// The visitor.
    Visitor,
    /// An agent.
    Agent(AgentId),
    /// Nobody: the entry tells what happened.
    Concierge,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A message, plain text.
    Text(String),
    /// Something that happened.
    Event(ChatEvent),
    /// The author's message there says this from now on.
    Edited {
        /// The place of the message.
        of: Seq,
        /// Plain text.
        text: String,
    },
    /// The author's message there is taken away.
    Deleted {
        /// The place of the message.
        of: Seq,
    },
    /// A file.
    File(FileCard),
}

/// What can happen in a chat besides messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatEvent {
    /// The visitor accepted an invitation of this agent; `late`: after it had expired or was withdrawn (scenario 4).
    Accepted {
        /// Who had invited.
        by: AgentId,
        /// The answer came after the invitation's end.
        late: bool,
    },
    /// The visitor asked for a person.
    Requested,
    /// An agent claimed the chat.
    Joined(AgentId),
    /// An agent took the chat over from another.
    TakenOver {
        /// Who had it.
        from: AgentId,
        /// Who has it.
        by: AgentId,
    },
    /// The agent could not be reached for 60 s.
    AgentLost(AgentId),
    /// The agent is back.
    AgentBack(AgentId),
    /// The chat went back to the team.
    Returned,
    /// The visitor left the site.
    VisitorLeft,
    /// The visitor came back.
    VisitorBack,
    /// The chat ended.
    Ended(EndReason),
    /// The visitor wrote again after the end.
    Reopened,
    /// The visitor left his e-mail, to be answered there.
    ContactLeft,
    /// An agent handed the chat over to another.
    HandedOver {
        /// Who had it.
        from: AgentId,
        /// Who has it.
        to: AgentId,
    },
    /// An agent handed the chat to a team: it waits there.
    HandedToTeam {
        /// Who had it.
        from: AgentId,
        /// Which team.
        team: TeamId,
    },
}

/// One line of a chat. Both sides see the same entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the chat.
    pub seq: Seq,
    /// When it was stored.
    pub at: Millis,
    /// Who wrote it.
    pub author: Author,
    /// How its sender named it; none for what happened.
    pub client_id: Option<ClientId>,
    /// What it says.
    pub body: Body,
}

impl Entry {
    /// The entry changes an earlier one, and is no line of its own.
    pub fn is_change(&self) -> bool {
        matches!(self.body, Body::Edited { of, .. } | Body::Deleted { of } if of != self.seq)
    }
}

/// Brings the message that the last entry changes to what it says now: its body becomes that of the change. The entries are
/// those of a chat from the first on.
pub fn amend(entries: &mut [Entry]) {
    let Some((last, before)) = entries.split_last_mut() else { return };
    let (Body::Edited { of, .. } | Body::Deleted { of }) = last.body else { return };
    if let Some(message) = before.get_mut((of as usize).wrapping_sub(1))
        && !matches!(message.body, Body::Event(_))
    {
        message.body = core::mem::replace(&mut last.body, Body::Deleted { of });
    }
}

/// How far one side has got in reading the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its client has acknowledged every entry up to here: two ticks.
    pub delivered: Seq,
    /// It has had every entry up to here before its eyes: read.
    pub read: Seq,
}

/// The chat of a visit as the board shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoardChat {
    /// Its name.
    pub id: ChatId,
    /// Where it stands.
    pub state: ChatState,
    /// The team that serves it.
    pub team: Option<TeamId>,
    /// Who is in it; none while unclaimed.
    pub agent: Option<AgentId>,
    /// Grows with every change of state or owner: who takes over says which one he saw.
    pub version: u32,
    /// Since when it waits or is in progress.
    pub since: Millis,
    /// While unclaimed: only this agent may claim it …
    pub reserved_for: Option<AgentId>,
    /// … until then.
    pub reserved_until: Option<Millis>,
    /// While in progress: whether the agent can be reached.
    pub link: AgentConnectivity,
    /// Whether the visitor can be answered when he is gone: then the chat waits on, as a message.
    pub contact: ContactRequest,
    /// The reservation is the team's offer to him, not his own invitation.
    pub offered: bool,
}

/// The chat as the visitor's widget shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorChat {
    /// Its name.
    pub id: ChatId,
    /// Where it stands.
    pub state: ChatState,
    /// Who is in it, or while unclaimed, who is expected ("connecting you to Ann…").
    pub agent: Option<AgentCard>,
    /// Whether the agent can be reached.
    pub link: AgentConnectivity,
    /// The last entry.
    pub head: Seq,
    /// How far the agent has got.
    pub agent_receipt: Receipt,
    /// How far the visitor has got, in all his tabs.
    pub visitor_receipt: Receipt,
    /// Whether he is offered the message form, or has left his e-mail.
    pub contact: ContactRequest,
}

/// The chat as an agent's list and window show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentChat {
    /// The chat.
    pub chat: BoardChat,
    /// The visit it belongs to: its row has the page, the browser and the presence.
    pub visit: VisitId,
    /// The visitor's name or e-mail when known.
    pub visitor_name: Option<String>,
    /// The last entry.
    pub head: Seq,
    /// The last message, cut to 120 characters, and whether the visitor wrote it.
    pub last: Option<LastMessage>,
    /// How far the visitor has got.
    pub visitor_receipt: Receipt,
    /// How far the agents have got.
    pub agent_receipt: Receipt,
    /// The visitor's messages after `agent_receipt.read`.
    pub unread: u32,
    /// The visitor's e-mail when known.
    pub visitor_email: Option<String>,
    /// Its tags, in order.
    pub tags: Vec<String>,
}

/// The last message of a chat, for the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Its text, cut.
    pub text: String,
    /// The visitor wrote it: somebody waits for an answer.
    pub from_visitor: bool,
    /// When.
    pub at: Millis,
}
