//! Which past chats an agent may read. This is the only place that decides it; the store and the exports use it.

use std::collections::BTreeSet;

use protocol::{
    agent::Role,
    id::{AgentId, TeamId},
};

use crate::permission::Permission;

/// The past chats that an agent may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryScope {
    /// Every chat of the organization.
    All,
    /// The chats of these teams and of no team, and those in which the agent took part.
    Own {
        /// The agent.
        agent: AgentId,
        /// The agent's current teams. After leaving a team, an agent can no longer read its chats.
        teams: BTreeSet<TeamId>,
    },
}

impl HistoryScope {
    /// Returns the scope of an agent with this role and these teams.
    pub fn of(role: Role, agent: AgentId, teams: BTreeSet<TeamId>) -> Self {
        if role >= Permission::ReadAllHistory.min_role() { Self::All } else { Self::Own { agent, teams } }
    }

    /// Returns whether a chat is in the scope, given the team that served it (`None`: no team) and every agent who took
    /// part.
    pub fn contains(&self, team: Option<TeamId>, past_agents: &[AgentId]) -> bool {
        match self {
            Self::All => true,
            Self::Own { agent, teams } => team.is_none_or(|team| teams.contains(&team)) || past_agents.contains(agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn history_scope_is_own_teams_for_agents_and_everything_above() {
        let [sales, support] = [TeamId(Uuid::now_v7()), TeamId(Uuid::now_v7())];
        let [ann, bob] = [AgentId(Uuid::now_v7()), AgentId(Uuid::now_v7())];
        let ann_looks = HistoryScope::of(Role::Agent, ann, [sales].into());
        assert!(ann_looks.contains(Some(sales), &[]) && ann_looks.contains(Some(sales), &[bob]));
        assert!(ann_looks.contains(None, &[bob]), "chats without a team are visible to everybody");
        assert!(ann_looks.contains(Some(support), &[bob, ann]), "the agent took part in the chat");
        assert!(!ann_looks.contains(Some(support), &[bob]) && !ann_looks.contains(Some(support), &[]));
        for role in [Role::Supervisor, Role::Admin] {
            assert!(HistoryScope::of(role, ann, BTreeSet::new()).contains(Some(support), &[bob]));
        }
    }
}
