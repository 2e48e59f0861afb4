//! Determines which past chats an agent may read. This is the only place where that is decided; the store and the
//! exports use it.

use std::collections::BTreeSet;

use protocol::{
    agent::Role,
    id::{AgentId, TeamId},
};

use crate::permission::Permission;

/// The past chats that an agent may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryScope {
    /// Every chat in the organization.
    All,
    /// Chats that belong to these teams or to no team, and chats in which the agent took part.
    Own {
        /// The agent's ID.
        agent: AgentId,
        /// The agent's current teams. An agent who leaves a team can no longer read its chats.
        teams: BTreeSet<TeamId>,
    },
}

impl HistoryScope {
    /// Returns the scope for an agent with the given role and teams.
    pub fn of(role: Role, agent: AgentId, teams: BTreeSet<TeamId>) -> Self {
        if role >= Permission::ReadAllHistory.min_role() { Self::All } else { Self::Own { agent, teams } }
    }

    /// Returns whether a chat is in scope, given the team that served it (`None` if there was none) and all agents who
    /// took part.
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
        assert!(ann_looks.contains(None, &[bob]), "chats without a team are visible to everyone");
        assert!(ann_looks.contains(Some(support), &[bob, ann]), "the agent took part in the chat");
        assert!(!ann_looks.contains(Some(support), &[bob]) && !ann_looks.contains(Some(support), &[]));
        for role in [Role::Supervisor, Role::Admin] {
            assert!(HistoryScope::of(role, ann, BTreeSet::new()).contains(Some(support), &[bob]));
        }
    }
}
