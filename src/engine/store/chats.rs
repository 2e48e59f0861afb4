//! Reads chats in their current state.

use protocol::{
    Millis,
    chat::{AgentChat, AgentConnectivity, BoardChat, ChatState, EndReason, LastMessage, Receipt, Seq},
    contact::ContactRequest,
    id::{AgentId, ChatId, OrganizationId, TeamId, VisitId, VisitorId},
    refusal::Refusal,
};

use super::{
    Result, Store, VisitRecord, entries,
    row::{id, optional_id, unreadable},
    sql::{self, Db, Row},
};

/// A stored chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRecord {
    /// The chat's id.
    pub id: ChatId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The visit that it belongs to.
    pub visit: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's name or email address, if known.
    pub visitor_name: Option<String>,
    /// The visitor's email address, if known.
    pub visitor_email: Option<String>,
    /// Its current state.
    pub state: ChatState,
    /// The team that serves it (`None` if any agent can).
    pub team: Option<TeamId>,
    /// The current or last agent (`None` while the chat is unclaimed).
    pub agent: Option<AgentId>,
    /// Every agent who is or was in it.
    pub past_agents: Vec<AgentId>,
    /// The version, which increases with every change of state or owner.
    pub version: u32,
    /// When the current state began. For a waiting chat, this is when it entered the queue.
    pub state_since: Millis,
    /// The agent for whom the chat is reserved while it is unclaimed. Nobody else can claim it until `reserved_until`.
    pub reserved_for: Option<AgentId>,
    /// When the reservation expires.
    pub reserved_until: Option<Millis>,
    /// The number of the last entry.
    pub last_seq: Seq,
    /// The last entries that the visitor has received and read.
    pub visitor_receipt: Receipt,
    /// The last entries that the agents have received and read.
    pub agent_receipt: Receipt,
    /// Whether the reservation is an offer made by the team's routing.
    pub is_offer: bool,
    /// The tags, sorted.
    pub tags: Vec<String>,
    /// Whether the visitor was asked for contact details, and whether they provided them.
    pub contact: ContactRequest,
    /// Why it ended, if it has.
    pub end_reason: Option<EndReason>,
    /// The last message, truncated.
    pub last: Option<LastMessage>,
    /// The number of messages from the visitor that no agent has read. Stored with the chat, because counting them
    /// would take longer as the chat grows.
    pub unread: u32,
    /// The time of the last message, or of a more recent start, claim, or takeover. Silence is measured from this
    /// point.
    pub last_word_at: Millis,
}

impl ChatRecord {
    /// Converts the chat for the board. The hub supplies the connectivity of the chat's agent.
    pub(crate) fn to_board_chat(&self, link: AgentConnectivity) -> BoardChat {
        BoardChat {
            id: self.id,
            state: self.state,
            team: self.team,
            agent: self.agent,
            version: self.version,
            since: self.state_since,
            reserved_for: self.reserved_for,
            reserved_until: self.reserved_until,
            link,
            contact: self.contact,
            offered: self.is_offer,
        }
    }

    /// Converts the chat for an agent's list. The hub supplies the board chat and the visit.
    pub(crate) fn into_agent_chat(self, chat: BoardChat, visit: VisitId) -> AgentChat {
        AgentChat {
            chat,
            visit,
            visitor_name: self.visitor_name,
            head: self.last_seq,
            last: self.last,
            visitor_receipt: self.visitor_receipt,
            agent_receipt: self.agent_receipt,
            unread: self.unread,
            visitor_email: self.visitor_email,
            tags: self.tags,
        }
    }
}

/// A live chat and its visit, which the hub needs to restore the chat after a restart.
#[derive(Clone, Debug)]
pub struct LiveChat {
    /// The chat.
    pub chat: ChatRecord,
    /// The visitor's visit.
    pub visit: VisitRecord,
}

/// How long the widget keeps showing a chat after it has ended, in milliseconds.
const SHOWN_AFTER_END: Millis = 30 * 60 * 1_000;

macro_rules! chats {
    ($which:expr) => {
        $crate::store::chats::chats!("", $which)
    };
    ($and:expr, $which:expr) => {
        concat!(
            "SELECT chat.*, coalesce(visitor.name, visitor.email) AS visitor_name, visitor.email AS visitor_email, \
             (SELECT string_agg(name, '\n' ORDER BY name) FROM chat_tag WHERE chat_tag.chat_id = chat.id) AS tags, \
             (SELECT string_agg(agent_id, ' ') FROM chat_agent WHERE chat_agent.chat_id = chat.id) AS past_agents ",
            $and,
            " FROM chat JOIN visitor ON visitor.id = chat.visitor_id ",
            $which
        )
    };
}
pub(super) use chats;

