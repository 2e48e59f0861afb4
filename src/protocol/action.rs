//! The call to action in the AGENT cell, derived from the row's status and the agent viewing it.

use crate::{
    Millis,
    agent::Role,
    board::Row,
    chat::{AgentConnectivity, ChatState},
    id::{AgentId, ChatId, InvitationId},
    status::Status,
};

/// What the AGENT cell shows, and what happens when it is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `Invite to Chat`.
    Invite {
        /// Whether the visitor is inactive. If so, the button is less prominent but still works.
        quiet: bool,
    },
    /// The visitor cannot be invited yet, because they recently declined or ignored an invitation.
    Wait {
        /// When the quiet period ends.
        until: Millis,
    },
    /// The visitor has an open invitation.
    Invited {
        /// The invitation.
        invitation: InvitationId,
        /// The inviting agent.
        by: AgentId,
        /// Whether the viewing agent sent it and may therefore `Withdraw` it.
        mine: bool,
    },
    /// `Claim this Chat`.
    Claim(ChatId),
    /// The chat is unclaimed but currently reserved for another agent.
    Reserved {
        /// The agent it is reserved for.
        agent: AgentId,
        /// When the rest of the team may claim it.
        until: Millis,
    },
    /// The viewing agent is in the chat and can open it.
    Open(ChatId),
    /// Another agent is in the chat.
    Owned {
        /// The chat.
        chat: ChatId,
        /// The agent in the chat.
        by: AgentId,
        /// Whether `Take Over the Chat` is shown next to the agent's name.
        may_take_over: bool,
    },
    /// No action.
    None,
}

/// Returns whether someone with this role may take over another agent's chat. Supervisors and admins always may; agents
/// may only while the connection to the chat's agent is lost.
pub fn may_take_over(role: Role, link: AgentConnectivity) -> bool {
    role >= Role::Supervisor || link == AgentConnectivity::Lost
}

/// Returns a row's call to action for the given agent.
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
