//! Organizations, teams, agents and concierges: what is set up before anyone visits.

use protocol::{
    agent::{AgentCard, Role, TeamCard},
    concierge::{Look, Privacy, Side},
    id::{AgentId, ConciergeId, ConciergeKey, OrganizationId, TeamId},
    refusal::Refusal,
    words::Language,
};
use sqlx::{Row as _, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    Result, Store,
    row::{id, optional_id, unreadable},
};

/// A concierge to be added.
#[derive(Clone, Debug)]
pub struct NewConcierge {
    /// Whose.
    pub organization: OrganizationId,
    /// The key of its embed line.
    pub key: ConciergeKey,
    /// Its name on the board.
    pub name: String,
    /// The origins it serves.
    pub sites: Vec<String>,
    /// The team its chats go to; none: everybody.
    pub team: Option<TeamId>,
    /// How it looks and speaks.
    pub look: Look,
    /// What may be kept in the browser.
    pub privacy: Privacy,
    /// What an invitation is pre-filled with.
    pub invitation: String,
}

/// A concierge.
#[derive(Clone, Debug)]
pub struct ConciergeRecord {
    /// Which.
    pub id: ConciergeId,
    /// Whose.
    pub organization: OrganizationId,
    /// The key of its embed line.
    pub key: ConciergeKey,
    /// Its name on the board.
    pub name: String,
    /// The origins it serves.
    pub sites: Vec<String>,
    /// The team its chats go to; none: everybody.
    pub team: Option<TeamId>,
    /// How it looks and speaks.
    pub look: Look,
    /// What may be kept in the browser.
    pub privacy: Privacy,
    /// What an invitation is pre-filled with.
    pub invitation: String,
    /// It serves nobody for now.
    pub paused: bool,
}

/// An agent to be added.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// Of which organization.
    pub organization: OrganizationId,
    /// First and last name.
    pub name: String,
    /// What he signs in with.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// Of [`crate::sessions::hash_password`].
    pub password_hash: String,
    /// The most chats he may be in at once.
    pub max_chats: u32,
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentRecord {
    /// Which.
    pub id: AgentId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// First and last name.
    pub name: String,
    /// What he signs in with, in lower case.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// Argon2id, as a PHC string.
    pub password_hash: String,
    /// He may sign in.
    pub active: bool,
}

/// Everybody and everything of an organization.
#[derive(Clone, Debug)]
pub struct DirectoryRecord {
    /// The name of the organization.
    pub organization_name: String,
    /// Its agents.
    pub agents: Vec<AgentCard>,
    /// Its concierges.
    pub concierges: Vec<ConciergeRecord>,
    /// Its teams.
    pub teams: Vec<TeamCard>,
}

/// What is in the store, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The version of SQLite that is built in.
    pub sqlite: String,
    /// Organizations.
    pub organizations: u64,
    /// Agents.
    pub agents: u64,
    /// Concierges.
    pub concierges: u64,
    /// Chats, whatever their state.
    pub chats: u64,
    /// Messages.
    pub messages: u64,
}

macro_rules! concierges {
    ($which:literal) => {
        concat!(
            "SELECT id, organization_id, key, name, sites, team_id, title, greeting, colour, side, language, privacy, \
             invitation, paused FROM concierge ",
            $which
        )
    };
}

impl Store {
    /// Counts what there is.
    pub async fn report(&self) -> Result<Report> {
        let row = sqlx::query(
            "SELECT sqlite_version() AS sqlite, (SELECT count(*) FROM organization) AS organizations, \
             (SELECT count(*) FROM agent) AS agents, (SELECT count(*) FROM concierge) AS concierges, \
             (SELECT count(*) FROM chat) AS chats, (SELECT count(*) FROM entry WHERE text IS NOT NULL) AS messages",
        )
        .fetch_one(&self.inner.readers)
        .await?;
        Ok(Report {
            sqlite: row.try_get("sqlite")?,
            organizations: row.try_get("organizations")?,
            agents: row.try_get("agents")?,
            concierges: row.try_get("concierges")?,
            chats: row.try_get("chats")?,
            messages: row.try_get("messages")?,
        })
    }

