//! Organizations, their teams, concierges, and agents, and row counts for reports.

use protocol::{
    Millis,
    agent::{AgentCard, TeamCard},
    id::{AgentId, OrganizationId, TeamId},
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    Actor, ConciergeRecord, Result, Store, agents, audit,
    row::id,
    sql::{self, Db, Row},
};

/// An organization with its agents, concierges, and teams.
#[derive(Clone, Debug)]
pub struct DirectoryRecord {
    /// The organization's name.
    pub organization_name: String,
    /// The organization's agents.
    pub agents: Vec<AgentCard>,
    /// The time zones of agents who have set one.
    pub zones: Vec<(AgentId, String)>,
    /// The organization's concierges.
    pub concierges: Vec<ConciergeRecord>,
    /// The organization's teams.
    pub teams: Vec<TeamCard>,
}

/// The store's row counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The database and its version, such as `SQLite 3.51.3`.
    pub database: String,
    /// The number of organizations.
    pub organizations: u64,
    /// The number of agents.
    pub agents: u64,
    /// The number of concierges.
    pub concierges: u64,
    /// The number of chats in any state.
    pub chats: u64,
    /// The number of messages.
    pub messages: u64,
}

/// An organization's row counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationReport {
    /// The organization's id.
    pub id: OrganizationId,
    /// The organization's name.
    pub name: String,
    /// The number of agents, both active and inactive.
    pub agents: u64,
    /// The number of concierges.
    pub concierges: u64,
    /// The number of chats in any state.
    pub chats: u64,
}

impl Report {
    /// Counts the rows in a database.
    pub(super) async fn of(db: &mut Db) -> sqlx::Result<Self> {
        let version = match db.is_postgres() {
            true => "SELECT 'PostgreSQL ' || current_setting('server_version')",
            false => "SELECT 'SQLite ' || sqlite_version()",
        };
        let database = sql::query_scalar(version).fetch_one(&mut *db).await?;
        let row = sql::query(
            "SELECT (SELECT count(*) FROM organization) AS organizations, \
             (SELECT count(*) FROM agent) AS agents, (SELECT count(*) FROM concierge) AS concierges, \
             (SELECT count(*) FROM chat) AS chats, (SELECT count(*) FROM entry WHERE text IS NOT NULL) AS messages",
        )
        .fetch_one(db)
        .await?;
        Ok(Self {
            database,
            organizations: row.try_get("organizations")?,
            agents: row.try_get("agents")?,
            concierges: row.try_get("concierges")?,
            chats: row.try_get("chats")?,
            messages: row.try_get("messages")?,
        })
    }
}

impl Store {
    /// Counts the rows in the store.
    pub async fn report(&self) -> Result<Report> {
        Ok(Report::of(&mut self.inner.readers.acquire().await?).await?)
    }

    /// Returns the row counts of every organization, oldest first.
    pub async fn organization_reports(&self) -> Result<Vec<OrganizationReport>> {
        let rows = sql::query(
            "SELECT id, name, (SELECT count(*) FROM agent WHERE organization_id = organization.id) AS agents, \
             (SELECT count(*) FROM concierge WHERE organization_id = organization.id) AS concierges, \
             (SELECT count(*) FROM chat WHERE organization_id = organization.id) AS chats \
             FROM organization ORDER BY id",
        )
        .fetch_all(&self.inner.readers)
        .await?;
        let report = |row: &Row| {
            Ok(OrganizationReport {
                id: id(row, "id")?,
                name: row.try_get("name")?,
                agents: row.try_get("agents")?,
                concierges: row.try_get("concierges")?,
                chats: row.try_get("chats")?,
            })
        };
        rows.iter().map(report).collect()
    }

