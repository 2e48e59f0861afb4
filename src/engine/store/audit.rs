//! The audit log, which records what was changed, when, and by whom. Each line is written in the same transaction as
//! the change itself.

use protocol::{
    Millis,
    id::{AgentId, OrganizationId},
};

use super::{
    Result, Store,
    row::optional_id,
    sql::{self, Db, Row},
};
use crate::sessions::Principal;

/// The person or program that makes a change.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The organization in which the change is made.
    pub organization: OrganizationId,
    /// The agent, or `None` if the change was not made by an agent.
    pub agent: Option<AgentId>,
    /// The agent's full name, or a label such as `command line`.
    pub name: String,
}

impl From<&Principal> for Actor {
    fn from(me: &Principal) -> Self {
        Self { organization: me.organization, agent: Some(me.agent), name: me.name.clone() }
    }
}

/// A line in the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// The line's number. Later lines have higher numbers.
    pub id: i64,
    /// When the change was made.
    pub at: Millis,
    /// The agent, or `None` if the change was not made by an agent.
    pub agent: Option<AgentId>,
    /// The actor's name at the time.
    pub agent_name: String,
    /// The action, such as `agent.deactivated`.
    pub action: String,
    /// The name of the changed item.
    pub target: String,
    /// What changed, as text.
    pub detail: String,
}

/// A filter for lines in the audit log.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only this agent's lines.
    pub agent: Option<AgentId>,
    /// Only lines with this action (such as `concierge.paused`) or in this group of actions (such as `agent`). If
    /// empty, all lines match.
    pub action: String,
    /// Only lines with a number lower than this one.
    pub before: Option<i64>,
}

/// Writes a line as part of the change's transaction. `detail` must never contain a secret or anything a visitor wrote.
pub(super) async fn note(db: &mut Db, by: &Actor, action: &str, target: &str, detail: &str, now: Millis) -> Result<()> {
    sql::query(
        "INSERT INTO audit (organization_id, at, agent_id, agent_name, action, target, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(by.organization.to_string())
    .bind(now)
    .bind(by.agent.map(|agent| agent.to_string()))
    .bind(&by.name)
    .bind(action)
    .bind(target)
    .bind(detail)
    .execute(db)
    .await?;
    Ok(())
}

impl Store {
    /// Returns up to `limit` lines that match the filter, newest first.
    pub async fn audit(&self, organization: OrganizationId, filter: AuditFilter, limit: u32) -> Result<Vec<AuditLine>> {
        let rows = sql::query(
            "SELECT id, at, agent_id, agent_name, action, target, detail FROM audit \
             WHERE organization_id = $1 AND ($2 IS NULL OR agent_id = $2) \
             AND ($3 = '' OR action = $3 OR substr(action, 1, length($3) + 1) = $3 || '.') \
             AND ($4 IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
        )
        .bind(organization.to_string())
        .bind(filter.agent.map(|agent| agent.to_string()))
        .bind(filter.action)
        .bind(filter.before)
        .bind(limit)
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(line).collect()
    }

    /// Records an action that changes nothing else in the database, such as an export.
    pub async fn note(
        &self,
        by: Actor,
        action: &'static str,
        target: String,
        detail: String,
        now: Millis,
    ) -> Result<()> {
        self.write(move |db| Box::pin(async move { note(db, &by, action, &target, &detail, now).await })).await
    }
}

fn line(row: &Row) -> Result<AuditLine> {
    Ok(AuditLine {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        agent: optional_id(row, "agent_id")?,
        agent_name: row.try_get("agent_name")?,
        action: row.try_get("action")?,
        target: row.try_get("target")?,
        detail: row.try_get("detail")?,
    })
}
