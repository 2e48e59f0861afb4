//! The audit log, which records what was changed or read, when, and by whom. A line about a change is written in the
//! same transaction as the change itself. No line contains anything that a visitor wrote, and only the visitor column
//! identifies a visitor, so erasing the visitor leaves no line that identifies them.

use protocol::{
    Millis,
    id::{AgentId, OrganizationId, VisitorId},
};

use super::{
    Result, Store, audit_addresses,
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

/// A line to write that does not belong to a change in the database.
#[derive(Clone, Debug)]
pub struct NewAuditLine {
    /// Who did it.
    pub by: Actor,
    /// The action, such as `chat.read`.
    pub action: &'static str,
    /// The name or the id of the item.
    pub target: String,
    /// The details, as text.
    pub detail: String,
    /// The visitor whose data the line is about. Once the visitor is erased, such a line is no longer written.
    pub visitor: Option<VisitorId>,
    /// When it was done.
    pub at: Millis,
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
    insert(db, by, action, (target, None), detail, now).await
}

/// Writes a line about a visitor as part of the change's transaction. Its target is the visitor's ID until the visitor
/// is erased.
pub(super) async fn note_visitor(
    db: &mut Db,
    by: &Actor,
    action: &str,
    visitor: VisitorId,
    detail: &str,
    now: Millis,
) -> Result<()> {
    insert(db, by, action, (&visitor.to_string(), Some(visitor)), detail, now).await
}

/// Removes what identifies visitors from the lines about them. `which` is a trusted SQL condition on the visitors'
/// rows.
pub(super) async fn forget_visitors(db: &mut Db, which: &str) -> Result<()> {
    let sql = format!(
        "UPDATE audit SET target = '', visitor_id = NULL WHERE visitor_id IN (SELECT id FROM visitor WHERE {which})"
    );
    sql::query(sqlx::AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

async fn insert(
    db: &mut Db,
    by: &Actor,
    action: &str,
    (target, visitor): (&str, Option<VisitorId>),
    detail: &str,
    now: Millis,
) -> Result<()> {
    // A visitor who was erased in the meantime must not be identified again.
    sql::query(
        "INSERT INTO audit (organization_id, at, agent_id, agent_name, action, target, detail, visitor_id, has_address) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE $8 IS NULL OR EXISTS (SELECT 1 FROM visitor WHERE id = $8)",
    )
    .bind(by.organization.to_string())
    .bind(now)
    .bind(by.agent.map(|agent| agent.to_string()))
    .bind(&by.name)
    .bind(action)
    .bind(target)
    .bind(detail)
    .bind(visitor.map(|visitor| visitor.to_string()))
    .bind(audit_addresses::has_address(target) || audit_addresses::has_address(detail))
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

    /// Writes a line that does not belong to a change in the database.
    pub async fn add_audit_line(&self, line: NewAuditLine) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                insert(db, &line.by, line.action, (&line.target, line.visitor), &line.detail, line.at).await
            })
        })
        .await
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