    /// Returns the names of the concierges without a list of sites, which any website can embed. Each follows the name
    /// of its organization.
    pub async fn concierges_for_any_site(&self) -> Result<Vec<(String, String)>> {
        let rows = sql::query(
            "SELECT organization.name AS organization, concierge.name FROM concierge \
             JOIN organization ON organization.id = concierge.organization_id \
             WHERE trim(concierge.sites) = '' ORDER BY organization.id, concierge.name",
        )
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("organization")?, row.try_get("name")?))).collect()
    }

    /// Returns whether there are no organizations.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.first_organization().await?.is_none())
    }

    /// Adds an organization.
    pub async fn add_organization(&self, name: &str) -> Result<OrganizationId> {
        let id = OrganizationId(Uuid::now_v7());
        let name = name.to_owned();
        self.write(move |db| {
            Box::pin(async move {
                sql::query("INSERT INTO organization (id, name) VALUES ($1, $2)")
                    .bind(id.to_string())
                    .bind(name)
                    .execute(db)
                    .await?;
                Ok(id)
            })
        })
        .await
    }

    /// Renames an organization.
    pub async fn rename_organization(&self, by: Actor, name: &str, now: Millis) -> Result<()> {
        let name = name.to_owned();
        self.write(move |db| {
            Box::pin(async move {
                let before: String = sql::query_scalar("SELECT name FROM organization WHERE id = $1")
                    .bind(by.organization.to_string())
                    .fetch_optional(&mut *db)
                    .await?
                    .ok_or(Refusal::NotFound)?;
                sql::query("UPDATE organization SET name = $2 WHERE id = $1")
                    .bind(by.organization.to_string())
                    .bind(&name)
                    .execute(&mut *db)
                    .await?;
                audit::note(db, &by, "organization.renamed", &name, &format!("{before} → {name}"), now).await
            })
        })
        .await
    }

    /// Returns an organization's name.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if it does not exist.
    pub async fn organization_name(&self, organization: OrganizationId) -> Result<String> {
        sql::query_scalar("SELECT name FROM organization WHERE id = $1")
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?
            .ok_or_else(|| Refusal::NotFound.into())
    }

    /// Returns the oldest organization.
    pub async fn first_organization(&self) -> Result<Option<OrganizationId>> {
        Ok(self.organizations().await?.into_iter().next())
    }

    /// Returns every organization, oldest first.
    pub async fn organizations(&self) -> Result<Vec<OrganizationId>> {
        let rows = sql::query("SELECT id FROM organization ORDER BY id").fetch_all(&self.inner.readers).await?;
        rows.iter().map(|row| id(row, "id")).collect()
    }

    /// Returns an organization's oldest team.
    pub async fn first_team(&self, organization: OrganizationId) -> Result<Option<TeamId>> {
        let row = sql::query("SELECT id FROM team WHERE organization_id = $1 ORDER BY id LIMIT 1")
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.map(|row| id(&row, "id")).transpose()
    }

    /// Adds a team.
    pub async fn add_team(&self, organization: OrganizationId, name: &str) -> Result<TeamId> {
        let id = TeamId(Uuid::now_v7());
        let name = name.to_owned();
        self.write(move |db| {
            Box::pin(async move {
                sql::query("INSERT INTO team (id, organization_id, name) VALUES ($1, $2, $3)")
                    .bind(id.to_string())
                    .bind(organization.to_string())
                    .bind(name)
                    .execute(db)
                    .await?;
                Ok(id)
            })
        })
        .await
    }

    /// Adds an agent to a team. Does nothing if the agent is already a member.
    pub async fn join_team(&self, agent: AgentId, team: TeamId) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("INSERT INTO team_agent (team_id, agent_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(team.to_string())
                    .bind(agent.to_string())
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Returns a team's members, regardless of their role.
    pub async fn team_members(&self, team: TeamId) -> Result<Vec<AgentId>> {
        let rows = sql::query("SELECT agent_id FROM team_agent WHERE team_id = $1")
            .bind(team.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(|row| id(row, "agent_id")).collect()
    }

    /// Returns an agent's teams.
    pub async fn teams_of(&self, agent: AgentId) -> Result<Vec<TeamId>> {
        let rows = sql::query("SELECT team_id FROM team_agent WHERE agent_id = $1")
            .bind(agent.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(|row| id(row, "team_id")).collect()
    }

    /// Returns an organization with its agents, concierges, and teams.
    pub async fn directory(&self, organization: OrganizationId) -> Result<DirectoryRecord> {
        let which = organization.to_string();
        let readers = &self.inner.readers;
        let organization_name = sql::query_scalar("SELECT name FROM organization WHERE id = $1")
            .bind(&which)
            .fetch_optional(readers)
            .await?
            .ok_or(Refusal::NotFound)?;
        let people =
            sql::query("SELECT id, name, avatar, time_zone FROM agent WHERE organization_id = $1 ORDER BY name")
                .bind(&which)
                .fetch_all(readers)
                .await?;
        let teams = sql::query("SELECT id, name FROM team WHERE organization_id = $1 ORDER BY position, name")
            .bind(&which)
            .fetch_all(readers)
            .await?;
        Ok(DirectoryRecord {
            organization_name,
            agents: people.iter().map(agents::card).collect::<Result<_>>()?,
            zones: those_with(&people, "time_zone")?,
            concierges: self.concierges(organization).await?,
            teams: teams
                .iter()
                .map(|row| Ok(TeamCard { id: id(row, "id")?, name: row.try_get("name")? }))
                .collect::<Result<_>>()?,
        })
    }
}

/// Returns each agent's value in a nullable column, skipping nulls.
fn those_with(agents: &[Row], column: &str) -> Result<Vec<(AgentId, String)>> {
    let mut found = Vec::new();
    for row in agents {
        if let Some(value) = row.try_get(column)? {
            found.push((id(row, "id")?, value));
        }
    }
    Ok(found)
}