    /// Whether nothing has been set up.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.first_organization().await?.is_none())
    }

    /// Adds an organization.
    pub async fn add_organization(&self, name: &str) -> Result<OrganizationId> {
        let id = OrganizationId(Uuid::now_v7());
        let name = name.to_owned();
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query("INSERT INTO organization (id, name) VALUES ($1, $2)")
                    .bind(id.to_string())
                    .bind(name)
                    .execute(db)
                    .await?;
                Ok(id)
            })
        })
        .await
    }

    /// The organization that was there first.
    pub async fn first_organization(&self) -> Result<Option<OrganizationId>> {
        Ok(self.organizations().await?.into_iter().next())
    }

    /// Every organization, the oldest first.
    pub async fn organizations(&self) -> Result<Vec<OrganizationId>> {
        let rows = sqlx::query("SELECT id FROM organization ORDER BY id").fetch_all(&self.inner.readers).await?;
        rows.iter().map(|row| id(row, "id")).collect()
    }

    /// Adds a team.
    pub async fn add_team(&self, organization: OrganizationId, name: &str) -> Result<TeamId> {
        let id = TeamId(Uuid::now_v7());
        let name = name.to_owned();
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query("INSERT INTO team (id, organization_id, name) VALUES ($1, $2, $3)")
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

    /// Adds a concierge. A key that exists already is a failure.
    pub async fn add_concierge(&self, new: NewConcierge) -> Result<ConciergeId> {
        let id = ConciergeId(Uuid::now_v7());
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO concierge (id, organization_id, key, name, sites, team_id, title, greeting, colour, \
                     side, language, privacy, invitation) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                )
                .bind(id.to_string())
                .bind(new.organization.to_string())
                .bind(new.key.0)
                .bind(new.name)
                .bind(new.sites.join("\n"))
                .bind(new.team.map(|team| team.to_string()))
                .bind(new.look.title)
                .bind(new.look.greeting)
                .bind(new.look.colour)
                .bind(new.look.side.as_str())
                .bind(new.look.language.tag())
                .bind(new.privacy.as_str())
                .bind(new.invitation)
                .execute(db)
                .await?;
                Ok(id)
            })
        })
        .await
    }

    /// Adds an agent. An e-mail that exists already is a failure.
    pub async fn add_agent(&self, new: NewAgent) -> Result<AgentId> {
        let id = AgentId(Uuid::now_v7());
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO agent (id, organization_id, name, email, role, password_hash, max_chats) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(id.to_string())
                .bind(new.organization.to_string())
                .bind(new.name)
                .bind(plain_email(&new.email))
                .bind(new.role.as_str())
                .bind(new.password_hash)
                .bind(new.max_chats)
                .execute(db)
                .await?;
                Ok(id)
            })
        })
        .await
    }

    /// Puts an agent into a team; once is enough.
    pub async fn join_team(&self, agent: AgentId, team: TeamId) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query("INSERT INTO team_agent (team_id, agent_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(team.to_string())
                    .bind(agent.to_string())
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Gives an agent a new password and ends every session of his.
    pub async fn set_password(&self, email: &str, password_hash: &str) -> Result<AgentId> {
        let (email, password_hash) = (plain_email(email), password_hash.to_owned());
        let (agent, ended) = self
            .write(move |db| {
                Box::pin(async move {
                    let agent: AgentId =
                        sqlx::query("UPDATE agent SET password_hash = $1 WHERE email = $2 RETURNING id")
                            .bind(password_hash)
                            .bind(email)
                            .fetch_optional(&mut *db)
                            .await?
                            .map_or(Err(Refusal::NotFound.into()), |row| id(&row, "id"))?;
                    Ok((agent, super::sessions::end_all(db, agent).await?))
                })
            })
            .await?;
        self.tell_ended(ended);
        Ok(agent)
    }

    /// The concierge of an embed line.
    pub async fn concierge_by_key(&self, key: &ConciergeKey) -> Result<Option<ConciergeRecord>> {
        let row = sqlx::query(concierges!("WHERE key = $1")).bind(&key.0).fetch_optional(&self.inner.readers).await?;
        row.as_ref().map(concierge).transpose()
    }

    /// Everybody and everything of an organization.
    pub async fn directory(&self, organization: OrganizationId) -> Result<DirectoryRecord> {
        let which = organization.to_string();
        let readers = &self.inner.readers;
        let organization_name = sqlx::query_scalar("SELECT name FROM organization WHERE id = $1")
            .bind(&which)
            .fetch_optional(readers)
            .await?
            .ok_or(Refusal::NotFound)?;
        let agents = sqlx::query("SELECT id, name FROM agent WHERE organization_id = $1 ORDER BY name")
            .bind(&which)
            .fetch_all(readers)
            .await?;
        let concierges = sqlx::query(concierges!("WHERE organization_id = $1 ORDER BY name"))
            .bind(&which)
            .fetch_all(readers)
            .await?;
        let teams = sqlx::query("SELECT id, name FROM team WHERE organization_id = $1 ORDER BY name")
            .bind(&which)
            .fetch_all(readers)
            .await?;
        Ok(DirectoryRecord {
            organization_name,
            agents: agents
                .iter()
                .map(|row| Ok(AgentCard { id: id(row, "id")?, name: row.try_get("name")? }))
                .collect::<Result<_>>()?,
            concierges: concierges.iter().map(concierge).collect::<Result<_>>()?,
            teams: teams
                .iter()
                .map(|row| Ok(TeamCard { id: id(row, "id")?, name: row.try_get("name")? }))
                .collect::<Result<_>>()?,
        })
    }

    /// Who signs in with this e-mail.
    pub async fn agent_by_email(&self, email: &str) -> Result<Option<AgentRecord>> {
        let row = sqlx::query(
            "SELECT id, organization_id, name, email, role, password_hash, active FROM agent WHERE email = $1",
        )
        .bind(plain_email(email))
        .fetch_optional(&self.inner.readers)
        .await?;
        row.map(|row| {
            Ok(AgentRecord {
                id: id(&row, "id")?,
                organization: id(&row, "organization_id")?,
                name: row.try_get("name")?,
                email: row.try_get("email")?,
                role: role(&row)?,
                password_hash: row.try_get("password_hash")?,
                active: row.try_get("active")?,
            })
        })
        .transpose()
    }
}

pub(super) fn role(row: &SqliteRow) -> Result<Role> {
    let word: &str = row.try_get("role")?;
    Role::from_word(word).ok_or_else(|| unreadable("role", word))
}

fn plain_email(email: &str) -> String {
    email.trim().to_lowercase()
}

fn concierge(row: &SqliteRow) -> Result<ConciergeRecord> {
    let sites: &str = row.try_get("sites")?;
    Ok(ConciergeRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        key: ConciergeKey(row.try_get("key")?),
        name: row.try_get("name")?,
        sites: sites.lines().map(str::to_owned).collect(),
        team: optional_id(row, "team_id")?,
        look: Look {
            title: row.try_get("title")?,
            greeting: row.try_get("greeting")?,
            colour: row.try_get("colour")?,
            side: if row.try_get::<&str, _>("side")? == Side::Left.as_str() { Side::Left } else { Side::Right },
            language: Language::from_tag(row.try_get("language")?),
        },
        privacy: Privacy::from_word(row.try_get("privacy")?),
        invitation: row.try_get("invitation")?,
        paused: row.try_get("paused")?,
    })
}
