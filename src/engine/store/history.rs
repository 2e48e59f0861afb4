//! The history, in which past and live chats can be searched by text, participants, and time.

use protocol::{
    Millis,
    chat::{ChatState, EndReason},
    id::{AgentId, ChatId, ConciergeId, OrganizationId, TeamId, VisitId, VisitorId},
};

use super::{
    Rating, Result, Store, entries,
    row::{id, optional_id, unreadable},
    search_query::{excerpt, literal, plain},
    sql::{Db, QueryBuilder, Row},
};
use crate::read_scope::ReadScope;

/// A filter for chats in the history. All conditions must match.
#[derive(Clone, Debug)]
pub struct HistoryFilter {
    /// The organization to search.
    pub organization: OrganizationId,
    /// Which chats the searching agent may read.
    pub scope: ReadScope,
    /// A search text as typed, matched against messages and the visitor's name and email address.
    pub words: String,
    /// Only chats that started at or after this time.
    pub from: Option<Millis>,
    /// Only chats that started before this time.
    pub to: Option<Millis>,
    /// Only chats on this concierge.
    pub concierge: Option<ConciergeId>,
    /// Only chats served by this team.
    pub team: Option<TeamId>,
    /// Only chats that this agent took part in.
    pub agent: Option<AgentId>,
    /// Only chats with this tag.
    pub tag: Option<String>,
    /// Only chats with this outcome.
    pub outcome: Option<Outcome>,
    /// Only chats to which the visitor gave this rating.
    pub rating: Option<Rating>,
    /// Only chats with this visitor.
    pub visitor: Option<VisitorId>,
}

impl HistoryFilter {
    /// Returns a filter for all visible chats.
    pub fn all(organization: OrganizationId, scope: ReadScope) -> Self {
        Self {
            organization,
            scope,
            words: String::new(),
            from: None,
            to: None,
            concierge: None,
            team: None,
            agent: None,
            tag: None,
            outcome: None,
            rating: None,
            visitor: None,
        }
    }
}

/// The outcome of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The chat has not ended.
    Live,
    /// An agent claimed it.
    Claimed,
    /// The visitor left before anyone claimed it.
    Abandoned,
    /// An agent ended it.
    EndedByAgent,
    /// The visitor ended it.
    EndedByVisitor,
    /// It ended because nobody had written for too long.
    EndedInSilence,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Live, Self::Claimed, Self::Abandoned, Self::EndedByAgent, Self::EndedByVisitor, Self::EndedInSilence];

    /// Returns the word used in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Claimed => "claimed",
            Self::Abandoned => "abandoned",
            Self::EndedByAgent => "agent",
            Self::EndedByVisitor => "visitor",
            Self::EndedInSilence => "silence",
        }
    }

    /// Returns the outcome for a word, or `None` if the word is not valid.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    fn condition(self) -> &'static str {
        match self {
            Self::Live => " AND chat.state <> 'ended'",
            Self::Claimed => " AND chat.agent_id IS NOT NULL",
            Self::Abandoned => " AND chat.end_reason = 'abandoned'",
            Self::EndedByAgent => " AND chat.end_reason = 'agent'",
            Self::EndedByVisitor => " AND chat.end_reason = 'visitor'",
            Self::EndedInSilence => " AND chat.end_reason = 'silence'",
        }
    }
}

/// A chat in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChat {
    /// The chat's id.
    pub id: ChatId,
    /// The visit that it belongs to.
    pub visit: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's name, if known.
    pub visitor_name: Option<String>,
    /// The visitor's email address, if known.
    pub visitor_email: Option<String>,
    /// The concierge on which it took place.
    pub concierge: ConciergeId,
    /// The team that serves it (`None` if any agent can).
    pub team: Option<TeamId>,
    /// The last agent in the chat.
    pub agent: Option<AgentId>,
    /// When it started.
    pub began_at: Millis,
    /// When it ended (`None` while it is live).
    pub ended_at: Option<Millis>,
    /// Why it ended, if it has.
    pub end_reason: Option<EndReason>,
    /// The visitor's rating, if given.
    pub rating: Option<Rating>,
    /// The number of messages.
    pub messages: u32,
    /// The text around the first match, or the start of the last message if there was no search text.
    pub excerpt: String,
}

