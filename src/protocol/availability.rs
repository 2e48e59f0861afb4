//! Whether an agent takes chats. It belongs to the agent, not to a device, and outlives both.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Millis, id::AgentId};

/// Why an agent takes no chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AwayReason {
    /// A break.
    Break,
    /// Lunch.
    Lunch,
    /// A meeting.
    Meeting,
    /// In his own words: 1 to [`crate::limits::AWAY_CHARS`] characters.
    Other(String),
    /// No input in any dashboard of his for long. Nobody says this of himself; the next input ends it.
    Idle,
}

/// Whether an agent takes chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Availability {
    /// Chats that wait are told and offered to him.
    #[default]
    Available,
    /// They are not. What he has, he keeps; what he claims himself, he gets.
    Away {
        /// Why.
        reason: AwayReason,
        /// Since when.
        since: Millis,
    },
}

impl Availability {
    /// He takes chats.
    pub fn is_available(&self) -> bool {
        *self == Self::Available
    }

    /// It was the idleness that sent him away, and nothing else.
    pub fn is_idle(&self) -> bool {
        matches!(self, Self::Away { reason: AwayReason::Idle, .. })
    }
}

/// An agent as the others see him at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// Who.
    pub agent: AgentId,
    /// Whether he takes chats.
    pub availability: Availability,
    /// At least one dashboard of his is connected, or was a moment ago.
    pub is_there: bool,
    /// In how many chats he is.
    pub chats: u32,
}
