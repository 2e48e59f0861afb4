//! Chats: who waits, who is in them, and how they end.

use protocol::{
    Millis,
    agent::Role,
    chat::{ChatState, EndReason, Entry, Happening, LastLine, Receipt, Seq},
    id::{AgentId, ChatId, OrganizationId, TeamId, VisitId, VisitorId},
    refusal::Refusal,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    Remember, Result, Store, VisitRecord, messages,
    row::{id, optional_id, unreadable},
    visitors,
};

/// A chat that a visitor asks for.
#[derive(Clone, Debug)]
pub struct NewChat {
    /// Its name.
    pub id: ChatId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// In which visit.
    pub visit: VisitId,
    /// Whose.
    pub visitor: VisitorId,
    /// The team that serves it; none: everybody.
    pub team: Option<TeamId>,
    /// The time.
    pub now: Millis,
    /// Who asks has acted, and is remembered.
    pub remember: Remember,
}

/// A chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRecord {
    /// Its name.
    pub id: ChatId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// In which visit.
    pub visit: VisitId,
    /// Whose.
    pub visitor: VisitorId,
    /// The visitor's name or e-mail when known.
    pub visitor_name: Option<String>,
    /// Where it stands.
    pub state: ChatState,
    /// The team that serves it; none: everybody.
    pub team: Option<TeamId>,
    /// Who is in it, or was when it ended; none while unclaimed.
    pub agent: Option<AgentId>,
    /// Grows with every change of state or owner.
    pub version: u32,
    /// Since when it waits, is in progress or is over.
    pub since: Millis,
    /// While unclaimed: only this agent may claim it …
    pub reserved_for: Option<AgentId>,
    /// … until then.
    pub reserved_until: Option<Millis>,
    /// The last entry.
    pub head: Seq,
    /// How far the visitor has got.
    pub visitor_receipt: Receipt,
    /// How far the agents have got.
    pub agent_receipt: Receipt,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// The last message, cut.
    pub last: Option<LastLine>,
    /// The visitor's messages that no agent has read.
    pub unread: u32,
    /// The last message, or the begin, claim or take-over after it: silence is counted from here.
    pub last_word_at: Millis,
}

/// How far both sides of a chat have got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// The visitor.
    pub visitor: Receipt,
    /// The agents.
    pub agent: Receipt,
}

/// A live chat and its visit, for the floor to stand again.
#[derive(Clone, Debug)]
pub struct LiveChat {
    /// The chat.
    pub chat: ChatRecord,
    /// Where the visitor is.
    pub visit: VisitRecord,
}

/// A chat without a word for so long no longer counts against its agent's limit.
const COUNTS_FOR: Millis = 10 * 60 * 1_000;
/// A chat that ended no longer ago still shows in the widget.
const SHOWN_AFTER_END: Millis = 30 * 60 * 1_000;

macro_rules! chats {
    ($which:literal) => {
        concat!(
            "SELECT chat.*, visitor.name AS visitor_name, (SELECT count(*) FROM entry WHERE entry.chat_id = chat.id \
             AND entry.seq > chat.agent_read AND entry.author = 'visitor') AS unread \
             FROM chat JOIN visitor ON visitor.id = chat.visitor_id ",
            $which
        )
    };
}

