//! The status of a visit on the board. It is derived rather than stored, so it can never contradict the data it is
//! based on.

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    board::Row,
    chat::{BoardChat, ChatState},
    invitation::{BoardInvitation, InvitationState},
    presence::Presence,
};

/// A visit's STATUS, one of seven fixed labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// A chat is waiting for an agent.
    Unclaimed,
    /// An agent has invited the visitor, who has not answered yet.
    AgentRequested,
    /// An agent is in the chat.
    InProgress,
    /// The visitor is on the site and active.
    Online,
    /// The visitor is on the site but idle or in another tab.
    Inactive,
    /// The chat is over or the visitor has left.
    Ended,
    /// The visitor declined an invitation, and the quiet period has not ended yet.
    UserDenied,
}

impl Status {
    /// Every status, in the order used for sorting the board: waiting visitors come first.
    pub const ALL: [Self; 7] = [
        Self::Unclaimed,
        Self::AgentRequested,
        Self::InProgress,
        Self::Online,
        Self::Inactive,
        Self::UserDenied,
        Self::Ended,
    ];

    /// Returns the status's fixed label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "Unclaimed",
            Self::AgentRequested => "Agent Requested",
            Self::InProgress => "In Progress",
            Self::Online => "Online",
            Self::Inactive => "Inactive",
            Self::Ended => "Ended",
            Self::UserDenied => "User Denied",
        }
    }

    /// Returns the status's name, as used in CSS and URLs.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::AgentRequested => "agent-requested",
            Self::InProgress => "in-progress",
            Self::Online => "online",
            Self::Inactive => "inactive",
            Self::Ended => "ended",
            Self::UserDenied => "user-denied",
        }
    }
}

/// Returns a visit's status, which is determined by the first rule that matches.
pub fn status(
    presence: Presence,
    invitation: Option<&BoardInvitation>,
    chat: Option<&BoardChat>,
    quiet_until: Option<Millis>,
    now: Millis,
) -> Status {
    let chat_state = chat.map(|chat| chat.state);
    let invitation_state = invitation.map(|invitation| invitation.state);
    match (chat_state, invitation_state, presence) {
        (Some(ChatState::InProgress), ..) => Status::InProgress,
        (Some(ChatState::Unclaimed), ..) => Status::Unclaimed,
        (_, Some(state), _) if state.is_open() => Status::AgentRequested,
        (_, Some(InvitationState::Denied), here)
            if here.is_present() && quiet_until.is_some_and(|until| now < until) =>
        {
            Status::UserDenied
        }
        (_, _, Presence::Left) | (Some(ChatState::Ended), _, Presence::Disconnected) => Status::Ended,
        (_, _, Presence::Active) => Status::Online,
        (_, _, Presence::Idle | Presence::Hidden | Presence::Disconnected) => Status::Inactive,
    }
}

impl Row {
    /// Returns the status of this row.
    pub fn status(&self, now: Millis) -> Status {
        status(self.presence, self.invitation.as_ref(), self.chat.as_ref(), self.quiet_until, now)
    }
}

#[cfg(test)]
mod tests;
