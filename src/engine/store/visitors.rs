//! Visitors who have acted or were invited. Nobody else is in the database.

use protocol::{
    Millis,
    id::{ConciergeId, OrganizationId, VisitId, VisitorId},
    refusal::Refusal,
};

use super::{
    NewVisit, Result, Store, StoreError,
    row::{id, optional_id},
    sql::{self, Db, Row},
    visits,
};
use crate::traffic_source::Source;

/// A visitor to be remembered.
#[derive(Clone, Debug)]
pub struct NewVisitor {
    /// Who.
    pub id: VisitorId,
    /// On whose site.
    pub organization: OrganizationId,
    /// SHA-256 of the token in his browser.
    pub token_hash: [u8; 32],
    /// The time.
    pub now: Millis,
}

/// What else must be known of a visitor and a visit to remember both together with an invitation or a chat.
#[derive(Clone, Debug)]
pub struct PersistVisitor {
    /// SHA-256 of the token in the visitor's browser.
    pub token_hash: [u8; 32],
    /// On which concierge.
    pub concierge: ConciergeId,
    /// Family, major version and system.
    pub browser: String,
    /// As much of where the visit came from as may be kept.
    pub source: Source,
    /// When the visit began.
    pub started_at: Millis,
}

/// A visitor.
#[derive(Clone, Debug)]
pub struct VisitorRecord {
    /// Who.
    pub id: VisitorId,
    /// On whose site.
    pub organization: OrganizationId,
    /// Name or e-mail when known.
    pub name: Option<String>,
    /// No invitation before then.
    pub quiet_until: Option<Millis>,
    /// How often he has denied.
    pub denials: u32,
    /// The last visit of his that was remembered.
    pub last_visit: Option<LastVisit>,
}

/// The last visit of a visitor, as far as it was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastVisit {
    /// Which.
    pub id: VisitId,
    /// When it began.
    pub started_at: Millis,
    /// When the visitor was last known to be there: his last page, or the last thing he did.
    pub seen_at: Millis,
}

impl Store {
    /// Remembers a visitor; one who is known is seen again, under the token he has now.
    pub async fn persist_visitor(&self, new: NewVisitor) -> Result<()> {
        self.write(move |db| Box::pin(async move { put_visitor(db, &new).await })).await
    }

    /// The visitor who has this token.
    pub async fn visitor_by_token(&self, hash: [u8; 32]) -> Result<Option<VisitorRecord>> {
        let row = sql::query(
            "SELECT visitor.*, coalesce(visitor.name, visitor.email) AS known_as, visit.id AS visit_id, visit.started_at, \
             (SELECT max(at) FROM page_view WHERE page_view.visit_id = visit.id) AS page_at \
             FROM visitor LEFT JOIN visit ON visit.id = (SELECT id FROM visit AS last \
             WHERE last.visitor_id = visitor.id ORDER BY last.started_at DESC, last.id DESC LIMIT 1) \
             WHERE visitor.token_hash = $1",
        )
        .bind(hash.to_vec())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Leaves a visitor alone until then at least: the end of his quiet; none when he is not in the database.
    pub async fn keep_quiet(&self, visitor: VisitorId, until: Millis) -> Result<Option<Millis>> {
        self.write(move |db| {
            Box::pin(async move {
                match keep_quiet(db, visitor, until).await {
                    Ok(until) => Ok(Some(until)),
                    Err(StoreError::Sqlx(sqlx::Error::RowNotFound)) => Ok(None),
                    Err(error) => Err(error),
                }
            })
        })
        .await
    }
}

fn read(row: &Row) -> Result<VisitorRecord> {
    let last_visit = match optional_id(row, "visit_id")? {
        Some(id) => {
            let (started_at, seen_at): (Millis, Millis) = (row.try_get("started_at")?, row.try_get("seen_at")?);
            let page_at: Option<Millis> = row.try_get("page_at")?;
            let seen_at = seen_at.max(started_at).max(page_at.unwrap_or_default());
            Some(LastVisit { id, started_at, seen_at })
        }
        None => None,
    };
    Ok(VisitorRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        name: row.try_get("known_as")?,
        quiet_until: row.try_get("quiet_until")?,
        denials: row.try_get("denials")?,
        last_visit,
    })
}

/// Remembers visitor and visit together with what made them worth it.
pub(super) async fn remember(
    db: &mut Db,
    organization: OrganizationId,
    visitor: VisitorId,
    visit: VisitId,
    with: &PersistVisitor,
    now: Millis,
) -> Result<()> {
    put_visitor(db, &NewVisitor { id: visitor, organization, token_hash: with.token_hash, now }).await?;
    visits::put_visit(
        db,
        &NewVisit {
            id: visit,
            visitor,
            concierge: with.concierge,
            organization,
            browser: with.browser.clone(),
            source: with.source.clone(),
            started_at: with.started_at,
        },
    )
    .await
}

/// Lengthens the quiet of a visitor; never shortens it.
pub(super) async fn keep_quiet(db: &mut Db, visitor: VisitorId, until: Millis) -> Result<Millis> {
    let until = sql::query_scalar(
        "UPDATE visitor SET quiet_until = CASE WHEN quiet_until > $2 THEN quiet_until ELSE $2 END WHERE id = $1 \
         RETURNING quiet_until",
    )
    .bind(visitor.to_string())
    .bind(until)
    .fetch_one(db)
    .await?;
    Ok(until)
}

async fn put_visitor(db: &mut Db, new: &NewVisitor) -> Result<()> {
    let put = sql::query(
        "INSERT INTO visitor (id, organization_id, token_hash, created_at, seen_at) VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, seen_at = excluded.seen_at \
         WHERE visitor.organization_id = excluded.organization_id",
    )
    .bind(new.id.to_string())
    .bind(new.organization.to_string())
    .bind(new.token_hash.to_vec())
    .bind(new.now)
    .execute(db)
    .await?;
    if put.rows_affected() == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
}
