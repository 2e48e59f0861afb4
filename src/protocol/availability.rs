//! Whether an agent takes chats. The availability belongs to the agent, not to a device, and outlives every connection.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Millis, id::AgentId};

/// Why an agent takes no chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AwayReason {
    /// Taking a break.
    Break,
    /// At lunch.
    Lunch,
    /// In a meeting.
    Meeting,
    /// A reason of the agent's own, 1 to [`crate::limits::AWAY_CHARS`] characters.
    Other(String),
    /// No input in any of the agent's dashboards for a while. Set automatically only; the next input ends it.
    Idle,
}

/// Whether an agent takes chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Availability {
    /// Waiting chats are announced and offered to the agent.
    #[default]
    Available,
    /// Waiting chats are not announced or offered. The agent keeps current chats and can still claim others.
    Away {
        /// The reason.
        reason: AwayReason,
        /// When it began.
        since: Millis,
    },
}

impl Availability {
    /// Returns whether the agent takes chats.
    pub fn is_available(&self) -> bool {
        *self == Self::Available
    }

    /// Returns whether the agent is away only because of idleness.
    pub fn is_idle(&self) -> bool {
        matches!(self, Self::Away { reason: AwayReason::Idle, .. })
    }
}

/// An agent's current state, as colleagues see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// The agent.
    pub agent: AgentId,
    /// Whether the agent takes chats.
    pub availability: Availability,
    /// Whether at least one of the agent's dashboards is connected, or was a moment ago.
    pub is_there: bool,
    /// The number of chats that the agent is in.
    pub chats: u32,
}
