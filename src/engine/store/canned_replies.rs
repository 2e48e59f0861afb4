//! Canned replies, which belong to an agent, to a team, or to everyone.

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

/// A canned reply to add or change.
#[derive(Clone, Debug)]
pub struct NewReply {
    /// The id of a new or existing reply.
    pub id: ReplyId,
    /// Who can use the reply.
    pub scope: Scope,
    /// The name that agents find it by.
    pub name: String,
    /// The text that it inserts.
    pub text: String,
    /// Whether to add a new reply instead of changing an existing one.
    pub is_new: bool,
}

/// The maximum number of one agent's replies, and of an organization's shared replies.
pub(super) const REPLIES: u32 = 500;

impl Store {
    /// Returns the replies that an agent can use: their own, those of their teams (or of all teams if `every_team` is
    /// set), and those for everyone.
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

    /// Returns a reply that belongs to this agent, a team, or everyone.
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

    /// Adds a reply or changes the one with this id. A personal reply is assigned to `me`.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the team or the reply belongs to another organization, or if the id of a new
    /// reply is already taken, and [`Refusal::TooLarge`] if there would be more than the maximum number of replies.
    pub async fn put_reply(&self, by: Actor, me: AgentId, new: NewReply, now: Millis) -> Result<()> {
        self.write(move |db| Box::pin(async move { put(db, &by, me, new, now).await })).await
    }

    /// Deletes a reply.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the reply does not belong to the organization.
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
    let of_agent = (new.scope == Scope::Mine).then(|| me.to_string());
    let replies: i64 = sql::query_scalar(
        "SELECT count(*) FROM reply WHERE organization_id = $1 AND (agent_id = $2 OR ($2 IS NULL AND agent_id IS NULL))",
    )
    .bind(by.organization.to_string())
    .bind(of_agent)
    .fetch_one(&mut *db)
    .await?;
    if new.is_new && replies > i64::from(REPLIES) {
        // The refusal rolls back the insert.
        return Err(Refusal::TooLarge.into());
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
