//! Retention periods and the deletion of expired data. Data is deleted in small batches, each in its own transaction,
//! so that chats are not delayed and an interrupted job can continue later.

use protocol::{Millis, id::OrganizationId};

use super::{
    Actor, Result, Store, audit, audit_addresses,
    erasure::delete,
    sql::{self, Db},
};

const DAY: Millis = 24 * 60 * 60 * 1_000;
/// The maximum number of chats, visits, or visitors deleted in one transaction.
const DELETE_BATCH_SIZE: u32 = 50;

/// Retention periods, in days after an item ends. 0 means that there is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// The retention period for ended chats.
    pub chats: u32,
    /// The retention period for visits, their page views, and visitors without any other data.
    pub visits: u32,
    /// The retention period for lines in the audit log.
    pub audit: u32,
    /// The retention period for email and IP addresses in these lines.
    pub audit_addresses: u32,
}

impl Store {
    /// Returns an organization's retention periods.
    pub async fn retention(&self, organization: OrganizationId) -> Result<Retention> {
        let row = sql::query("SELECT * FROM organization WHERE id = $1")
            .bind(organization.to_string())
            .fetch_one(&self.inner.readers)
            .await?;
        Ok(Retention {
            chats: row.try_get("keep_chats_days")?,
            visits: row.try_get("keep_visits_days")?,
            audit: row.try_get("keep_audit_days")?,
            audit_addresses: row.try_get("keep_audit_addresses_days")?,
        })
    }

    /// Sets an organization's retention periods.
    pub async fn set_retention(&self, by: Actor, keep: Retention, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query(
                    "UPDATE organization SET keep_chats_days = $2, keep_visits_days = $3, keep_audit_days = $4, \
                     keep_audit_addresses_days = $5 WHERE id = $1",
                )
                .bind(by.organization.to_string())
                .bind(keep.chats)
                .bind(keep.visits)
                .bind(keep.audit)
                .bind(keep.audit_addresses)
                .execute(&mut *db)
                .await?;
                let days = |days: u32| if days == 0 { "forever".to_owned() } else { format!("{days} days") };
                let detail = format!(
                    "chats {}, visits {}, audit log {}, its addresses {}",
                    days(keep.chats),
                    days(keep.visits),
                    days(keep.audit),
                    days(keep.audit_addresses)
                );
                audit::note(db, &by, "privacy.retention", "", &detail, now).await
            })
        })
        .await
    }

    /// Deletes one batch of expired data. Returns the number of deleted or shortened rows, which is 0 when nothing is
    /// left to delete.
    pub async fn run_retention(&self, organization: OrganizationId, keep: Retention, now: Millis) -> Result<u64> {
        let since = move |days: u32| (days > 0).then(|| now - Millis::from(days) * DAY);
        self.write(move |db| {
            Box::pin(async move {
                let mut gone = 0;
                if let Some(since) = since(keep.chats) {
                    gone +=
                        delete_expired(db, "chat", "state = 'ended' AND state_since < $2", organization, since, now)
                            .await?;
                }
                if let Some(since) = since(keep.visits) {
                    gone += page_views(db, organization, since).await?;
                    gone += delete_expired(db, "visit", VISITS, organization, since, now).await?;
                    gone += delete_expired(db, "visitor", VISITORS, organization, since, now).await?;
                }
                if let Some(since) = since(keep.audit) {
                    gone += sql::query("DELETE FROM audit WHERE organization_id = $1 AND at < $2")
                        .bind(organization.to_string())
                        .bind(since)
                        .execute(&mut *db)
                        .await?
                        .rows_affected();
                }
                if let Some(since) = since(keep.audit_addresses) {
                    gone += audit_addresses::remove_expired(db, organization, since).await?;
                }
                Ok(gone)
            })
        })
        .await
    }

    /// Truncates the WAL so that no file contains deleted data anymore.
    pub async fn truncate_wal(&self) -> Result<()> {
        self.inner.writer.truncate_wal().await
    }
}

/// Matches old visits, except those that have a chat or an open invitation.
const VISITS: &str = "started_at < $2 AND NOT EXISTS (SELECT 1 FROM chat WHERE chat.visit_id = visit.id) \
                      AND NOT EXISTS (SELECT 1 FROM invitation WHERE invitation.visit_id = visit.id \
                      AND invitation.state IN ('sent','delivered','seen'))";
/// Matches visitors who have not been seen for a long time, except those who have a visit or a chat or are still
/// blocked.
const VISITORS: &str = "seen_at < $2 AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.visitor_id = visitor.id) \
                        AND NOT EXISTS (SELECT 1 FROM chat WHERE chat.visitor_id = visitor.id) \
                        AND NOT EXISTS (SELECT 1 FROM visitor_block WHERE visitor_block.visitor_id = visitor.id \
                        AND (until IS NULL OR until > $3))";

/// Deletes some of the matching rows and everything that refers to them. The rows are selected in the same transaction
/// that deletes them, so a chat that was just reopened is not deleted.
async fn delete_expired(
    db: &mut Db,
    table: &'static str,
    which: &'static str,
    organization: OrganizationId,
    since: Millis,
    now: Millis,
) -> Result<u64> {
    let sql =
        format!("SELECT id FROM {table} WHERE organization_id = $1 AND {which} AND $3 > 0 LIMIT {DELETE_BATCH_SIZE}");
    let ids: Vec<String> = sql::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(organization.to_string())
        .bind(since)
        .bind(now)
        .fetch_all(&mut *db)
        .await?;
    if ids.is_empty() {
        return Ok(0);
    }
    delete(db, table, format!("id IN ('{}')", ids.join("', '"))).await
}

/// Deletes expired page views, including those of visits that are kept because of their chats.
async fn page_views(db: &mut Db, organization: OrganizationId, since: Millis) -> Result<u64> {
    let gone = sql::query(
        "DELETE FROM page_view WHERE id IN (SELECT page_view.id FROM page_view JOIN visit ON visit.id = page_view.visit_id \
         WHERE visit.organization_id = $1 AND visit.started_at < $2 AND page_view.at < $2 LIMIT 1000)",
    )
    .bind(organization.to_string())
    .bind(since)
    .execute(db)
    .await?;
    Ok(gone.rows_affected())
}
