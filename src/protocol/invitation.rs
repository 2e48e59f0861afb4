//! Invitations, with which agents ask visitors to chat.
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

/// The state of an invitation. The first three states are open; the others are final. Once an invitation has a final
/// state, the database rejects any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InvitationState {
    /// The invitation was durably stored and is on its way.
    Sent,
    /// At least one of the visitor's widgets has received it.
    Delivered,
    /// The invitation was shown in a visible tab.
    Seen,
    /// The visitor accepted.
    Accepted,
    /// The visitor declined, which starts the quiet period.
    Denied,
    /// The visitor did not answer in time.
    Expired,
    /// The agent withdrew it.
    Withdrawn,
    /// The visitor left before answering.
    Left,
}

impl InvitationState {
    /// Returns whether the invitation is still open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Seen)
    }

    /// Returns whether `self -> next` is a valid transition. States can be skipped but never reverted.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Sent, Self::Delivered | Self::Seen) | (Self::Delivered, Self::Seen) => true,
            (from, to) => from.is_open() && !to.is_open(),
        }
    }

    /// Returns the state's name, as used in the database.
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

    /// Parses a name returned by [`Self::as_str`].
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
    /// The visitor clicked `Accept`.
    Accept,
    /// The visitor clicked `Deny`.
    Deny,
}

/// A visit's invitation, as shown on the board: the open one or, during the quiet period, the one that was declined
/// last.
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
    /// When it expires: 10 min after it was sent or 90 s after it was seen, whichever comes first.
    pub expires_at: Millis,
}

/// An invitation, as shown in the visitor's widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorInvitation {
    /// The invitation's ID.
    pub id: InvitationId,
    /// The inviting agent.
    pub by: crate::agent::AgentCard,
    /// The greeting, as plain text.
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
