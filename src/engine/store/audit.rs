//! The audit log: what was changed, by whom and when. A line is written in the transaction of the change, or not at all.

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

/// Who changes something.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Whose organization it is.
    pub organization: OrganizationId,
    /// Who; none: the command line.
    pub agent: Option<AgentId>,
    /// First and last name, or what else it is.
    pub name: String,
}

impl From<&Principal> for Actor {
    fn from(me: &Principal) -> Self {
        Self { organization: me.organization, agent: Some(me.agent), name: me.name.clone() }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number; grows.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who; none: the command line.
    pub agent: Option<AgentId>,
    /// The name he had then.
    pub agent_name: String,
    /// What: `agent.deactivated`.
    pub action: String,
    /// The name of what was changed.
    pub target: String,
    /// From what to what, in words.
    pub detail: String,
}

/// Which lines are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only his.
    pub agent: Option<AgentId>,
    /// Only those whose `action` begins so: `agent`, `concierge.paused`; empty: all.
    pub action: String,
    /// Only those before this number.
    pub before: Option<i64>,
}

/// Writes a line, in the transaction of the change. `detail` is never a secret and never what a visitor wrote.
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
    /// Lines of the log, the latest first, `limit` at most.
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

    /// Writes down what was done outside of any other change: that something was taken out, for example.
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
