//! Single-use links for joining as an agent and for setting a new password. Only the hashes of their tokens are stored.

use protocol::{
    Millis,
    agent::Role,
    id::{AgentId, OrganizationId, TeamId},
    language::Language,
    refusal::Refusal,
};

use super::{
    Actor, NewAgent, Result, Store, agents, audit, people,
    row::role,
    row::{id, unreadable},
    sessions,
    sql::{self, Db, Row},
    teams,
};
use crate::EmailAddress;

/// An invitation to join an organization as an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinLink {
    /// The organization that issued the link.
    pub organization: OrganizationId,
    /// The email address that the new agent will sign in with.
    pub email: EmailAddress,
    /// The new agent's role.
    pub role: Role,
    /// The new agent's maximum number of concurrent chats.
    pub max_chats: u32,
    /// When the link expires.
    pub expires_at: Millis,
}

impl Store {
    /// Adds a join link and invalidates the organization's earlier link for the same email address. Returns whether the
    /// address belongs to an agent of another organization, which the inviting admin must not learn.
    ///
    /// # Errors
    /// Returns [`Refusal::EmailTaken`] if an agent of this organization uses the address, and `NotFound` if a team
    /// belongs to another organization.
    pub async fn add_join_link(
        &self,
        by: Actor,
        hash: [u8; 32],
        link: JoinLink,
        teams: Vec<TeamId>,
        now: Millis,
    ) -> Result<bool> {
        self.write(move |db| {
            Box::pin(async move {
                let owner = organization_of(db, link.email.as_str()).await?;
                if owner == Some(by.organization) {
                    return Err(Refusal::EmailTaken.into());
                }
                // Another organization's open link must not be invalidated.
                sql::query("DELETE FROM join_link WHERE email = $1 AND organization_id = $2 OR expires_at <= $3")
                    .bind(link.email.as_str())
                    .bind(by.organization.to_string())
                    .bind(now)
                    .execute(&mut *db)
                    .await?;
                put_join_link(db, &by, hash, &link, &teams, now).await?;
                audit::note(db, &by, "agent.invited", link.email.as_str(), link.role.as_str(), now).await?;
                Ok(owner.is_some())
            })
        })
        .await
    }

    /// Returns an organization's unexpired join links.
    pub async fn join_links(&self, organization: OrganizationId, now: Millis) -> Result<Vec<JoinLink>> {
        let rows = sql::query("SELECT * FROM join_link WHERE organization_id = $1 AND expires_at > $2 ORDER BY email")
            .bind(organization.to_string())
            .bind(now)
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(join_link).collect()
    }

