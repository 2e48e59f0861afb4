//! Whether an agent is taking chats. Availability belongs to the agent rather than to a device, and it survives
//! disconnects.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Millis, id::AgentId};

/// Why an agent isn't taking chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AwayReason {
    /// Taking a break.
    Break,
    /// At lunch.
    Lunch,
    /// In a meeting.
    Meeting,
    /// A custom reason, 1 to [`crate::limits::AWAY_CHARS`] characters long.
    Other(String),
    /// None of the agent's dashboards has received input for a while. Only set automatically, and cleared on the next
    /// input.
    Idle,
}

/// Whether an agent is taking chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Availability {
    /// Waiting chats are announced and offered to the agent.
    #[default]
    Available,
    /// Waiting chats are not announced or offered to the agent. The agent keeps their current chats and can still claim
    /// others.
    Away {
        /// Why the agent is away.
        reason: AwayReason,
        /// When the agent went away.
        since: Millis,
    },
}

impl Availability {
    /// Returns whether the agent is taking chats.
    pub fn is_available(&self) -> bool {
        *self == Self::Available
    }

    /// Returns whether the agent is away only because they were idle.
    pub fn is_idle(&self) -> bool {
        matches!(self, Self::Away { reason: AwayReason::Idle, .. })
    }
}

/// An agent's current state, as colleagues see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The agent.
    pub agent: AgentId,
    /// Whether the agent is taking chats.
    pub availability: Availability,
    /// Whether at least one of the agent's dashboards is connected or was connected a moment ago.
    pub is_there: bool,
    /// How many chats the agent is in.
    pub chats: u32,
}
