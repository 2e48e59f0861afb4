//! The people in an organization, as seen and edited by admins.

use std::collections::HashSet;

use protocol::{
    Millis,
    agent::Role,
    id::{AgentId, OrganizationId, TeamId},
    language::Language,
    refusal::Refusal,
};

use super::{
    Actor, Result, Store, audit,
    row::id,
    row::{language, role},
    sessions,
    sql::{self, Db, Row},
    teams,
};

/// An agent, as seen by an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRecord {
    /// The agent's id.
    pub id: AgentId,
    /// First and last name.
    pub name: String,
    /// The email address to sign in with.
    pub email: String,
    /// The agent's role.
    pub role: Role,
    /// The maximum number of concurrent chats.
    pub max_chats: u32,
    /// Whether the agent may sign in.
    pub active: bool,
    /// The agent's teams.
    pub teams: Vec<TeamId>,
    /// The randomly generated file name of the avatar.
    pub avatar: Option<String>,
    /// When the second factor was enabled (`None` if it is not).
    pub totp_since: Option<Millis>,
    /// The agent's time zone (`None` to use the browser's).
    pub time_zone: Option<String>,
    /// The language of the agent's dashboard.
    pub language: Language,
}

/// The settings that agents can change in their own profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileSettings {
    /// First and last name.
    pub name: String,
    /// The time zone (`None` to use the browser's).
    pub time_zone: Option<String>,
    /// The language of the dashboard.
    pub language: Language,
}

/// The settings that an admin can change for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSettings {
    /// First and last name.
    pub name: String,
    /// The agent's role.
    pub role: Role,
    /// The maximum number of concurrent chats.
    pub max_chats: u32,
    /// The agent's teams.
    pub teams: Vec<TeamId>,
}

