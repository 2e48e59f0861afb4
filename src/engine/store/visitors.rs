//! Visitors who have acted or been invited. No other visitors are stored.

use protocol::{
    Millis,
    id::{ConciergeId, OrganizationId, VisitId, VisitorId},
    refusal::Refusal,
};

use super::{
    NewVisit, Result, Store, StoreError, StoredToken,
    row::{id, optional_id},
    sql::{self, Db, Row},
    visitor_tokens, visits,
};
use crate::traffic_source::Source;

/// A visitor to store.
#[derive(Clone, Debug)]
pub struct NewVisitor {
    /// The visitor's id.
    pub id: VisitorId,
    /// The organization whose site was visited.
    pub organization: OrganizationId,
    /// The SHA-256 hash of the token in the visitor's browser.
    pub token_hash: [u8; 32],
    /// The current time.
    pub now: Millis,
}

/// The data needed to store a visitor and a visit together with an invitation or a chat.
#[derive(Clone, Debug)]
pub struct PersistVisitor {
    /// The SHA-256 hash of the token in the visitor's browser.
    pub token_hash: [u8; 32],
    /// The concierge on which the visit takes place.
    pub concierge: ConciergeId,
    /// The browser's family and major version, and the operating system.
    pub browser: String,
    /// The visit's traffic source, reduced to what may be stored.
    pub source: Source,
    /// When the visit started.
    pub started_at: Millis,
}

/// A stored visitor.
#[derive(Clone, Debug)]
pub struct VisitorRecord {
    /// The visitor's id.
    pub id: VisitorId,
    /// The organization whose site was visited.
    pub organization: OrganizationId,
    /// The name or email address, if known.
    pub name: Option<String>,
    /// The visitor is not invited until this time.
    pub quiet_until: Option<Millis>,
    /// How many invitations the visitor has denied.
    pub denials: u32,
    /// The last stored visit.
    pub last_visit: Option<LastVisit>,
    /// When the visitor was last seen, on that visit or through an action.
    pub seen_at: Millis,
    /// The token by which the visitor was found.
    pub token: StoredToken,
}

/// A visitor's last stored visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastVisit {
    /// The visit's id.
    pub id: VisitId,
    /// When it started.
    pub started_at: Millis,
    /// When the visitor was last seen, which is the time of their last page view or action.
    pub seen_at: Millis,
}

impl Store {
    /// Stores a visitor, or updates the last-seen time of one who is already stored. In that case, the stored token is
    /// kept, because it may be newer than the one in `new`.
    pub async fn persist_visitor(&self, new: NewVisitor) -> Result<()> {
        self.write(move |db| Box::pin(async move { put_visitor(db, &new).await })).await
    }

    /// Returns the visitor with this token, current or previous. The caller decides whether it is still valid.
    pub async fn visitor_by_token(&self, hash: [u8; 32]) -> Result<Option<VisitorRecord>> {
        let row = sql::query(
            "SELECT visitor.*, coalesce(visitor.name, visitor.email) AS known_as, visit.id AS visit_id, visit.started_at, \
             (SELECT max(at) FROM page_view WHERE page_view.visit_id = visit.id) AS page_at \
             FROM visitor LEFT JOIN visit ON visit.id = (SELECT id FROM visit AS last \
             WHERE last.visitor_id = visitor.id ORDER BY last.started_at DESC, last.id DESC LIMIT 1) \
             WHERE visitor.token_hash = $1 OR visitor.previous_token_hash = $1",
        )
        .bind(hash.to_vec())
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(|row| read(row, hash)).transpose()
    }

    /// Extends a visitor's quiet period to at least `until`. Returns its end, or `None` if the visitor is not stored.
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

fn read(row: &Row, hash: [u8; 32]) -> Result<VisitorRecord> {
    let mut seen_at: Millis = row.try_get("seen_at")?;
    let last_visit = match optional_id(row, "visit_id")? {
        Some(id) => {
            let started_at: Millis = row.try_get("started_at")?;
            let page_at: Option<Millis> = row.try_get("page_at")?;
            seen_at = seen_at.max(started_at).max(page_at.unwrap_or_default());
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
        seen_at,
        token: visitor_tokens::read(row, hash)?,
    })
}

/// Stores a visitor and a visit as part of the caller's transaction.
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

/// Extends a visitor's quiet period. It is never shortened.
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
        "INSERT INTO visitor (id, organization_id, token_hash, token_since, created_at, seen_at) \
         VALUES ($1, $2, $3, $4, $4, $4) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at \
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
