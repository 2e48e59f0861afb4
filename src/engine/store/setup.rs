//! The first start: the organization, its first admin and its first concierge, all or nothing.

use protocol::{
    Millis,
    agent::Role,
    id::{AgentId, ConciergeKey, OrganizationId, TeamId},
    language::Language,
    refusal::Refusal,
};
use uuid::Uuid;

use super::{Actor, ConciergeSettings, NewAgent, NewConcierge, Result, Store, agents, audit, concierges, sql};

/// What a first start makes.
#[derive(Clone, Debug)]
pub struct InitialSetup {
    /// The organization's name.
    pub organization: String,
    /// The first admin's name.
    pub name: String,
    /// What he signs in with, in its normal form.
    pub email: String,
    /// Of [`crate::sessions::hash_password`].
    pub password_hash: String,
    /// What he reads.
    pub language: Language,
    /// The name of the team that everybody begins in.
    pub team: String,
    /// The key of the first concierge.
    pub key: ConciergeKey,
    /// The first concierge; its team is put in.
    pub concierge: ConciergeSettings,
    /// The time.
    pub now: Millis,
}

impl Store {
    /// Whether there is anybody who can sign in.
    pub async fn is_set_up(&self) -> Result<bool> {
        Ok(sql::query_scalar("SELECT EXISTS (SELECT 1 FROM agent)").fetch_one(&self.inner.readers).await?)
    }

    /// Makes the first organization and its admin.
    ///
    /// # Errors
    /// `NotFound` when there is an agent already: of two who try at once, one is too late.
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
