//! Visitors who are remembered, and what is known of each: his visits, the invitations he had, what agents noted.

use protocol::{
    Millis,
    id::{AgentId, ConciergeId, OrganizationId, VisitId, VisitorId},
    invitation::{Answer, InvitationState},
    page::{Page, PageView},
    refusal::Refusal,
};

use super::{
    Actor, Block, Result, Store, audit, erasure, invitations,
    row::{id, optional_id, unreadable},
    sql::{self, Db, Row},
    visits,
};
use crate::traffic_source::Source;

/// The most visits of one visitor that are told.
const VISITS: u32 = 20;
/// The most pages of one visit that are told.
const PAGES: u32 = 100;

/// A visitor who is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorProfile {
    /// Who.
    pub id: VisitorId,
    /// His name when known.
    pub name: Option<String>,
    /// His e-mail when known.
    pub email: Option<String>,
    /// He has said his name himself; no agent can fill in another.
    pub says_name: bool,
    /// He has said his e-mail himself.
    pub says_email: bool,
    /// An agent has filled in his name or his e-mail.
    pub by_agent: bool,
    /// He is not served, or was not for a while that is over.
    pub block: Option<Block>,
    /// Since when he is remembered.
    pub first_at: Millis,
    /// When he was last known to be there.
    pub seen_at: Millis,
    /// How many visits are known.
    pub visits: u32,
    /// How many pages.
    pub pages: u32,
    /// How many chats.
    pub chats: u32,
    /// The last page that is known.
    pub page: Option<Page>,
}

/// Where a page of visitors ends, and the next begins.
pub type VisitorCursor = (Millis, VisitorId);

/// A visit that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastVisit {
    /// Which.
    pub id: VisitId,
    /// When it began.
    pub started_at: Millis,
    /// On which concierge.
    pub concierge: ConciergeId,
    /// Family, major version and system.
    pub browser: String,
    /// As much of where it came from as may be kept.
    pub source: Source,
    /// Its pages, the first one first.
    pub page_views: Vec<PageView>,
}

/// An invitation that he had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastInvitation {
    /// From whom.
    pub by: AgentId,
    /// When.
    pub sent_at: Millis,
    /// When it ended; none: it is open.
    pub decided_at: Option<Millis>,
    /// How it ended.
    pub state: InvitationState,
    /// What he said after the end.
    pub late_answer: Option<Answer>,
    /// What it said.
    pub text: String,
}

/// What an agent noted about him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorNote {
    /// Who.
    pub by: AgentId,
    /// When.
    pub at: Millis,
    /// What.
    pub text: String,
}

/// Everything that is known of a visitor, but his chats: those stand in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorFacts {
    /// Who.
    pub visitor: VisitorProfile,
    /// His visits, the latest first.
    pub visits: Vec<PastVisit>,
    /// The invitations he had, the latest first.
    pub invitations: Vec<PastInvitation>,
    /// What was noted about him, the latest first.
    pub notes: Vec<VisitorNote>,
}

const VISITORS: &str = "SELECT visitor.id, visitor.name, visitor.email, visitor.created_at, visitor.seen_at, \
                        visitor.name_from, visitor.email_from, visitor_block.by_agent AS blocked_by, \
                        visitor_block.at AS blocked_at, visitor_block.until AS blocked_until, \
                        (SELECT count(*) FROM visit WHERE visit.visitor_id = visitor.id) AS visits, \
                        (SELECT count(*) FROM chat WHERE chat.visitor_id = visitor.id) AS chats, \
                        (SELECT count(*) FROM page_view JOIN visit ON visit.id = page_view.visit_id \
                        WHERE visit.visitor_id = visitor.id) AS pages, page_view.url, page_view.title \
                        FROM visitor LEFT JOIN visitor_block ON visitor_block.visitor_id = visitor.id LEFT JOIN page_view ON page_view.id = (SELECT last.id FROM page_view AS last \
                        JOIN visit ON visit.id = last.visit_id WHERE visit.visitor_id = visitor.id \
                        ORDER BY last.at DESC, last.id DESC LIMIT 1) WHERE visitor.organization_id = ";

