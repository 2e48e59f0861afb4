//! The call to action in the AGENT cell, derived from the row's status and the agent viewing it.

use alloc::vec::Vec;

use crate::{
    Millis,
    agent::Role,
    board::Row,
    chat::{AgentConnectivity, BoardChat, ChatState},
    id::{AgentId, ChatId, InvitationId, TeamId},
    status::Status,
};

/// The agent who looks at the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The agent.
    pub agent: AgentId,
    /// The agent's role.
    pub role: Role,
    /// The agent's teams.
    pub teams: Vec<TeamId>,
}

impl Viewer {
    /// Returns whether the agent serves the chats of a team (`None`: of no team): supervisors and admins those of all,
    /// agents those of their teams.
    pub fn serves(&self, team: Option<TeamId>) -> bool {
        self.role >= Role::Supervisor || team.is_none_or(|team| self.teams.contains(&team))
    }

    /// Returns whether the agent may claim an unclaimed chat, once it is not reserved for somebody else.
    pub fn may_claim(&self, chat: &BoardChat) -> bool {
        chat.reserved_for == Some(self.agent) || self.serves(chat.team)
    }

    /// Returns whether the agent may take a chat over from its agent.
    pub fn may_take_over(&self, chat: &BoardChat) -> bool {
        may_take_over(self.role, chat.link) && self.serves(chat.team)
    }
}

/// What the AGENT cell shows, and what a click on it does.
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
    /// Unclaimed, but the looking agent does not serve this team.
    WaitsForTeam(TeamId),
    /// Opens the looking agent's own chat.
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

/// Returns the call to action of a row for one agent.
pub fn action(row: &Row, viewer: &Viewer, now: Millis) -> Action {
    let me = viewer.agent;
    match row.status(now) {
        Status::InProgress | Status::Unclaimed => match &row.chat {
            Some(chat) if chat.state == ChatState::Unclaimed => match (chat.reserved_for, chat.reserved_until) {
                (Some(agent), Some(until)) if agent != me && now < until => Action::Reserved { agent, until },
                _ => chat.team.filter(|_| !viewer.may_claim(chat)).map_or(Action::Claim(chat.id), Action::WaitsForTeam),
            },
            Some(chat) if chat.agent == Some(me) => Action::Open(chat.id),
            Some(chat) => chat.agent.map_or(Action::Claim(chat.id), |by| Action::Owned {
                chat: chat.id,
                by,
                may_take_over: viewer.may_take_over(chat),
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