impl Store {
    /// Returns the people in an organization, sorted by name. Deactivated people come last.
    pub async fn people(&self, organization: OrganizationId) -> Result<Vec<PersonRecord>> {
        let rows = sql::query("SELECT * FROM agent WHERE organization_id = $1 ORDER BY active DESC, name, id")
            .bind(organization.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        let mut people = Vec::with_capacity(rows.len());
        for row in &rows {
            people.push(self.with_teams(person(row)?).await?);
        }
        Ok(people)
    }

    /// Returns a person if they belong to the organization.
    pub async fn person(&self, organization: OrganizationId, agent: AgentId) -> Result<Option<PersonRecord>> {
        let row = sql::query("SELECT * FROM agent WHERE id = $1 AND organization_id = $2")
            .bind(agent.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        match row {
            Some(row) => Ok(Some(self.with_teams(person(&row)?).await?)),
            None => Ok(None),
        }
    }

    async fn with_teams(&self, mut person: PersonRecord) -> Result<PersonRecord> {
        let rows = sql::query("SELECT team_id FROM team_agent WHERE agent_id = $1 ORDER BY team_id")
            .bind(person.id.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        person.teams = rows.iter().map(|row| id(row, "team_id")).collect::<Result<_>>()?;
        Ok(person)
    }

    /// Changes the settings that an admin controls. Returns whether the role or the teams changed.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent or a team does not belong to the organization, and `LastAdmin` if no
    /// active admin would remain.
    pub async fn change_person(&self, by: Actor, agent: AgentId, to: PersonSettings, now: Millis) -> Result<bool> {
        self.write(move |db| {
            Box::pin(async move {
                let before = load_person(db, by.organization, agent).await?;
                sql::query("UPDATE agent SET name = $2, role = $3, max_chats = $4 WHERE id = $1")
                    .bind(agent.to_string())
                    .bind(&to.name)
                    .bind(to.role.as_str())
                    .bind(to.max_chats)
                    .execute(&mut *db)
                    .await?;
                let teams_before = teams::teams_of(db, agent).await?;
                teams::add_to_teams(db, by.organization, agent, &to.teams).await?;
                let teams_changed = teams::teams_of(db, agent).await? != teams_before;
                require_admin_left(db, by.organization).await?;
                let role_changed = before.role != to.role;
                let detail = if role_changed {
                    format!("{} → {}", before.role.as_str(), to.role.as_str())
                } else {
                    format!("{} chats, {} teams", to.max_chats, to.teams.len())
                };
                let what = if role_changed { "agent.role" } else { "agent.changed" };
                audit::note(db, &by, what, &to.name, &detail, now).await?;
                Ok(role_changed || teams_changed)
            })
        })
        .await
    }

    /// Activates or deactivates an agent. Deactivation ends all of the agent's sessions.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent does not belong to the organization, and `LastAdmin` if no active
    /// admin would remain.
    pub async fn set_person_active(&self, by: Actor, agent: AgentId, active: bool, now: Millis) -> Result<()> {
        let ended = self
            .write(move |db| {
                Box::pin(async move {
                    let before = load_person(db, by.organization, agent).await?;
                    sql::query("UPDATE agent SET active = $2 WHERE id = $1")
                        .bind(agent.to_string())
                        .bind(active)
                        .execute(&mut *db)
                        .await?;
                    require_admin_left(db, by.organization).await?;
                    let ended = if active { Vec::new() } else { sessions::end_sessions(db, agent).await? };
                    let what = if active { "agent.reactivated" } else { "agent.deactivated" };
                    audit::note(db, &by, what, &before.name, "", now).await?;
                    Ok(ended)
                })
            })
            .await?;
        self.notify_ended(ended);
        Ok(())
    }

    /// Changes an agent's own profile.
    pub async fn change_profile(&self, by: Actor, agent: AgentId, to: ProfileSettings, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let before = load_person(db, by.organization, agent).await?;
                sql::query("UPDATE agent SET name = $2, time_zone = $3, language = $4 WHERE id = $1")
                    .bind(agent.to_string())
                    .bind(&to.name)
                    .bind(to.time_zone)
                    .bind(to.language.tag())
                    .execute(&mut *db)
                    .await?;
                audit::note(db, &by, "account.changed", &to.name, &format!("{} → {}", before.name, to.name), now).await
            })
        })
        .await
    }

    /// Sets or removes an agent's avatar. Returns the file name of the previous one.
    pub async fn set_avatar(
        &self,
        by: Actor,
        agent: AgentId,
        avatar: Option<String>,
        now: Millis,
    ) -> Result<Option<String>> {
        self.write(move |db| {
            Box::pin(async move {
                let before = load_person(db, by.organization, agent).await?;
                sql::query("UPDATE agent SET avatar = $2 WHERE id = $1")
                    .bind(agent.to_string())
                    .bind(avatar)
                    .execute(&mut *db)
                    .await?;
                audit::note(db, &by, "account.avatar", &before.name, "", now).await?;
                Ok(before.avatar)
            })
        })
        .await
    }

    /// Returns the file names of all avatars in all organizations.
    pub async fn known_avatars(&self) -> Result<HashSet<String>> {
        let names = sql::query_scalar("SELECT avatar FROM agent WHERE avatar IS NOT NULL");
        Ok(names.fetch_all(&self.inner.readers).await?.into_iter().collect())
    }

    /// Returns whether any active agent has the avatar with this file name.
    pub async fn is_a_face(&self, name: String) -> Result<bool> {
        let found = sql::query("SELECT id FROM agent WHERE active = 1 AND avatar = $1").bind(name);
        Ok(found.fetch_optional(&self.inner.readers).await?.is_some())
    }

    /// Returns whether any agent in this organization has the avatar with this file name.
    pub async fn has_avatar(&self, organization: OrganizationId, name: String) -> Result<bool> {
        let found = sql::query("SELECT id FROM agent WHERE organization_id = $1 AND avatar = $2")
            .bind(organization.to_string())
            .bind(name)
            .fetch_optional(&self.inner.readers)
            .await?;
        Ok(found.is_some())
    }
}

pub(super) async fn load_person(db: &mut Db, organization: OrganizationId, agent: AgentId) -> Result<PersonRecord> {
    let row = sql::query("SELECT * FROM agent WHERE id = $1 AND organization_id = $2")
        .bind(agent.to_string())
        .bind(organization.to_string())
        .fetch_optional(db)
        .await?;
    person(&row.ok_or(Refusal::NotFound)?)
}

/// Checks that an active admin is left. This runs after the change but in the same transaction, so if two admins
/// deactivate each other, the second change fails.
async fn require_admin_left(db: &mut Db, organization: OrganizationId) -> Result<()> {
    let remains: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM agent WHERE organization_id = $1 AND role = 'admin' AND active = 1)",
    )
    .bind(organization.to_string())
    .fetch_one(db)
    .await?;
    if remains { Ok(()) } else { Err(Refusal::LastAdmin.into()) }
}

fn person(row: &Row) -> Result<PersonRecord> {
    Ok(PersonRecord {
        id: id(row, "id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: role(row)?,
        max_chats: row.try_get("max_chats")?,
        active: row.try_get("active")?,
        teams: Vec::new(),
        avatar: row.try_get("avatar")?,
        totp_since: row.try_get("totp_since")?,
        time_zone: row.try_get("time_zone")?,
        language: language(row)?,
    })
}