    /// Revokes a join link.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the organization has no link for this address.
    pub async fn withdraw_join_link(&self, by: Actor, email: EmailAddress, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let gone = sql::query("DELETE FROM join_link WHERE email = $1 AND organization_id = $2")
                    .bind(email.as_str())
                    .bind(by.organization.to_string())
                    .execute(&mut *db)
                    .await?;
                if gone.rows_affected() == 0 {
                    return Err(Refusal::NotFound.into());
                }
                audit::note(db, &by, "agent.invitation_withdrawn", email.as_str(), "", now).await
            })
        })
        .await
    }

    /// Returns the unexpired join link for a token hash, along with its organization's name.
    pub async fn join_link(&self, hash: [u8; 32], now: Millis) -> Result<Option<(JoinLink, String)>> {
        let row = sql::query(
            "SELECT join_link.*, organization.name AS organization_name FROM join_link \
             JOIN organization ON organization.id = join_link.organization_id WHERE hash = $1 AND expires_at > $2",
        )
        .bind(hash.to_vec())
        .bind(now)
        .fetch_optional(&self.inner.readers)
        .await?;
        row.map(|row| Ok((join_link(&row)?, row.try_get("organization_name")?))).transpose()
    }

    /// Creates the agent invited by a join link. The link can be used only once.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the link is unknown or has expired, and `EmailTaken` if another agent of the
    /// organization already uses the email address. If an agent of another organization uses it, the link is treated as
    /// unknown, because the admin who created it may be trying it out themselves.
    pub async fn join(
        &self,
        hash: [u8; 32],
        name: String,
        password_hash: String,
        language: Language,
        now: Millis,
    ) -> Result<AgentId> {
        self.write(move |db| {
            Box::pin(async move {
                let rows = sql::query("SELECT team_id FROM join_link_team WHERE hash = $1")
                    .bind(hash.to_vec())
                    .fetch_all(&mut *db)
                    .await?;
                let into: Vec<TeamId> = rows.iter().map(|row| id(row, "team_id")).collect::<Result<_>>()?;
                let row = sql::query("DELETE FROM join_link WHERE hash = $1 AND expires_at > $2 RETURNING *")
                    .bind(hash.to_vec())
                    .bind(now)
                    .fetch_optional(&mut *db)
                    .await?;
                let JoinLink { organization, email, role, max_chats, .. } = join_link(&row.ok_or(Refusal::NotFound)?)?;
                match organization_of(db, email.as_str()).await? {
                    None => {}
                    Some(owner) if owner == organization => return Err(Refusal::EmailTaken.into()),
                    Some(_) => return Err(Refusal::NotFound.into()),
                }
                let new =
                    NewAgent { organization, name: name.clone(), email, role, password_hash, max_chats, language };
                let agent = agents::add(db, new).await?;
                teams::add_to_teams(db, organization, agent, &into).await?;
                let by = Actor { organization, agent: Some(agent), name: name.clone() };
                audit::note(db, &by, "agent.joined", &name, role.as_str(), now).await?;
                Ok(agent)
            })
        })
        .await
    }

    /// Adds a password reset link and invalidates the agent's earlier link of the same kind: one created by an admin,
    /// or one requested on the sign-in page, which has no actor. If a request replaced an admin's link, anyone could
    /// invalidate it.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent does not belong to this organization.
    pub async fn add_reset_link(
        &self,
        by: Actor,
        agent: AgentId,
        hash: [u8; 32],
        expires_at: Millis,
        now: Millis,
    ) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let person = people::load_person(db, by.organization, agent).await?;
                let self_requested = by.agent.is_none();
                sql::query("DELETE FROM reset_link WHERE agent_id = $1 AND (self_requested = $2 OR expires_at <= $3)")
                    .bind(agent.to_string())
                    .bind(self_requested)
                    .bind(now)
                    .execute(&mut *db)
                    .await?;
                sql::query(
                    "INSERT INTO reset_link (hash, agent_id, created_at, expires_at, self_requested) \
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(hash.to_vec())
                .bind(agent.to_string())
                .bind(now)
                .bind(expires_at)
                .bind(self_requested)
                .execute(&mut *db)
                .await?;
                audit::note(db, &by, "agent.reset_link", &person.name, "", now).await
            })
        })
        .await
    }

    /// Returns the email address of the agent whose password this link resets, or `None` if the link is unknown or has
    /// expired or the agent is inactive.
    pub async fn reset_link(&self, hash: [u8; 32], now: Millis) -> Result<Option<String>> {
        let found = sql::query_scalar(
            "SELECT email FROM reset_link JOIN agent ON agent.id = agent_id \
             WHERE hash = $1 AND expires_at > $2 AND active = 1",
        );
        Ok(found.bind(hash.to_vec()).bind(now).fetch_optional(&self.inner.readers).await?)
    }

    /// Sets a new password for the agent with this reset link and ends all of the agent's sessions. The link can be
    /// used only once.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the link is unknown or has expired, or if the agent is inactive.
    pub async fn reset_password(&self, hash: [u8; 32], password_hash: String, now: Millis) -> Result<()> {
        let ended = self
            .write(move |db| {
                Box::pin(async move {
                    let row = sql::query("DELETE FROM reset_link WHERE hash = $1 AND expires_at > $2 RETURNING agent_id")
                        .bind(hash.to_vec())
                        .bind(now)
                        .fetch_optional(&mut *db)
                        .await?;
                    let agent: AgentId = id(&row.ok_or(Refusal::NotFound)?, "agent_id")?;
                    let row = sql::query(
                        "UPDATE agent SET password_hash = $2 WHERE id = $1 AND active = 1 RETURNING organization_id, name",
                    )
                    .bind(agent.to_string())
                    .bind(password_hash)
                    .fetch_optional(&mut *db)
                    .await?
                    .ok_or(Refusal::NotFound)?;
                    let name: String = row.try_get("name")?;
                    let by = Actor { organization: id(&row, "organization_id")?, agent: Some(agent), name: name.clone() };
                    audit::note(db, &by, "account.password_reset", &name, "", now).await?;
                    sessions::end_sessions(db, agent).await
                })
            })
            .await?;
        self.notify_ended(ended);
        Ok(())
    }
}

async fn put_join_link(
    db: &mut Db,
    by: &Actor,
    hash: [u8; 32],
    link: &JoinLink,
    teams: &[TeamId],
    now: Millis,
) -> Result<()> {
    sql::query(
        "INSERT INTO join_link (hash, organization_id, email, role, max_chats, by_agent, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(hash.to_vec())
    .bind(by.organization.to_string())
    .bind(link.email.as_str())
    .bind(link.role.as_str())
    .bind(link.max_chats)
    .bind(by.agent.map(|agent| agent.to_string()))
    .bind(now)
    .bind(link.expires_at)
    .execute(&mut *db)
    .await?;
    for team in teams {
        let put = sql::query(
            "INSERT INTO join_link_team (hash, team_id) SELECT $1, id FROM team WHERE id = $2 AND organization_id = $3",
        );
        let put = put.bind(hash.to_vec()).bind(team.to_string()).bind(by.organization.to_string());
        if put.execute(&mut *db).await?.rows_affected() == 0 {
            return Err(Refusal::NotFound.into());
        }
    }
    Ok(())
}

/// Returns the organization of the agent with this email address.
async fn organization_of(db: &mut Db, email: &str) -> Result<Option<OrganizationId>> {
    let row = sql::query("SELECT organization_id FROM agent WHERE email = $1").bind(email).fetch_optional(db).await?;
    row.map(|row| id(&row, "organization_id")).transpose()
}

fn join_link(row: &Row) -> Result<JoinLink> {
    let max_chats: i64 = row.try_get("max_chats")?;
    let email: String = row.try_get("email")?;
    Ok(JoinLink {
        organization: id(row, "organization_id")?,
        email: email.parse().map_err(|_| unreadable("email", &email))?,
        role: role(row)?,
        max_chats: u32::try_from(max_chats).map_err(|_| unreadable("max_chats", &max_chats.to_string()))?,
        expires_at: row.try_get("expires_at")?,
    })
}