impl Store {
    /// The visitor asks for a person. When he is in a chat or waits for one, it is that one and nothing is written in it.
    pub async fn request_chat(&self, new: NewChat) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                visitors::remember(db, new.organization, new.visitor, new.visit, &new.remember, new.now).await?;
                if let Some(live) = live_of(db, new.visitor).await? {
                    sqlx::query("UPDATE chat SET visit_id = $2 WHERE id = $1")
                        .bind(live.id.to_string())
                        .bind(new.visit.to_string())
                        .execute(db)
                        .await?;
                    return Ok((ChatRecord { visit: new.visit, ..live }, Vec::new()));
                }
                let wanted = Wanted {
                    id: new.id,
                    organization: new.organization,
                    visit: new.visit,
                    visitor: new.visitor,
                    team: new.team,
                    reserved: None,
                    because: Happening::Requested,
                    now: new.now,
                };
                want(db, wanted).await
            })
        })
        .await
    }

    /// An agent claims a chat that waits. Claiming one's own again changes nothing.
    ///
    /// # Errors
    /// `AlreadyClaimed`, `Reserved`, `Full`, `ChatEnded`, `NotFound`.
    pub async fn claim(
        &self,
        chat: ChatId,
        organization: OrganizationId,
        me: AgentId,
        now: Millis,
    ) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                let claimed = sqlx::query(
                    "UPDATE chat SET state = 'in_progress', agent_id = $2, version = version + 1, since = $3, \
                     last_word_at = $3, reserved_for = NULL, reserved_until = NULL \
                     WHERE id = $1 AND organization_id = $4 AND state = 'unclaimed' \
                     AND (reserved_for IS NULL OR reserved_for = $2 OR reserved_until <= $3) \
                     AND (SELECT count(*) FROM chat AS mine WHERE mine.agent_id = $2 AND mine.state = 'in_progress' \
                     AND mine.last_word_at > $5) < (SELECT max_chats FROM agent WHERE agent.id = $2 AND active = 1)",
                )
                .bind(chat.to_string())
                .bind(me.to_string())
                .bind(now)
                .bind(organization.to_string())
                .bind(now - COUNTS_FOR)
                .execute(&mut *db)
                .await?;
                if claimed.rows_affected() == 1 {
                    let joined = messages::append(db, chat, Happening::Joined(me), now).await?;
                    return Ok((by_id(db, chat).await?, vec![joined]));
                }
                let known = in_organization(db, organization, chat).await?;
                Err(match (known.state, known.agent, known.reserved_for, known.reserved_until) {
                    (ChatState::Ended, ..) => Refusal::ChatEnded,
                    (ChatState::InProgress, Some(agent), ..) if agent == me => return Ok((known, Vec::new())),
                    (ChatState::InProgress, Some(by), ..) => Refusal::AlreadyClaimed { chat, by },
                    (_, _, Some(agent), Some(until)) if agent != me && now < until => {
                        Refusal::Reserved { agent, until }
                    }
                    _ => full(db, me).await?,
                }
                .into())
            })
        })
        .await
    }

    /// An agent takes a chat over from the owner, and in the version, that he saw. Who may, the desk decides; an agent
    /// without a higher role must have room for it.
    ///
    /// # Errors
    /// `Changed`, `Full`, `ChatEnded`, `NotFound`.
    #[expect(clippy::too_many_arguments, reason = "each is a part of one sentence")]
    pub async fn take_over(
        &self,
        chat: ChatId,
        organization: OrganizationId,
        me: AgentId,
        role: Role,
        seen_owner: AgentId,
        seen_version: u32,
        now: Millis,
    ) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                let known = in_organization(db, organization, chat).await?;
                match known.state {
                    ChatState::Ended => return Err(Refusal::ChatEnded.into()),
                    ChatState::InProgress if known.agent == Some(me) => return Ok((known, Vec::new())),
                    _ => {}
                }
                let taken = sqlx::query(
                    "UPDATE chat SET agent_id = $2, version = version + 1, since = $3, last_word_at = $3 \
                     WHERE id = $1 AND state = 'in_progress' AND agent_id = $4 AND version = $5 \
                     AND ($6 OR (SELECT count(*) FROM chat AS mine WHERE mine.agent_id = $2 \
                     AND mine.state = 'in_progress' AND mine.last_word_at > $7) < \
                     (SELECT max_chats FROM agent WHERE agent.id = $2 AND active = 1))",
                )
                .bind(chat.to_string())
                .bind(me.to_string())
                .bind(now)
                .bind(seen_owner.to_string())
                .bind(seen_version)
                .bind(role >= Role::Supervisor)
                .bind(now - COUNTS_FOR)
                .execute(&mut *db)
                .await?;
                if taken.rows_affected() == 1 {
                    let entry =
                        messages::append(db, chat, Happening::TakenOver { from: seen_owner, by: me }, now).await?;
                    return Ok((by_id(db, chat).await?, vec![entry]));
                }
                if known.agent == Some(seen_owner) && known.version == seen_version {
                    return Err(full(db, me).await?.into());
                }
                Err(Refusal::Changed { agent: known.agent }.into())
            })
        })
        .await
    }

    /// Ends a chat.
    ///
    /// # Errors
    /// `ChatEnded` when it is over, `NotFound`.
    pub async fn end_chat(
        &self,
        chat: ChatId,
        organization: OrganizationId,
        by: EndReason,
        now: Millis,
    ) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                let ended = sqlx::query(
                    "UPDATE chat SET state = 'ended', end_reason = $2, version = version + 1, since = $3, \
                     reserved_for = NULL, reserved_until = NULL \
                     WHERE id = $1 AND organization_id = $4 AND state IN ('unclaimed','in_progress')",
                )
                .bind(chat.to_string())
                .bind(messages::end_word(by))
                .bind(now)
                .bind(organization.to_string())
                .execute(&mut *db)
                .await?;
                if ended.rows_affected() == 0 {
                    in_organization(db, organization, chat).await?;
                    return Err(Refusal::ChatEnded.into());
                }
                let entry = messages::append(db, chat, Happening::Ended(by), now).await?;
                Ok((by_id(db, chat).await?, vec![entry]))
            })
        })
        .await
    }

    /// A chat goes back to the team, to the place in line that it had.
    ///
    /// # Errors
    /// `ChatEnded`, or `Changed` when nobody is in it; `NotFound`.
    pub async fn return_chat(&self, chat: ChatId, now: Millis) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                let returned = sqlx::query(
                    "UPDATE chat SET state = 'unclaimed', agent_id = NULL, version = version + 1, \
                     since = waiting_since, last_word_at = $2 WHERE id = $1 AND state = 'in_progress'",
                )
                .bind(chat.to_string())
                .bind(now)
                .execute(&mut *db)
                .await?;
                if returned.rows_affected() == 0 {
                    let known = by_id(db, chat).await?;
                    return Err(match known.state {
                        ChatState::Ended => Refusal::ChatEnded,
                        _ => Refusal::Changed { agent: known.agent },
                    }
                    .into());
                }
                let entry = messages::append(db, chat, Happening::Returned, now).await?;
                Ok((by_id(db, chat).await?, vec![entry]))
            })
        })
        .await
    }

    /// The whole team may claim the chat from now on; none when it might already.
    pub async fn unreserve(&self, chat: ChatId) -> Result<Option<ChatRecord>> {
        self.write(move |db| {
            Box::pin(async move {
                let freed = sqlx::query(
                    "UPDATE chat SET reserved_for = NULL, reserved_until = NULL, version = version + 1 \
                     WHERE id = $1 AND state = 'unclaimed' AND reserved_for IS NOT NULL",
                )
                .bind(chat.to_string())
                .execute(&mut *db)
                .await?;
                if freed.rows_affected() == 0 { Ok(None) } else { by_id(db, chat).await.map(Some) }
            })
        })
        .await
    }

    /// A chat of an organization.
    pub async fn chat(&self, organization: OrganizationId, chat: ChatId) -> Result<Option<ChatRecord>> {
        let row = sqlx::query(chats!("WHERE chat.id = $1 AND chat.organization_id = $2"))
            .bind(chat.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The chat that a visitor is in or waits for, or the last one when it ended within the last half hour.
    pub async fn live_chat_of(&self, visitor: VisitorId, now: Millis) -> Result<Option<ChatRecord>> {
        let row = sqlx::query(chats!(
            "WHERE chat.visitor_id = $1 AND (chat.state <> 'ended' OR chat.since > $2) \
             ORDER BY chat.state = 'ended', chat.since DESC LIMIT 1"
        ))
        .bind(visitor.to_string())
        .bind(now - SHOWN_AFTER_END)
        .fetch_optional(&self.inner.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Every live chat, with its visit.
    pub async fn live_chats(&self) -> Result<Vec<LiveChat>> {
        let rows = sqlx::query(chats!("WHERE chat.state IN ('unclaimed','in_progress') ORDER BY chat.since"))
            .fetch_all(&self.inner.readers)
            .await?;
        let mut live = Vec::with_capacity(rows.len());
        for row in &rows {
            let chat = read(row)?;
            live.push(LiveChat { visit: self.visit(chat.visit).await?, chat });
        }
        Ok(live)
    }

    /// The chats that an agent is in, the latest word first.
    pub async fn agent_chats(&self, agent: AgentId) -> Result<Vec<ChatRecord>> {
        let rows = sqlx::query(chats!(
            "WHERE chat.agent_id = $1 AND chat.state = 'in_progress' ORDER BY chat.last_word_at DESC"
        ))
        .bind(agent.to_string())
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read).collect()
    }
}

/// A chat that is to be, unless its visitor has one.
pub(super) struct Wanted {
    pub(super) id: ChatId,
    pub(super) organization: OrganizationId,
    pub(super) visit: VisitId,
    pub(super) visitor: VisitorId,
    pub(super) team: Option<TeamId>,
    pub(super) reserved: Option<(AgentId, Millis)>,
    pub(super) because: Happening,
    pub(super) now: Millis,
}

/// Makes the chat, or finds the live one, and writes into it why.
pub(super) async fn want(db: &mut SqliteConnection, wanted: Wanted) -> Result<(ChatRecord, Vec<Entry>)> {
    let chat = match live_of(db, wanted.visitor).await? {
        Some(live) => live.id,
        None => {
            let (reserved_for, reserved_until) = wanted.reserved.unzip();
            sqlx::query(
                "INSERT INTO chat (id, organization_id, visit_id, visitor_id, team_id, state, since, waiting_since, \
                 last_word_at, reserved_for, reserved_until) VALUES ($1, $2, $3, $4, $5, 'unclaimed', $6, $6, $6, $7, $8)",
            )
            .bind(wanted.id.to_string())
            .bind(wanted.organization.to_string())
            .bind(wanted.visit.to_string())
            .bind(wanted.visitor.to_string())
            .bind(wanted.team.map(|team| team.to_string()))
            .bind(wanted.now)
            .bind(reserved_for.map(|agent| agent.to_string()))
            .bind(reserved_until)
            .execute(&mut *db)
            .await?;
            wanted.id
        }
    };
    let entry = messages::append(db, chat, wanted.because, wanted.now).await?;
    Ok((by_id(db, chat).await?, vec![entry]))
}

pub(super) async fn live_of(db: &mut SqliteConnection, visitor: VisitorId) -> Result<Option<ChatRecord>> {
    let row = sqlx::query(chats!("WHERE chat.visitor_id = $1 AND chat.state IN ('unclaimed','in_progress')"))
        .bind(visitor.to_string())
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn by_id(db: &mut SqliteConnection, chat: ChatId) -> Result<ChatRecord> {
    let row = sqlx::query(chats!("WHERE chat.id = $1")).bind(chat.to_string()).fetch_optional(db).await?;
    read(&row.ok_or(Refusal::NotFound)?)
}

pub(super) async fn team_of_visit(db: &mut SqliteConnection, visit: VisitId) -> Result<Option<TeamId>> {
    let row = sqlx::query("SELECT team_id FROM concierge WHERE id = (SELECT concierge_id FROM visit WHERE id = $1)")
        .bind(visit.to_string())
        .fetch_one(db)
        .await?;
    optional_id(&row, "team_id")
}

async fn in_organization(db: &mut SqliteConnection, organization: OrganizationId, chat: ChatId) -> Result<ChatRecord> {
    let known = by_id(db, chat).await?;
    if known.organization == organization { Ok(known) } else { Err(Refusal::NotFound.into()) }
}

async fn full(db: &mut SqliteConnection, agent: AgentId) -> Result<Refusal> {
    let limit: Option<u32> = sqlx::query_scalar("SELECT max_chats FROM agent WHERE id = $1 AND active = 1")
        .bind(agent.to_string())
        .fetch_optional(db)
        .await?;
    Ok(limit.map_or(Refusal::Forbidden, |limit| Refusal::Full { limit }))
}

fn read(row: &SqliteRow) -> Result<ChatRecord> {
    let state: &str = row.try_get("state")?;
    let end_reason: Option<&str> = row.try_get("end_reason")?;
    let last = match (row.try_get("last_text")?, row.try_get("last_from_visitor")?, row.try_get("last_at")?) {
        (Some(text), Some(from_visitor), Some(at)) => Some(LastLine { text, from_visitor, at }),
        _ => None,
    };
    Ok(ChatRecord {
        id: id(row, "id")?,
        organization: id(row, "organization_id")?,
        visit: id(row, "visit_id")?,
        visitor: id(row, "visitor_id")?,
        visitor_name: row.try_get("visitor_name")?,
        state: ChatState::from_word(state).ok_or_else(|| unreadable("state", state))?,
        team: optional_id(row, "team_id")?,
        agent: optional_id(row, "agent_id")?,
        version: row.try_get("version")?,
        since: row.try_get("since")?,
        reserved_for: optional_id(row, "reserved_for")?,
        reserved_until: row.try_get("reserved_until")?,
        head: row.try_get("head")?,
        visitor_receipt: Receipt { delivered: row.try_get("visitor_delivered")?, read: row.try_get("visitor_read")? },
        agent_receipt: Receipt { delivered: row.try_get("agent_delivered")?, read: row.try_get("agent_read")? },
        end_reason: end_reason.map(messages::read_end_word).transpose()?,
        last,
        unread: row.try_get("unread")?,
        last_word_at: row.try_get("last_word_at")?,
    })
}
