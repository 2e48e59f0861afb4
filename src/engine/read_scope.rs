//! Which chats an agent may read. This is the only place that decides it: history, export, opening a chat, its entries,
//! notes and files, and live frames. `store::history` has the same rule in SQL, and a test compares the two.

use std::collections::BTreeSet;

use protocol::{
    agent::Role,
    chat::ChatState,
    id::{AgentId, TeamId},
};

use crate::{permission::Permission, store::ChatRecord};

/// The chats that an agent may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadScope {
    /// Every chat of the organization.
    All,
    /// Those that wait for or were served by these teams or no team, those reserved for the agent, and those that the
    /// agent is or was in. A colleague's chat in progress is not among them: observing needs [`Permission::Supervise`].
    Own {
        /// The agent.
        agent: AgentId,
        /// The agent's current teams. After leaving a team, an agent can no longer read its chats.
        teams: BTreeSet<TeamId>,
    },
}

impl ReadScope {
    /// Returns the scope of an agent with this role and these teams.
    pub fn of(role: Role, agent: AgentId, teams: BTreeSet<TeamId>) -> Self {
        if role >= Permission::ReadAllHistory.min_role() { Self::All } else { Self::Own { agent, teams } }
    }

    /// Returns whether the agent may read a chat in its current state.
    pub fn contains(&self, chat: &ChatRecord) -> bool {
        match self {
            Self::All => true,
            Self::Own { agent, .. } => {
                let is_for_the_team = chat.state != ChatState::InProgress && self.serves(chat.team);
                is_for_the_team || chat.reserved_for == Some(*agent) || chat.past_agents.contains(agent)
            }
        }
    }

    /// Returns whether the agent serves the chats of a team (`None`: of no team), so that they may claim them, and take
    /// them over from an agent who is lost.
    pub fn serves(&self, team: Option<TeamId>) -> bool {
        match self {
            Self::All => true,
            Self::Own { teams, .. } => team.is_none_or(|team| teams.contains(&team)),
        }
    }
}
