//! An invitation: one question to one visitor, and how far it got.
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

/// How far an invitation got. The first three are open, the others are final: the first of them wins, in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InvitationState {
    /// Durably stored and on its way.
    Sent,
    /// A widget of the visitor has it.
    Delivered,
    /// It stands before the visitor's eyes, in a visible tab.
    Seen,
    /// The visitor said yes.
    Accepted,
    /// The visitor said no: quiet begins.
    Denied,
    /// Its time ran out.
    Expired,
    /// The agent took it back.
    Withdrawn,
    /// The visitor left before answering.
    Left,
}

impl InvitationState {
    /// Not decided yet.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Seen)
    }

    /// Whether `self -> next` is a step of the machine. Steps may be skipped forward, never taken back.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Sent, Self::Delivered | Self::Seen) | (Self::Delivered, Self::Seen) => true,
            (from, to) => from.is_open() && !to.is_open(),
        }
    }

    /// The word in the database.
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

    /// The state of a word in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Every state, in the order of the machine.
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

/// What a visitor answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// `Accept`.
    Accept,
    /// `Deny`.
    Deny,
}

/// The invitation of a visit as the board shows it: the open one, or the last denied one while its quiet lasts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BoardInvitation {
    /// Its name.
    pub id: InvitationId,
    /// Who invites.
    pub by: AgentId,
    /// How far it got.
    pub state: InvitationState,
    /// When it was sent.
    pub sent_at: Millis,
    /// When it ends by itself: 10 min after sending, or 90 s after it was seen, whichever is first.
    pub expires_at: Millis,
}

/// The invitation as the visitor's widget shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorInvitation {
    /// Its name.
    pub id: InvitationId,
    /// Who invites.
    pub by: crate::agent::AgentCard,
    /// The greeting, plain text.
    pub text: String,
    /// How far it got.
    pub state: InvitationState,
    /// When it ends by itself.
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