impl Store {
    /// Visitors who are remembered, who was here last first, `limit` at most, those after `place`; only those whose name,
    /// e-mail or pages have these words; with a time, only those who are blocked then.
    ///
    /// # Errors
    /// `TookTooLong`.
    pub async fn visitor_profiles(
        &self,
        organization: OrganizationId,
        words: String,
        blocked: Option<Millis>,
        place: Option<VisitorCursor>,
        limit: u32,
    ) -> Result<Vec<VisitorProfile>> {
        self.query_with_timeout(move |db| {
            Box::pin(async move {
                let mut query = sql::QueryBuilder::new(VISITORS);
                query.push_bind(organization.to_string());
                let words = words.trim().to_ascii_lowercase();
                if !words.is_empty() {
                    query.push(" AND (instr(lower(coalesce(visitor.name, '') || ' ' || coalesce(visitor.email, '')), ");
                    query.push_bind(words.clone());
                    query.push(
                        ") > 0 OR EXISTS (SELECT 1 FROM visit JOIN page_view AS seen ON seen.visit_id = visit.id ",
                    );
                    query.push("WHERE visit.visitor_id = visitor.id AND instr(lower(seen.url || ' ' || seen.title), ");
                    query.push_bind(words).push(") > 0))");
                }
                if let Some(now) = blocked {
                    query.push(
                        " AND visitor_block.at IS NOT NULL AND (visitor_block.until IS NULL OR visitor_block.until > ",
                    );
                    query.push_bind(now).push(")");
                }
                if let Some((seen_at, visitor)) = place {
                    query.push(" AND (visitor.seen_at, visitor.id) < (").push_bind(seen_at);
                    query.push(", ").push_bind(visitor.to_string()).push(")");
                }
                query.push(" ORDER BY visitor.seen_at DESC, visitor.id DESC LIMIT ").push_bind(limit);
                query.build().fetch_all(db).await?.iter().map(read).collect()
            })
        })
        .await
    }

    /// Everything that is known of a visitor.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn visitor_facts(&self, organization: OrganizationId, visitor: VisitorId) -> Result<VisitorFacts> {
        let mut db = self.inner.readers.acquire().await?;
        let mut query = sql::QueryBuilder::new(VISITORS);
        query.push_bind(organization.to_string()).push(" AND visitor.id = ").push_bind(visitor.to_string());
        let row = query.build().fetch_optional(&mut db).await?.ok_or(Refusal::NotFound)?;
        Ok(VisitorFacts {
            visitor: read(&row)?,
            visits: past_visits(&mut db, visitor).await?,
            invitations: invited(&mut db, visitor).await?,
            notes: notes(&mut db, visitor).await?,
        })
    }

    /// Notes something about a visitor; he never sees it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn note_on_visitor(&self, by: Actor, visitor: VisitorId, text: String, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let agent = by.agent.ok_or(Refusal::Forbidden)?;
                let noted = sql::query(
                    "INSERT INTO visitor_note (visitor_id, agent_id, at, text) SELECT id, $3, $4, $5 FROM visitor \
                     WHERE id = $1 AND organization_id = $2",
                )
                .bind(visitor.to_string())
                .bind(by.organization.to_string())
                .bind(agent.to_string())
                .bind(now)
                .bind(text)
                .execute(db)
                .await?;
                if noted.rows_affected() == 0 { Err(Refusal::NotFound.into()) } else { Ok(()) }
            })
        })
        .await
    }

    /// Fills in a visitor's name and e-mail for him; that an agent did so is kept with them. Both or none may be known, and
    /// what he has said himself stays. By which of them he is shown now.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn name_visitor(
        &self,
        by: Actor,
        visitor: VisitorId,
        name: Option<String>,
        email: Option<String>,
        now: Millis,
    ) -> Result<Option<String>> {
        self.write(move |db| {
            Box::pin(async move {
                if !erasure::is_visitor_of(db, by.organization, visitor).await? {
                    return Err(Refusal::NotFound.into());
                }
                // What is as it was, is whose it was.
                let shown = sql::query_scalar(
                    "UPDATE visitor SET name_from = CASE WHEN name_from = 'visitor' OR name IS NOT DISTINCT FROM $2 \
                     THEN name_from WHEN $2 IS NULL THEN NULL ELSE 'agent' END, \
                     email_from = CASE WHEN email_from = 'visitor' OR email IS NOT DISTINCT FROM $3 \
                     THEN email_from WHEN $3 IS NULL THEN NULL ELSE 'agent' END, \
                     name = CASE WHEN name_from = 'visitor' THEN name ELSE $2 END, \
                     email = CASE WHEN email_from = 'visitor' THEN email ELSE $3 END \
                     WHERE id = $1 RETURNING coalesce(name, email)",
                )
                .bind(visitor.to_string())
                .bind(name)
                .bind(email)
                .fetch_one(&mut *db)
                .await?;
                audit::note(db, &by, "visitor.named", "", "", now).await?;
                Ok(shown)
            })
        })
        .await
    }
}

