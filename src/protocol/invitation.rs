//! An invitation: an agent asks a visitor to chat, and the visitor answers or not.
//!
//! ```text
//! Sent -> Delivered -> Seen -> Accepted | Denied | Expired | Withdrawn | Left
//! ```

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, InvitationId},
};

/// The state of an invitation. The first three states are open, the others are final: the database accepts only the
/// first final state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InvitationState {
    /// Durably stored and on its way.
    Sent,
    /// At least one of the visitor's widgets has received it.
    Delivered,
    /// Shown in a visible tab.
    Seen,
    /// The visitor accepted.
    Accepted,
    /// The visitor denied; the quiet time begins.
    Denied,
    /// Not answered in time.
    Expired,
    /// The agent withdrew it.
    Withdrawn,
    /// The visitor left before answering.
    Left,
}

impl InvitationState {
    /// Returns whether the invitation is undecided.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Seen)
    }

    /// Returns whether `self -> next` is a valid transition. States may be skipped, but never go back.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Sent, Self::Delivered | Self::Seen) | (Self::Delivered, Self::Seen) => true,
            (from, to) => from.is_open() && !to.is_open(),
        }
    }

    /// Returns the state's name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Seen => "seen",
            Self::Accepted => "accepted",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Left => "left",
        }
    }

    /// Parses the result of [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Every state, in the order of the transitions.
    pub const ALL: [Self; 8] = [
        Self::Sent,
        Self::Delivered,
        Self::Seen,
        Self::Accepted,
        Self::Denied,
        Self::Expired,
        Self::Withdrawn,
        Self::Left,
    ];
}

/// A visitor's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// `Accept`.
    Accept,
    /// `Deny`.
    Deny,
}

/// The invitation of a visit, as the board shows it: the open one, or the last denied one during the quiet time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoardInvitation {
    /// The invitation's ID.
    pub id: InvitationId,
    /// The inviting agent.
    pub by: AgentId,
    /// The state.
    pub state: InvitationState,
    /// When it was sent.
    pub sent_at: Millis,
    /// When it expires: 10 min after sending or 90 s after it was seen, whichever is first.
    pub expires_at: Millis,
}

/// The invitation, as the visitor's widget shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorInvitation {
    /// The invitation's ID.
    pub id: InvitationId,
    /// The inviting agent.
    pub by: crate::agent::AgentCard,
    /// The greeting, plain text.
    pub text: String,
    /// The state.
    pub state: InvitationState,
    /// When it expires.
    pub expires_at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;
    use InvitationState::*;

    #[test]
    fn every_transition_of_the_machine() {
        for from in InvitationState::ALL {
            for to in InvitationState::ALL {
                let expected = match from {
                    Sent => to != Sent,
                    Delivered => !matches!(to, Sent | Delivered),
                    Seen => !to.is_open(),
                    _ => false,
                };
                assert_eq!(from.may_become(to), expected, "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn invitation_state_words_round_trip() {
        for state in InvitationState::ALL {
            assert_eq!(InvitationState::from_word(state.as_str()), Some(state));
        }
        assert_eq!(InvitationState::from_word("perhaps"), None);
    }
}
