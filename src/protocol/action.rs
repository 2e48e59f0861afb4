//! The call to action in the AGENT cell. It follows from the status and from who is looking.

use crate::{
    Millis,
    agent::Role,
    board::Row,
    chat::{AgentConnectivity, ChatState},
    id::{AgentId, ChatId, InvitationId},
    status::Status,
};

/// What the AGENT cell shows and what a click there does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `Invite to Chat`; `quiet` (in look, not in right) when the visitor is inactive.
    Invite {
        /// The visitor is inactive.
        quiet: bool,
    },
    /// No invitation before then: the visitor denied, or did not answer.
    Wait {
        /// The end of the quiet time.
        until: Millis,
    },
    /// An invitation is open.
    Invited {
        /// The invitation.
        invitation: InvitationId,
        /// Who invites.
        by: AgentId,
        /// It is mine: `Withdraw`.
        mine: bool,
    },
    /// `Claim this Chat`.
    Claim(ChatId),
    /// Unclaimed, but for another agent until then.
    Reserved {
        /// The agent who had invited.
        agent: AgentId,
        /// When the whole team may claim.
        until: Millis,
    },
    /// The way into my chat.
    Open(ChatId),
    /// Another agent is in the chat.
    Owned {
        /// The chat.
        chat: ChatId,
        /// Who.
        by: AgentId,
        /// `Take Over the Chat` stands beside the name.
        may_take_over: bool,
    },
    /// Nothing to do.
    None,
}

/// Whether this role may take a chat over from its agent: supervisors and admins always, an agent when the owner is lost.
pub fn may_take_over(role: Role, link: AgentConnectivity) -> bool {
    role >= Role::Supervisor || link == AgentConnectivity::Lost
}

/// The call to action of a row for one agent.
pub fn action(row: &Row, me: AgentId, role: Role, now: Millis) -> Action {
    match row.status(now) {
        Status::InProgress | Status::Unclaimed => match &row.chat {
            Some(chat) if chat.state == ChatState::Unclaimed => match (chat.reserved_for, chat.reserved_until) {
                (Some(agent), Some(until)) if agent != me && now < until => Action::Reserved { agent, until },
                _ => Action::Claim(chat.id),
            },
            Some(chat) if chat.agent == Some(me) => Action::Open(chat.id),
            Some(chat) => chat.agent.map_or(Action::Claim(chat.id), |by| Action::Owned {
                chat: chat.id,
                by,
                may_take_over: may_take_over(role, chat.link),
            }),
            None => Action::None,
        },
        Status::AgentRequested => row.invitation.as_ref().map_or(Action::None, |invitation| Action::Invited {
            invitation: invitation.id,
            by: invitation.by,
            mine: invitation.by == me,
        }),
        Status::Ended => Action::None,
        status => match row.quiet_until {
            Some(until) if now < until => Action::Wait { until },
            _ => Action::Invite { quiet: status == Status::Inactive },
        },
    }
}

#[cfg(test)]
mod tests;
