//! Agents' accounts and whether they may sign in.

use protocol::{
    Millis,
    agent::{AgentCard, Role},
    id::{AgentId, OrganizationId},
    language::Language,
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    Actor, Result, Store, audit,
    row::{id, language, role},
    sql::{self, Db, Row},
};
use crate::EmailAddress;

/// A new agent.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// The organization that the agent belongs to.
    pub organization: OrganizationId,
    /// First and last name.
    pub name: String,
    /// The email address to sign in with.
    pub email: EmailAddress,
    /// The agent's role.
    pub role: Role,
    /// The result of [`crate::sessions::hash_password`].
    pub password_hash: String,
    /// The maximum number of concurrent chats.
    pub max_chats: u32,
    /// The language of the agent's dashboard.
    pub language: Language,
}

/// A stored agent.
#[derive(Clone, Debug)]
pub struct AgentRecord {
    /// The agent's id.
    pub id: AgentId,
    /// The organization that the agent belongs to.
    pub organization: OrganizationId,
    /// First and last name.
    pub name: String,
    /// The email address to sign in with, normalized.
    pub email: String,
    /// The agent's role.
    pub role: Role,
    /// The Argon2id hash of the password, as a PHC string.
    pub password_hash: String,
    /// Whether the agent may sign in.
    pub active: bool,
    /// Whether sign-in requires a second factor.
    pub has_totp: bool,
    /// The language of the agent's dashboard.
    pub language: Language,
}

impl Store {
    /// Adds an agent. Returns a database error if the email address is already taken.
    pub async fn add_agent(&self, new: NewAgent) -> Result<AgentId> {
        self.write(move |db| Box::pin(async move { add(db, new).await })).await
    }

    /// Sets an agent's password and ends all of the agent's sessions.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if no agent has this email address.
    pub async fn set_password(&self, email: &str, password_hash: &str) -> Result<AgentId> {
        let (email, password_hash) = (parse_email(email)?, password_hash.to_owned());
        let (agent, ended) = self
            .write(move |db| {
                Box::pin(async move {
                    let agent: AgentId =
                        sql::query("UPDATE agent SET password_hash = $1 WHERE email = $2 RETURNING id")
                            .bind(password_hash)
                            .bind(email.as_str())
                            .fetch_optional(&mut *db)
                            .await?
                            .map_or(Err(Refusal::NotFound.into()), |row| id(&row, "id"))?;
                    Ok((agent, super::sessions::end_sessions(db, agent).await?))
                })
            })
            .await?;
        self.notify_ended(ended);
        Ok(agent)
    }

    /// Activates or deactivates an agent. Deactivation ends all of the agent's sessions.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if no agent has this email address.
    pub async fn set_active(&self, email: &str, active: bool) -> Result<AgentId> {
        let email = parse_email(email)?;
        let (agent, ended) = self
            .write(move |db| {
                Box::pin(async move {
                    let agent: AgentId = sql::query("UPDATE agent SET active = $1 WHERE email = $2 RETURNING id")
                        .bind(active)
                        .bind(email.as_str())
                        .fetch_optional(&mut *db)
                        .await?
                        .map_or(Err(Refusal::NotFound.into()), |row| id(&row, "id"))?;
                    let ended = if active { Vec::new() } else { super::sessions::end_sessions(db, agent).await? };
                    Ok((agent, ended))
                })
            })
            .await?;
        self.notify_ended(ended);
        Ok(agent)
    }

    /// Returns the card of an agent in this organization, with the agent's full name.
    pub async fn agent_card(&self, organization: OrganizationId, agent: AgentId) -> Result<Option<AgentCard>> {
        let row = sql::query("SELECT id, name, avatar FROM agent WHERE id = $1 AND organization_id = $2")
            .bind(agent.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(card).transpose()
    }

    /// Returns the agent with this email address, in any spelling.
    pub async fn agent_by_email(&self, email: &str) -> Result<Option<AgentRecord>> {
        let Ok(email) = EmailAddress::parse(email) else { return Ok(None) };
        let row = sql::query("SELECT * FROM agent WHERE email = $1")
            .bind(email.as_str())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(agent).transpose()
    }

    /// Returns an agent from any organization. Callers must have already authenticated the agent.
    pub async fn agent(&self, which: AgentId) -> Result<Option<AgentRecord>> {
        let row = sql::query("SELECT * FROM agent WHERE id = $1")
            .bind(which.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(agent).transpose()
    }

    /// Sets an agent's password and ends all of the agent's sessions except `keep`.
    pub async fn change_password(
        &self,
        by: Actor,
        agent: AgentId,
        password_hash: String,
        keep: [u8; 32],
        now: Millis,
    ) -> Result<()> {
        let ended = self
            .write(move |db| {
                Box::pin(async move {
                    sql::query("UPDATE agent SET password_hash = $2 WHERE id = $1")
                        .bind(agent.to_string())
                        .bind(password_hash)
                        .execute(&mut *db)
                        .await?;
                    audit::note(db, &by, "account.password", &by.name, "", now).await?;
                    super::sessions::end_sessions_except(db, agent, Some(keep)).await
                })
            })
            .await?;
        self.notify_ended(ended);
        Ok(())
    }
}

pub(super) async fn add(db: &mut Db, new: NewAgent) -> Result<AgentId> {
    let id = AgentId(Uuid::now_v7());
    sql::query(
        "INSERT INTO agent (id, organization_id, name, email, role, password_hash, max_chats, language) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.to_string())
    .bind(new.organization.to_string())
    .bind(new.name)
    .bind(new.email.as_str())
    .bind(new.role.as_str())
    .bind(new.password_hash)
    .bind(new.max_chats)
    .bind(new.language.tag())
    .execute(db)
    .await?;
    Ok(id)
}

fn agent(row: &Row) -> Result<AgentRecord> {
    Ok(AgentRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: role(row)?,
        password_hash: row.try_get("password_hash")?,
        active: row.try_get("active")?,
        has_totp: row.try_get::<Option<i64>, _>("totp_since")?.is_some(),
        language: language(row)?,
    })
}

/// No agent has an address that is invalid.
fn parse_email(email: &str) -> Result<EmailAddress> {
    EmailAddress::parse(email).map_err(|_| Refusal::NotFound.into())
}

/// Reads an agent's public card from the columns `id`, `name`, and `avatar`.
pub(super) fn card(row: &Row) -> Result<AgentCard> {
    let avatar = row.try_get::<Option<String>, _>("avatar")?.unwrap_or_default();
    Ok(AgentCard { id: id(row, "id")?, name: row.try_get("name")?, avatar })
}
