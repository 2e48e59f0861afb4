//! Visits by stored visitors, with their page views.

use protocol::{
    Millis,
    id::{ConciergeId, OrganizationId, VisitId, VisitorId},
    page::{Page, PageView},
    refusal::Refusal,
};

use super::{
    Result, Store,
    row::id,
    sql::{self, Db, Row},
};
use crate::{traffic_source::Source, user_agent::Device};

/// The maximum number of page views read from a visit. If there are more, only the newest ones are read.
const PAGE_VIEWS: u32 = 200;

/// A visit to store.
#[derive(Clone, Debug)]
pub struct NewVisit {
    /// The visit's id.
    pub id: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The concierge on which it takes place.
    pub concierge: ConciergeId,
    /// The organization whose site was visited.
    pub organization: OrganizationId,
    /// The browser's family and major version, and the operating system.
    pub browser: String,
    /// The traffic source, reduced to what may be stored.
    pub source: Source,
    /// When it started.
    pub started_at: Millis,
}

/// A visit with the data that the hub needs to restore it after a restart.
#[derive(Clone, Debug)]
pub struct VisitRecord {
    /// The visit's id.
    pub id: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's name or email address, if known.
    pub visitor_name: Option<String>,
    /// The visitor is not invited until this time.
    pub quiet_until: Option<Millis>,
    /// The organization whose site was visited.
    pub organization: OrganizationId,
    /// The concierge on which it takes place.
    pub concierge: ConciergeId,
    /// The last stored page, which is empty if there is none.
    pub page: Page,
    /// The browser's family and major version, and the operating system.
    pub browser: String,
    /// When it started.
    pub started_at: Millis,
}

impl Store {
    /// Stores a visit by a stored visitor. Does nothing if the visit is already stored.
    pub async fn persist_visit(&self, new: NewVisit) -> Result<()> {
        self.write(move |db| Box::pin(async move { put_visit(db, &new).await })).await
    }

    /// Stores a visit's traffic source, unless one is already stored. An empty source deletes the stored one.
    pub async fn keep_source(&self, visit: VisitId, source: Source) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query(
                    "UPDATE visit SET referrer = $2, campaign = $3, language = $4, time_zone = $5 WHERE id = $1 \
                     AND ($4 || $5 = '' OR language || time_zone = '')",
                )
                .bind(visit.to_string())
                .bind(source.referrer.into_string())
                .bind(source.campaign.into_string())
                .bind(source.language.into_string())
                .bind(source.time_zone.into_string())
                .execute(db)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Adds page views to stored visits. Page views of other visits are ignored.
    pub async fn add_pages(&self, pages: Vec<(VisitId, PageView)>) -> Result<()> {
        if pages.is_empty() {
            return Ok(());
        }
        self.write(move |db| {
            Box::pin(async move {
                for (visit, view) in pages {
                    sql::query(
                        "INSERT INTO page_view (visit_id, at, url, title) SELECT id, $2, $3, $4 FROM visit WHERE id = $1",
                    )
                    .bind(visit.to_string())
                    .bind(view.at)
                    .bind(view.page.url)
                    .bind(view.page.title)
                    .execute(&mut *db)
                    .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Returns a visit's last page views, in order.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visit is not stored or belongs to another organization.
    pub async fn page_views(&self, organization: OrganizationId, visit: VisitId) -> Result<Vec<PageView>> {
        let rows = sql::query(
            "SELECT page_view.at, page_view.url, page_view.title FROM page_view \
             JOIN visit ON visit.id = page_view.visit_id \
             WHERE page_view.visit_id = $1 AND visit.organization_id = $2 \
             ORDER BY page_view.at DESC, page_view.id DESC LIMIT $3",
        )
        .bind(visit.to_string())
        .bind(organization.to_string())
        .bind(PAGE_VIEWS)
        .fetch_all(&self.inner.readers)
        .await?;
        if rows.is_empty() {
            sql::query("SELECT id FROM visit WHERE id = $1 AND organization_id = $2")
                .bind(visit.to_string())
                .bind(organization.to_string())
                .fetch_optional(&self.inner.readers)
                .await?
                .ok_or(Refusal::NotFound)?;
        }
        rows.iter()
            .rev()
            .map(|row| {
                let page = Page { url: row.try_get("url")?, title: row.try_get("title")? };
                Ok(PageView { page, at: row.try_get("at")? })
            })
            .collect()
    }

    /// Returns the visitor who made a visit.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visit is not stored or belongs to another organization.
    pub async fn visitor_of(&self, organization: OrganizationId, visit: VisitId) -> Result<VisitorId> {
        let row = sql::query("SELECT visitor_id FROM visit WHERE id = $1 AND organization_id = $2")
            .bind(visit.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?
            .ok_or(Refusal::NotFound)?;
        id(&row, "visitor_id")
    }

    pub(super) async fn visit(&self, visit: VisitId) -> Result<VisitRecord> {
        let row = sql::query(
            "SELECT visit.id, visit.visitor_id, visit.organization_id, visit.concierge_id, visit.browser, \
             visit.started_at, coalesce(visitor.name, visitor.email) AS visitor_name, visitor.quiet_until, page_view.url, page_view.title \
             FROM visit JOIN visitor ON visitor.id = visit.visitor_id \
             LEFT JOIN page_view ON page_view.id = (SELECT id FROM page_view AS last WHERE last.visit_id = visit.id \
             ORDER BY last.at DESC, last.id DESC LIMIT 1) WHERE visit.id = $1",
        )
        .bind(visit.to_string())
        .fetch_optional(&self.inner.readers)
        .await?
        .ok_or(Refusal::NotFound)?;
        read_visit(&row)
    }
}

pub(super) async fn put_visit(db: &mut Db, new: &NewVisit) -> Result<()> {
    sql::query(
        "INSERT INTO visit (id, organization_id, visitor_id, concierge_id, browser, started_at, referrer, campaign, \
         language, time_zone, device) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
    )
    .bind(new.id.to_string())
    .bind(new.organization.to_string())
    .bind(new.visitor.to_string())
    .bind(new.concierge.to_string())
    .bind(&new.browser)
    .bind(new.started_at)
    .bind(&*new.source.referrer)
    .bind(&*new.source.campaign)
    .bind(&*new.source.language)
    .bind(&*new.source.time_zone)
    .bind(new.source.device.map_or("", Device::as_str))
    .execute(db)
    .await?;
    Ok(())
}

/// Reads a visit's traffic source from its row.
pub(super) fn read_source(row: &Row) -> Result<Source> {
    let text = |column: &str| row.try_get::<String, _>(column).map(String::into_boxed_str);
    Ok(Source {
        referrer: text("referrer")?,
        campaign: text("campaign")?,
        language: text("language")?,
        time_zone: text("time_zone")?,
        device: Device::from_word(&text("device")?),
    })
}

fn read_visit(row: &Row) -> Result<VisitRecord> {
    Ok(VisitRecord {
        id: id(row, "id")?,
        visitor: id(row, "visitor_id")?,
        visitor_name: row.try_get("visitor_name")?,
        quiet_until: row.try_get("quiet_until")?,
        organization: id(row, "organization_id")?,
        concierge: id(row, "concierge_id")?,
        page: Page {
            url: row.try_get::<Option<String>, _>("url")?.unwrap_or_default(),
            title: row.try_get::<Option<String>, _>("title")?.unwrap_or_default(),
        },
        browser: row.try_get("browser")?,
        started_at: row.try_get("started_at")?,
    })
}
