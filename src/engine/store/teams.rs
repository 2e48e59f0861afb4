//! Teams with their names, members, and order.

use std::collections::BTreeSet;

use protocol::{
    Millis,
    id::{AgentId, OrganizationId, TeamId},
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    Actor, Result, Store, audit,
    row::id,
    sql::{self, Db},
};

/// A team with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRecord {
    /// The team's id.
    pub id: TeamId,
    /// The team's name.
    pub name: String,
    /// The members, both active and inactive.
    pub members: Vec<AgentId>,
}

impl Store {
    /// Returns an organization's teams, in display order.
    pub async fn teams(&self, organization: OrganizationId) -> Result<Vec<TeamRecord>> {
        let teams = sql::query("SELECT id, name FROM team WHERE organization_id = $1 ORDER BY position, name, id")
            .bind(organization.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        let mut found = Vec::with_capacity(teams.len());
        for row in teams {
            let team = id(&row, "id")?;
            found.push(TeamRecord { id: team, name: row.try_get("name")?, members: self.team_members(team).await? });
        }
        Ok(found)
    }

    /// Adds a team, or replaces the name and members of an existing one. Agents from other organizations are skipped.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the team does not belong to the organization.
    pub async fn save_team(
        &self,
        by: Actor,
        team: Option<TeamId>,
        name: String,
        members: Vec<AgentId>,
        now: Millis,
    ) -> Result<(TeamId, Vec<AgentId>)> {
        self.write(move |db| {
            Box::pin(async move {
                let (id, what) = match team {
                    Some(team) => (team, "team.changed"),
                    None => (TeamId(Uuid::now_v7()), "team.added"),
                };
                put_name(db, by.organization, id, team.is_some(), &name).await?;
                let before = members_of(db, id).await?;
                put_members(db, by.organization, id, &members).await?;
                let after = members_of(db, id).await?;
                let detail = format!("members {} → {}", before.len(), after.len());
                audit::note(db, &by, what, &name, &detail, now).await?;
                Ok((id, before.symmetric_difference(&after).copied().collect()))
            })
        })
        .await
    }

    /// Moves a team up by one position.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the team does not belong to the organization.
    pub async fn move_team_up(&self, by: Actor, team: TeamId, now: Millis) -> Result<()> {
        let mut order: Vec<TeamRecord> = self.teams(by.organization).await?;
        let at = order.iter().position(|one| one.id == team).ok_or(Refusal::NotFound)?;
        order.swap(at, at.saturating_sub(1));
        self.write(move |db| {
            Box::pin(async move {
                for (place, one) in (0_i64..).zip(&order) {
                    sql::query("UPDATE team SET position = $2 WHERE id = $1")
                        .bind(one.id.to_string())
                        .bind(place)
                        .execute(&mut *db)
                        .await?;
                }
                let name = order.iter().find(|one| one.id == team).map_or("", |one| &one.name);
                audit::note(db, &by, "team.moved", name, "", now).await
            })
        })
        .await
    }
}

async fn put_name(db: &mut Db, organization: OrganizationId, team: TeamId, is_known: bool, name: &str) -> Result<()> {
    let text = if is_known {
        "UPDATE team SET name = $3 WHERE id = $1 AND organization_id = $2"
    } else {
        "INSERT INTO team (id, organization_id, name, position) \
         VALUES ($1, $2, $3, (SELECT coalesce(max(position), 0) + 1 FROM team WHERE organization_id = $2))"
    };
    let done = sql::query(text).bind(team.to_string()).bind(organization.to_string()).bind(name).execute(db).await?;
    if done.rows_affected() == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
}

async fn members_of(db: &mut Db, team: TeamId) -> Result<BTreeSet<AgentId>> {
    let rows = sql::query("SELECT agent_id FROM team_agent WHERE team_id = $1").bind(team.to_string());
    rows.fetch_all(db).await?.iter().map(|row| id(row, "agent_id")).collect()
}

/// Returns an agent's teams, as part of the caller's transaction.
pub(super) async fn teams_of(db: &mut Db, agent: AgentId) -> Result<BTreeSet<TeamId>> {
    let rows = sql::query("SELECT team_id FROM team_agent WHERE agent_id = $1").bind(agent.to_string());
    rows.fetch_all(db).await?.iter().map(|row| id(row, "team_id")).collect()
}

async fn put_members(db: &mut Db, organization: OrganizationId, team: TeamId, members: &[AgentId]) -> Result<()> {
    sql::query("DELETE FROM team_agent WHERE team_id = $1").bind(team.to_string()).execute(&mut *db).await?;
    for member in members {
        let put = sql::query(
            "INSERT INTO team_agent (team_id, agent_id) SELECT $1, id FROM agent \
             WHERE id = $2 AND organization_id = $3 ON CONFLICT DO NOTHING",
        );
        put.bind(team.to_string()).bind(member.to_string()).bind(organization.to_string()).execute(&mut *db).await?;
    }
    Ok(())
}

/// Replaces an agent's team memberships with these teams. Returns [`Refusal::NotFound`] if a team belongs to another
/// organization.
pub(super) async fn add_to_teams(
    db: &mut Db,
    organization: OrganizationId,
    agent: AgentId,
    teams: &[TeamId],
) -> Result<()> {
    sql::query("DELETE FROM team_agent WHERE agent_id = $1").bind(agent.to_string()).execute(&mut *db).await?;
    for team in teams {
        let put = sql::query(
            "INSERT INTO team_agent (team_id, agent_id) SELECT id, $2 FROM team WHERE id = $1 AND organization_id = $3 \
             ON CONFLICT (team_id, agent_id) DO UPDATE SET agent_id = excluded.agent_id",
        );
        let put = put.bind(team.to_string()).bind(agent.to_string()).bind(organization.to_string());
        if put.execute(&mut *db).await?.rows_affected() == 0 {
            return Err(Refusal::NotFound.into());
        }
    }
    Ok(())
}