async fn past_visits(db: &mut Db, visitor: VisitorId) -> Result<Vec<PastVisit>> {
    let rows = sql::query(
        "SELECT id, started_at, concierge_id, browser, referrer, campaign, language, time_zone, device FROM visit WHERE visitor_id = $1 \
         ORDER BY started_at DESC, id DESC LIMIT $2",
    )
    .bind(visitor.to_string())
    .bind(VISITS)
    .fetch_all(&mut *db)
    .await?;
    let mut visits = Vec::with_capacity(rows.len());
    for row in &rows {
        let visit: VisitId = id(row, "id")?;
        let pages = sql::query("SELECT at, url, title FROM page_view WHERE visit_id = $1 ORDER BY at, id LIMIT $2")
            .bind(visit.to_string())
            .bind(PAGES)
            .fetch_all(&mut *db)
            .await?;
        let page_views = pages.iter().map(|row| {
            let page = Page { url: row.try_get("url")?, title: row.try_get("title")? };
            Ok(PageView { page, at: row.try_get("at")? })
        });
        visits.push(PastVisit {
            id: visit,
            started_at: row.try_get("started_at")?,
            concierge: id(row, "concierge_id")?,
            browser: row.try_get("browser")?,
            source: visits::read_source(row)?,
            page_views: page_views.collect::<Result<_>>()?,
        });
    }
    Ok(visits)
}

async fn invited(db: &mut Db, visitor: VisitorId) -> Result<Vec<PastInvitation>> {
    let rows = sql::query("SELECT * FROM invitation WHERE visitor_id = $1 ORDER BY sent_at DESC, id DESC LIMIT 50")
        .bind(visitor.to_string())
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| {
            let record = invitations::read(row)?;
            Ok(PastInvitation {
                by: record.by,
                sent_at: record.sent_at,
                decided_at: row.try_get("decided_at")?,
                state: record.state,
                late_answer: record.late_answer,
                text: record.text,
            })
        })
        .collect()
}

async fn notes(db: &mut Db, visitor: VisitorId) -> Result<Vec<VisitorNote>> {
    let rows =
        sql::query("SELECT agent_id, at, text FROM visitor_note WHERE visitor_id = $1 ORDER BY id DESC LIMIT 100")
            .bind(visitor.to_string())
            .fetch_all(db)
            .await?;
    let read =
        |row: &Row| Ok(VisitorNote { by: id(row, "agent_id")?, at: row.try_get("at")?, text: row.try_get("text")? });
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<VisitorProfile> {
    let page = match (row.try_get("url")?, row.try_get("title")?) {
        (Some(url), Some(title)) => Some(Page { url, title }),
        (None, None) => None,
        _ => return Err(unreadable("page_view", "half a page")),
    };
    let from = |column: &str| row.try_get::<Option<String>, _>(column);
    let (name_from, email_from) = (from("name_from")?, from("email_from")?);
    let is_from = |who: &str| [&name_from, &email_from].map(|from| from.as_deref() == Some(who));
    let block = match (optional_id(row, "blocked_by")?, row.try_get("blocked_at")?) {
        (Some(by), Some(at)) => Some(Block { by, at, until: row.try_get("blocked_until")? }),
        _ => None,
    };
    let [says_name, says_email] = is_from("visitor");
    Ok(VisitorProfile {
        id: id(row, "id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        says_name,
        says_email,
        by_agent: is_from("agent").contains(&true),
        block,
        first_at: row.try_get("created_at")?,
        seen_at: row.try_get("seen_at")?,
        visits: row.try_get("visits")?,
        pages: row.try_get("pages")?,
        chats: row.try_get("chats")?,
        page,
    })
}