impl Store {
    /// Returns a chat if it belongs to the organization.
    pub async fn chat(&self, organization: OrganizationId, chat: ChatId) -> Result<Option<ChatRecord>> {
        let row = sql::query(chats!("WHERE chat.id = $1 AND chat.organization_id = $2"))
            .bind(chat.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Returns the visitor's live chat or, if there is none, their last chat if it ended within the last 30 minutes.
    pub async fn live_chat_of(&self, visitor: VisitorId, now: Millis) -> Result<Option<ChatRecord>> {
        let row = sql::query(chats!(
            "WHERE chat.visitor_id = $1 AND (chat.state <> 'ended' OR chat.state_since > $2) \
             ORDER BY chat.state = 'ended', chat.state_since DESC LIMIT 1"
        ))
        .bind(visitor.to_string())
        .bind(now - SHOWN_AFTER_END)
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Returns every live chat along with its visit.
    pub async fn live_chats(&self) -> Result<Vec<LiveChat>> {
        let rows = sql::query(chats!("WHERE chat.state IN ('unclaimed','in_progress') ORDER BY chat.state_since"))
            .fetch_all(&self.inner.readers)
            .await?;
        let mut live = Vec::with_capacity(rows.len());
        for row in &rows {
            let chat = read(row)?;
            live.push(LiveChat { visit: self.visit(chat.visit).await?, chat });
        }
        Ok(live)
    }

    /// Returns the in-progress chats of an agent, most recent activity first.
    pub async fn agent_chats(&self, agent: AgentId) -> Result<Vec<ChatRecord>> {
        let rows = sql::query(chats!(
            "WHERE chat.agent_id = $1 AND chat.state = 'in_progress' ORDER BY chat.last_word_at DESC"
        ))
        .bind(agent.to_string())
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read).collect()
    }
}

pub(super) async fn live_of(db: &mut Db, visitor: VisitorId) -> Result<Option<ChatRecord>> {
    let row = sql::query(chats!("WHERE chat.visitor_id = $1 AND chat.state IN ('unclaimed','in_progress')"))
        .bind(visitor.to_string())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn by_id(db: &mut Db, chat: ChatId) -> Result<ChatRecord> {
    let row = sql::query(chats!("WHERE chat.id = $1")).bind(chat.to_string()).fetch_optional(db).await?;
    read(&row.ok_or(Refusal::NotFound)?)
}

pub(super) async fn in_organization(db: &mut Db, organization: OrganizationId, chat: ChatId) -> Result<ChatRecord> {
    let known = by_id(db, chat).await?;
    if known.organization == organization { Ok(known) } else { Err(Refusal::NotFound.into()) }
}

pub(super) fn read(row: &Row) -> Result<ChatRecord> {
    let state: &str = row.try_get("state")?;
    let end_reason: Option<&str> = row.try_get("end_reason")?;
    let last = match (row.try_get("last_text")?, row.try_get("last_from_visitor")?, row.try_get("last_at")?) {
        (Some(text), Some(from_visitor), Some(at)) => Some(LastMessage { text, from_visitor, at }),
        _ => None,
    };
    let (offered_at, left_at): (Option<Millis>, Option<Millis>) =
        (row.try_get("form_offered_at")?, row.try_get("contact_left_at")?);
    let contact = match (offered_at, left_at) {
        (_, Some(_)) => ContactRequest::Provided,
        (Some(_), None) => ContactRequest::Requested,
        (None, None) => ContactRequest::NotRequested,
    };
    let reserved_for: Option<AgentId> = optional_id(row, "reserved_for")?;
    let tags = row.try_get::<Option<String>, _>("tags")?.unwrap_or_default();
    let past_agents = row.try_get::<Option<&str>, _>("past_agents")?.unwrap_or_default();
    let past_agents = past_agents.split_whitespace().map(|id| id.parse().map_err(|_| unreadable("agent_id", id)));
    Ok(ChatRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        visit: id(row, "visit_id")?,
        visitor: id(row, "visitor_id")?,
        visitor_name: row.try_get("visitor_name")?,
        visitor_email: row.try_get("visitor_email")?,
        state: ChatState::from_word(state).ok_or_else(|| unreadable("state", state))?,
        team: optional_id(row, "team_id")?,
        agent: optional_id(row, "agent_id")?,
        past_agents: past_agents.collect::<Result<_>>()?,
        version: row.try_get("version")?,
        state_since: row.try_get("state_since")?,
        reserved_for,
        reserved_until: row.try_get("reserved_until")?,
        last_seq: row.try_get("last_seq")?,
        visitor_receipt: Receipt { delivered: row.try_get("visitor_delivered")?, read: row.try_get("visitor_read")? },
        agent_receipt: Receipt { delivered: row.try_get("agent_delivered")?, read: row.try_get("agent_read")? },
        contact,
        is_offer: row.try_get("is_offer")? && reserved_for.is_some(),
        tags: tags.lines().map(str::to_owned).collect(),
        end_reason: end_reason.map(entries::read_end_word).transpose()?,
        last,
        unread: row.try_get("unread")?,
        last_word_at: row.try_get("last_word_at")?,
    })
}
