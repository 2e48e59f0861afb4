//! The initial setup, which creates the organization, its first admin, and its first concierge in one transaction.

use protocol::{
    Millis,
    agent::Role,
    id::{AgentId, ConciergeKey, OrganizationId, TeamId},
    language::Language,
    refusal::Refusal,
};
use uuid::Uuid;

use crate::EmailAddress;

use super::{Actor, ConciergeSettings, NewAgent, NewConcierge, Result, Store, agents, audit, concierges, sql};

/// The data for the initial setup.
#[derive(Clone, Debug)]
pub struct InitialSetup {
    /// The organization's name.
    pub organization: String,
    /// The first admin's name.
    pub name: String,
    /// The email address to sign in with.
    pub email: EmailAddress,
    /// The result of [`crate::sessions::hash_password`].
    pub password_hash: String,
    /// The first admin's language.
    pub language: Language,
    /// The first team's name.
    pub team: String,
    /// The first concierge's key.
    pub key: ConciergeKey,
    /// The first concierge's settings. Its team is replaced with the first team.
    pub concierge: ConciergeSettings,
    /// The current time.
    pub now: Millis,
}

impl Store {
    /// Returns whether any agent exists.
    pub async fn is_set_up(&self) -> Result<bool> {
        Ok(sql::query_scalar("SELECT EXISTS (SELECT 1 FROM agent)").fetch_one(&self.inner.readers).await?)
    }

    /// Creates the first organization, along with its admin, team, and concierge.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if an agent already exists, for example because two setups ran at the same time.
    pub async fn set_up(&self, setup: InitialSetup) -> Result<AgentId> {
        self.write(move |db| {
            Box::pin(async move {
                if sql::query_scalar("SELECT EXISTS (SELECT 1 FROM agent)").fetch_one(&mut *db).await? {
                    return Err(Refusal::NotFound.into());
                }
                let (organization, team) = (OrganizationId(Uuid::now_v7()), TeamId(Uuid::now_v7()));
                sql::query("INSERT INTO organization (id, name) VALUES ($1, $2)")
                    .bind(organization.to_string())
                    .bind(&setup.organization)
                    .execute(&mut *db)
                    .await?;
                sql::query("INSERT INTO team (id, organization_id, name) VALUES ($1, $2, $3)")
                    .bind(team.to_string())
                    .bind(organization.to_string())
                    .bind(setup.team)
                    .execute(&mut *db)
                    .await?;
                let admin = NewAgent {
                    organization,
                    name: setup.name.clone(),
                    email: setup.email,
                    role: Role::Admin,
                    password_hash: setup.password_hash,
                    max_chats: 5,
                    language: setup.language,
                };
                let agent = agents::add(db, admin).await?;
                sql::query("INSERT INTO team_agent (team_id, agent_id) VALUES ($1, $2)")
                    .bind(team.to_string())
                    .bind(agent.to_string())
                    .execute(&mut *db)
                    .await?;
                let settings = ConciergeSettings { team: Some(team), ..setup.concierge };
                concierges::add(db, NewConcierge { organization, key: setup.key, settings }).await?;
                let by = Actor { organization, agent: Some(agent), name: setup.name };
                audit::note(db, &by, "organization.set_up", &setup.organization, "", setup.now).await?;
                Ok(agent)
            })
        })
        .await
    }
}
