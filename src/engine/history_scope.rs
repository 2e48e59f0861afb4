//! Which chats an agent may look back at. The one place that decides it: the store asks here, and so do the files that are
//! taken out.

use std::collections::BTreeSet;

use protocol::{
    agent::Role,
    id::{AgentId, TeamId},
};

use crate::permission::Permission;

/// How far back, and how wide, somebody may look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryScope {
    /// Every chat of the organization.
    All,
    /// The chats of these teams and of no team, and those that he was in himself.
    Own {
        /// Who looks.
        agent: AgentId,
        /// The teams that he is in now: who has left a team no longer looks at its chats.
        teams: BTreeSet<TeamId>,
    },
}

impl HistoryScope {
    /// What a role and its teams give to see.
    pub fn of(role: Role, agent: AgentId, teams: BTreeSet<TeamId>) -> Self {
        if role >= Permission::ReadAllHistory.min_role() { Self::All } else { Self::Own { agent, teams } }
    }

    /// Whether a chat is in it: served by this team (none: by everybody), with these agents in it at one time or another.
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
        assert!(ann_looks.contains(None, &[bob]), "what no team serves, everybody serves");
        assert!(ann_looks.contains(Some(support), &[bob, ann]), "she was in it");
        assert!(!ann_looks.contains(Some(support), &[bob]) && !ann_looks.contains(Some(support), &[]));
        for role in [Role::Supervisor, Role::Admin] {
            assert!(HistoryScope::of(role, ann, BTreeSet::new()).contains(Some(support), &[bob]));
        }
    }
}
