//! Stored visitors and their profiles: visits, invitations, and agents' notes.

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

/// The maximum number of visits in a profile.
const VISITS: u32 = 20;
/// The maximum number of page views per visit.
const PAGES: u32 = 100;

/// A stored visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorProfile {
    /// The visitor's id.
    pub id: VisitorId,
    /// The name, if known.
    pub name: Option<String>,
    /// The email address, if known.
    pub email: Option<String>,
    /// Whether the visitor provided the name. If so, agents cannot overwrite it.
    pub says_name: bool,
    /// Whether the visitor provided the email address. If so, agents cannot overwrite it.
    pub says_email: bool,
    /// Whether an agent entered the name or the email address.
    pub by_agent: bool,
    /// The visitor's block, if any. It may have expired.
    pub block: Option<Block>,
    /// When the visitor was first stored.
    pub first_at: Millis,
    /// When the visitor was last seen.
    pub seen_at: Millis,
    /// The number of stored visits.
    pub visits: u32,
    /// The number of stored page views.
    pub pages: u32,
    /// The number of chats.
    pub chats: u32,
    /// The number of invitations.
    pub invitations: u32,
    /// The number of agents' notes.
    pub notes: u32,
    /// The last stored page, if any.
    pub page: Option<Page>,
}

/// The position after a page of visitors, given by `seen_at` and the id of the last visitor on that page.
pub type VisitorCursor = (Millis, VisitorId);

/// A stored visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastVisit {
    /// The visit's id.
    pub id: VisitId,
    /// When it started.
    pub started_at: Millis,
    /// The concierge on which it took place.
    pub concierge: ConciergeId,
    /// The browser's family and major version, and the operating system.
    pub browser: String,
    /// The traffic source, reduced to what may be stored.
    pub source: Source,
    /// The page views, in order.
    pub page_views: Vec<PageView>,
}

/// An invitation in a visitor's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastInvitation {
    /// The agent who sent it.
    pub by: AgentId,
    /// When it was sent.
    pub sent_at: Millis,
    /// When it ended (`None` while it is open).
    pub decided_at: Option<Millis>,
    /// Its current or final state.
    pub state: InvitationState,
    /// The visitor's answer, if it came after the invitation had ended.
    pub late_answer: Option<Answer>,
    /// The text shown to the visitor.
    pub text: String,
}

/// An agent's note about a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorNote {
    /// The agent who wrote it.
    pub by: AgentId,
    /// When it was written.
    pub at: Millis,
    /// The note's text.
    pub text: String,
}

/// What is shown about a visitor, except chats, which are in the history. The lists are limited; the profile has the
/// actual numbers, and the export has everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorFacts {
    /// The visitor.
    pub visitor: VisitorProfile,
    /// The visits, newest first.
    pub visits: Vec<PastVisit>,
    /// The invitations, newest first.
    pub invitations: Vec<PastInvitation>,
    /// The notes, newest first.
    pub notes: Vec<VisitorNote>,
}

const VISITORS: &str = "SELECT visitor.id, visitor.name, visitor.email, visitor.created_at, visitor.seen_at, \
                        visitor.name_from, visitor.email_from, visitor_block.by_agent AS blocked_by, \
                        visitor_block.at AS blocked_at, visitor_block.until AS blocked_until, \
                        (SELECT count(*) FROM visit WHERE visit.visitor_id = visitor.id) AS visits, \
                        (SELECT count(*) FROM chat WHERE chat.visitor_id = visitor.id) AS chats, \
                        (SELECT count(*) FROM invitation WHERE invitation.visitor_id = visitor.id) AS invitations, \
                        (SELECT count(*) FROM visitor_note WHERE visitor_note.visitor_id = visitor.id) AS notes, \
                        (SELECT count(*) FROM page_view JOIN visit ON visit.id = page_view.visit_id \
                        WHERE visit.visitor_id = visitor.id) AS pages, page_view.url, page_view.title \
                        FROM visitor LEFT JOIN visitor_block ON visitor_block.visitor_id = visitor.id LEFT JOIN page_view ON page_view.id = (SELECT last.id FROM page_view AS last \
                        JOIN visit ON visit.id = last.visit_id WHERE visit.visitor_id = visitor.id \
                        ORDER BY last.at DESC, last.id DESC LIMIT 1) WHERE visitor.organization_id = ";

impl Store {
    /// Returns up to `limit` stored visitors that follow `place`, most recently seen first. `words` is matched against
    /// names, email addresses, and pages. `blocked` selects only visitors who are blocked at that time.
    ///
    /// # Errors
    /// Returns [`Refusal::TookTooLong`] if the search exceeds its time limit.
    pub async fn visitor_profiles(
        &self,
        organization: OrganizationId,
        words: String,
        blocked: Option<Millis>,
        place: Option<VisitorCursor>,
        limit: u32,
    ) -> Result<Vec<VisitorProfile>> {
        self.query_with_timeout(organization, move |db| {
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

    /// Returns what is shown about a visitor, except chats.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visitor does not belong to the organization.
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

    /// Adds a note about a visitor, which the visitor never sees.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visitor does not belong to the organization, and `Forbidden` if the actor
    /// is not an agent.
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

    /// Sets or clears a visitor's name and email address and records that an agent entered them. Values that the
    /// visitor provided are kept. Returns the name or address now shown to agents.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visitor does not belong to the organization.
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
                // An unchanged value keeps its origin.
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
                audit::note_visitor(db, &by, "visitor.named", visitor, "", now).await?;
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
        _ => return Err(unreadable("page_view", "incomplete page")),
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
        invitations: row.try_get("invitations")?,
        notes: row.try_get("notes")?,
        page,
    })
}