/// The position after a page of the history, given by the start time and id of the last chat on that page.
pub type HistoryCursor = (Millis, ChatId);

impl Store {
    /// Returns up to `limit` chats that follow `place` in the history, newest first.
    ///
    /// # Errors
    /// Returns the refusal `TookTooLong` if the search exceeds its time limit, which keeps it from blocking other
    /// readers.
    pub async fn history(
        &self,
        filter: HistoryFilter,
        place: Option<HistoryCursor>,
        limit: u32,
    ) -> Result<Vec<PastChat>> {
        self.query_with_timeout(filter.organization, move |db| {
            Box::pin(async move { page(db, &filter, place, limit).await })
        })
        .await
    }

    /// Returns a chat from the history if it is in scope.
    pub async fn past_chat(
        &self,
        organization: OrganizationId,
        scope: ReadScope,
        chat: ChatId,
    ) -> Result<Option<PastChat>> {
        let filter = HistoryFilter::all(organization, scope);
        let mut query = QueryBuilder::new(COLUMNS);
        query.push(", chat.last_text AS found FROM chat").push(TABLES);
        push_filter(&mut query, &filter);
        query.push(" AND chat.id = ").push_bind(chat.to_string());
        let row = query.build().fetch_optional(&self.inner.readers).await?;
        row.as_ref().map(|row| read(row, "")).transpose()
    }
}

const COLUMNS: &str = "SELECT chat.id, chat.visit_id, chat.visitor_id, chat.team_id, chat.agent_id, chat.state, \
                       chat.began_at, chat.state_since, chat.end_reason, chat.rating, visitor.name, visitor.email, \
                       visit.concierge_id, \
                       (SELECT count(*) FROM entry WHERE entry.chat_id = chat.id AND entry.text IS NOT NULL) AS messages";
const TABLES: &str = " JOIN visit ON visit.id = chat.visit_id JOIN visitor ON visitor.id = chat.visitor_id WHERE TRUE";

/// Selects the chats in which a message or the visitor matches, along with the first matching message in each of them.
const FOUND: &str = "WITH found AS (SELECT chat_id, min(search_rowid) AS search_rowid FROM (";
const IN_MESSAGES_OF_SQLITE: &str = "SELECT entry.chat_id, entry.search_rowid FROM message_search JOIN entry \
                                     ON entry.search_rowid = message_search.rowid WHERE message_search MATCH ";
const IN_MESSAGES_OF_POSTGRES: &str = "SELECT chat_id, search_rowid FROM entry WHERE text IS NOT NULL \
                                       AND message_words(text) @@ message_query(";
const BY_NAME: &str = " UNION ALL SELECT chat.id, NULL FROM visitor JOIN chat ON chat.visitor_id = visitor.id \
                       WHERE instr(lower(coalesce(visitor.name, '') || ' ' || coalesce(visitor.email, '')), ";

/// Returns one page of the history, using any connection.
pub(super) async fn page(
    db: &mut Db,
    filter: &HistoryFilter,
    place: Option<HistoryCursor>,
    limit: u32,
) -> Result<Vec<PastChat>> {
    let words = filter.words.trim();
    let mut query = QueryBuilder::new("");
    if words.is_empty() {
        query.push(COLUMNS).push(", chat.last_text AS found FROM chat").push(TABLES);
    } else {
        query.push(FOUND);
        match db.is_postgres() {
            true => query.push(IN_MESSAGES_OF_POSTGRES).push_bind(plain(words)).push(")"),
            false => query.push(IN_MESSAGES_OF_SQLITE).push_bind(literal(words)),
        };
        query.push(BY_NAME).push_bind(words.to_ascii_lowercase());
        query.push(") > 0) AS either GROUP BY chat_id) ").push(COLUMNS);
        query.push(", coalesce((SELECT text FROM entry WHERE entry.search_rowid = found.search_rowid), ");
        query.push("chat.last_text) AS found");
        query.push(" FROM found JOIN chat ON chat.id = found.chat_id").push(TABLES);
    }
    push_filter(&mut query, filter);
    if let Some((began_at, chat)) = place {
        query.push(" AND (chat.began_at, chat.id) < (").push_bind(began_at);
        query.push(", ").push_bind(chat.to_string()).push(")");
    }
    query.push(" ORDER BY chat.began_at DESC, chat.id DESC LIMIT ").push_bind(limit);
    let rows = query.build().fetch_all(db).await?;
    rows.iter().map(|row| read(row, words)).collect()
}

