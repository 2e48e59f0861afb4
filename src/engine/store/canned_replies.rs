//! Canned replies: of an agent, of a team, of everyone.

use protocol::{
    Millis,
    canned_reply::{Reply, Scope},
    id::{AgentId, OrganizationId, ReplyId},
    refusal::Refusal,
};

use super::{
    Actor, Result, Store, audit,
    row::{id, optional_id},
    sql::{self, Db, Row},
};

/// A canned reply as it is to be.
#[derive(Clone, Debug)]
pub struct NewReply {
    /// Which: a new one, or one that there is.
    pub id: ReplyId,
    /// Who may use it.
    pub scope: Scope,
    /// What it is found by.
    pub name: String,
    /// The words.
    pub text: String,
    /// There is none of this name yet.
    pub is_new: bool,
}

impl Store {
    /// The replies that an agent may use: his own, those of his teams (with `every_team`, of every team), and everyone's.
    pub async fn replies(&self, organization: OrganizationId, me: AgentId, every_team: bool) -> Result<Vec<Reply>> {
        let rows = sql::query(
            "SELECT * FROM reply WHERE organization_id = $1 AND (agent_id = $2 OR (agent_id IS NULL AND \
             (team_id IS NULL OR $3 = 1 OR EXISTS (SELECT 1 FROM team_agent WHERE team_agent.team_id = reply.team_id \
             AND team_agent.agent_id = $2)))) ORDER BY name, id",
        )
        .bind(organization.to_string())
        .bind(me.to_string())
        .bind(every_team)
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// A reply that is this agent's, a team's or everyone's.
    pub async fn reply(&self, organization: OrganizationId, me: AgentId, reply: ReplyId) -> Result<Option<Reply>> {
        let row = sql::query(
            "SELECT * FROM reply WHERE id = $1 AND organization_id = $2 AND (agent_id IS NULL OR agent_id = $3)",
        )
        .bind(reply.to_string())
        .bind(organization.to_string())
        .bind(me.to_string())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Adds a reply, or changes the one of this name in the database. `by` is whose it is, when it is one's own.
    ///
    /// # Errors
    /// `NotFound` when the team is not the organization's, or the name is taken.
    pub async fn put_reply(&self, by: Actor, me: AgentId, new: NewReply, now: Millis) -> Result<()> {
        self.write(move |db| Box::pin(async move { put(db, &by, me, new, now).await })).await
    }

    /// Takes a reply away.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_reply(&self, by: Actor, reply: ReplyId, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let row = sql::query("DELETE FROM reply WHERE id = $1 AND organization_id = $2 RETURNING *")
                    .bind(reply.to_string())
                    .bind(by.organization.to_string())
                    .fetch_optional(&mut *db)
                    .await?
                    .ok_or(Refusal::NotFound)?;
                let gone = read(&row)?;
                if gone.scope == Scope::Mine {
                    return Ok(());
                }
                audit::note(db, &by, "reply.deleted", &gone.name, "", now).await
            })
        })
        .await
    }
}

async fn put(db: &mut Db, by: &Actor, me: AgentId, new: NewReply, now: Millis) -> Result<()> {
    let (agent, team) = match new.scope {
        Scope::Mine => (Some(me.to_string()), None),
        Scope::Team(team) => (None, Some(team.to_string())),
        Scope::Everyone => (None, None),
    };
    let put = sql::query(
        "INSERT INTO reply (id, organization_id, agent_id, team_id, name, text) SELECT $1, $2, $3, $4, $5, $6 \
         WHERE $4 IS NULL OR EXISTS (SELECT 1 FROM team WHERE team.id = $4 AND team.organization_id = $2) \
         ON CONFLICT (id) DO UPDATE SET agent_id = $3, team_id = $4, name = $5, text = $6 \
         WHERE reply.organization_id = $2 AND $7 = 0",
    )
    .bind(new.id.to_string())
    .bind(by.organization.to_string())
    .bind(agent)
    .bind(team)
    .bind(&new.name)
    .bind(new.text)
    .bind(new.is_new)
    .execute(&mut *db)
    .await?;
    if put.rows_affected() == 0 {
        return Err(Refusal::NotFound.into());
    }
    if new.scope == Scope::Mine {
        return Ok(());
    }
    audit::note(db, by, "reply.kept", &new.name, "", now).await
}

fn read(row: &Row) -> Result<Reply> {
    let scope = match (optional_id::<AgentId>(row, "agent_id")?, optional_id(row, "team_id")?) {
        (Some(_), _) => Scope::Mine,
        (None, Some(team)) => Scope::Team(team),
        (None, None) => Scope::Everyone,
    };
    Ok(Reply { id: id(row, "id")?, scope, name: row.try_get("name")?, text: row.try_get("text")? })
}