fn push_filter(query: &mut QueryBuilder, filter: &HistoryFilter) {
    query.push(" AND chat.organization_id = ").push_bind(filter.organization.to_string());
    if let ReadScope::Own { agent, teams } = &filter.scope {
        // The same rule as `ReadScope::contains`.
        query.push(" AND (chat.state <> 'in_progress' AND (chat.team_id IS NULL OR chat.team_id IN (");
        query.push_list(teams.iter().map(ToString::to_string)).push(")) OR chat.reserved_for = ");
        query.push_bind(agent.to_string()).push(" OR ");
        push_participant(query, *agent);
        query.push(")");
    }
    let ids = [
        ("visit.concierge_id", filter.concierge.map(|concierge| concierge.to_string())),
        ("chat.team_id", filter.team.map(|team| team.to_string())),
        ("chat.visitor_id", filter.visitor.map(|visitor| visitor.to_string())),
    ];
    for (column, wanted) in ids {
        if let Some(id) = wanted {
            query.push(" AND ").push(column).push(" = ").push_bind(id);
        }
    }
    if let Some(agent) = filter.agent {
        query.push(" AND ");
        push_participant(query, agent);
    }
    if let Some(from) = filter.from {
        query.push(" AND chat.began_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" AND chat.began_at < ").push_bind(to);
    }
    if let Some(tag) = &filter.tag {
        query.push(" AND EXISTS (SELECT 1 FROM chat_tag WHERE chat_tag.chat_id = chat.id AND chat_tag.name = ");
        query.push_bind(tag.clone()).push(")");
    }
    if let Some(outcome) = filter.outcome {
        query.push(outcome.condition());
    }
    if let Some(rating) = filter.rating {
        query.push(" AND chat.rating = ").push_bind(rating.as_str());
    }
}

/// Matches chats that belong to the agent, or did until another agent took over.
fn push_participant(query: &mut QueryBuilder, agent: AgentId) {
    query.push("EXISTS (SELECT 1 FROM chat_agent WHERE chat_agent.chat_id = chat.id AND chat_agent.agent_id = ");
    query.push_bind(agent.to_string()).push(")");
}

fn read(row: &Row, words: &str) -> Result<PastChat> {
    let state: &str = row.try_get("state")?;
    let state = ChatState::from_word(state).ok_or_else(|| unreadable("state", state))?;
    let since: Millis = row.try_get("state_since")?;
    Ok(PastChat {
        id: id(row, "id")?,
        visit: id(row, "visit_id")?,
        visitor: id(row, "visitor_id")?,
        visitor_name: row.try_get("name")?,
        visitor_email: row.try_get("email")?,
        concierge: id(row, "concierge_id")?,
        team: optional_id(row, "team_id")?,
        agent: optional_id(row, "agent_id")?,
        began_at: row.try_get("began_at")?,
        ended_at: (state == ChatState::Ended).then_some(since),
        end_reason: row.try_get::<Option<&str>, _>("end_reason")?.map(entries::read_end_word).transpose()?,
        rating: row.try_get::<Option<&str>, _>("rating")?.and_then(Rating::from_word),
        messages: row.try_get("messages")?,
        excerpt: excerpt(row.try_get::<Option<&str>, _>("found")?.unwrap_or_default(), words),
    })
}
