//! The entries of a chat, which are messages and events. Entries are append-only.

use protocol::{
    Millis,
    chat::{Author, Body, ChatEvent, EndReason, Entry, Seq},
    file::FileCard,
    id::{AgentId, ChatId, ClientId, TeamId},
    refusal::Refusal,
};

use super::{
    Piece, Result, Store,
    row::{id, optional_id, unreadable},
    sql::{self, Db, Row},
};

/// The value of the `event` column in an entry that deletes a message.
const DELETED: &str = "deleted";

impl Store {
    /// Appends an event to a chat.
    pub async fn append_event(&self, chat: ChatId, event: ChatEvent, now: Millis) -> Result<Entry> {
        self.write(move |db| Box::pin(async move { append(db, chat, event, now).await })).await
    }

    /// Returns up to `limit` entries that follow `after`, in order.
    pub async fn entries(&self, chat: ChatId, after: Seq, limit: u32) -> Result<Vec<Entry>> {
        let mut db = self.inner.readers.acquire().await?;
        entries_after(&mut db, chat, after, limit).await
    }

    /// Returns the entries after `after`, in order: as many as fit into `bytes` when they are encoded, but at least one,
    /// and at most `limit`.
    pub async fn entries_within(&self, chat: ChatId, after: Seq, limit: usize, bytes: usize) -> Result<Piece<Entry>> {
        let mut db = self.inner.readers.acquire().await?;
        let rows = sql::query("SELECT * FROM entry WHERE chat_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
            .bind(chat.to_string())
            .bind(after)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch(&mut db);
        Piece::read(rows, (limit, bytes), read).await
    }
}

/// Returns up to `limit` entries that follow `after`, in order.
pub(super) async fn entries_after(db: &mut Db, chat: ChatId, after: Seq, limit: u32) -> Result<Vec<Entry>> {
    let rows = sql::query("SELECT * FROM entry WHERE chat_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
        .bind(chat.to_string())
        .bind(after)
        .bind(limit)
        .fetch_all(db)
        .await?;
    rows.iter().map(read).collect()
}

/// Appends an event as part of the caller's transaction.
pub(super) async fn append(db: &mut Db, chat: ChatId, event: ChatEvent, now: Millis) -> Result<Entry> {
    let seq: Seq = sql::query_scalar("UPDATE chat SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq")
        .bind(chat.to_string())
        .fetch_optional(&mut *db)
        .await?
        .ok_or(Refusal::NotFound)?;
    insert(db, chat, seq, Author::Concierge, None, Body::Event(event), now).await
}

/// An entry's column values.
pub(super) struct Columns<'a> {
    pub(super) author: &'static str,
    pub(super) agent: Option<String>,
    pub(super) text: Option<&'a str>,
    event: Option<String>,
    of: Option<Seq>,
    pub(super) file: Option<&'a str>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(author: Author, body: &'a Body) -> Self {
        let (author, agent) = match author {
            Author::Visitor => ("visitor", None),
            Author::Agent(agent) => ("agent", Some(agent.to_string())),
            Author::Concierge => ("concierge", None),
        };
        let (text, event, of, file) = match body {
            Body::Text(text) => (Some(text.as_str()), None, None, None),
            Body::Event(event) => (None, Some(chat_event_words(*event)), None, None),
            Body::Edited { of, text } => (Some(text.as_str()), None, Some(*of), None),
            Body::Deleted { of } => (None, Some(DELETED.to_owned()), Some(*of), None),
            Body::File(card) => (Some(card.name()), None, None, Some(card.before_name())),
        };
        Self { author, agent, text, event, of, file }
    }
}

/// Inserts an entry whose number has already been reserved, so that the chat's `last_seq` is `seq`.
pub(super) async fn insert(
    db: &mut Db,
    chat: ChatId,
    seq: Seq,
    author: Author,
    client_id: Option<ClientId>,
    body: Body,
    at: Millis,
) -> Result<Entry> {
    if let Body::Event(event) = body {
        record_agent(db, chat, event).await?;
    }
    let Columns { author: who, agent, text, event, of, file } = Columns::of(author, &body);
    sql::query(
        "INSERT INTO entry (chat_id, seq, at, author, author_agent, client_id, text, event, amends_seq, file) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(chat.to_string())
    .bind(seq)
    .bind(at)
    .bind(who)
    .bind(agent)
    .bind(client_id.map(|id| id.to_string()))
    .bind(text)
    .bind(event)
    .bind(of)
    .bind(file)
    .execute(db)
    .await?;
    Ok(Entry { seq, at, author, client_id, body })
}

/// Records the agent who enters the chat with this event, if any.
async fn record_agent(db: &mut Db, chat: ChatId, event: ChatEvent) -> Result<()> {
    let (ChatEvent::Joined(agent) | ChatEvent::TakenOver { by: agent, .. } | ChatEvent::HandedOver { to: agent, .. }) =
        event
    else {
        return Ok(());
    };
    sql::query("INSERT INTO chat_agent (chat_id, agent_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(chat.to_string())
        .bind(agent.to_string())
        .execute(db)
        .await?;
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<Entry> {
    let author = match row.try_get("author")? {
        "visitor" => Author::Visitor,
        "agent" => Author::Agent(id(row, "author_agent")?),
        "concierge" => Author::Concierge,
        other => return Err(unreadable("author", other)),
    };
    let body = match (row.try_get::<Option<String>, _>("text")?, row.try_get("amends_seq")?) {
        (Some(text), None) => match row.try_get::<Option<String>, _>("file")? {
            Some(file) => Body::File(FileCard([&file, " ", text.as_str()].concat())),
            None => Body::Text(text),
        },
        (Some(text), Some(of)) => Body::Edited { of, text },
        (None, Some(of)) => Body::Deleted { of },
        (None, None) => Body::Event(read_chat_event(row.try_get("event")?)?),
    };
    Ok(Entry {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        author,
        client_id: optional_id(row, "client_id")?,
        body,
    })
}

fn chat_event_words(event: ChatEvent) -> String {
    match event {
        ChatEvent::Accepted { by, late: false } => format!("accepted {by}"),
        ChatEvent::Accepted { by, late: true } => format!("accepted_late {by}"),
        ChatEvent::Requested => "requested".into(),
        ChatEvent::Joined(agent) => format!("joined {agent}"),
        ChatEvent::TakenOver { from, by } => format!("taken_over {from} {by}"),
        ChatEvent::AgentLost(agent) => format!("agent_lost {agent}"),
        ChatEvent::AgentBack(agent) => format!("agent_back {agent}"),
        ChatEvent::Returned => "returned".into(),
        ChatEvent::VisitorLeft => "visitor_left".into(),
        ChatEvent::VisitorBack => "visitor_back".into(),
        ChatEvent::Ended(reason) => format!("ended {}", end_word(reason)),
        ChatEvent::Reopened => "reopened".into(),
        ChatEvent::ContactLeft => "contact_left".into(),
        ChatEvent::HandedOver { from, to } => format!("handed_over {from} {to}"),
        ChatEvent::HandedToTeam { from, team } => format!("handed_to_team {from} {team}"),
    }
}

fn read_chat_event(words: &str) -> Result<ChatEvent> {
    let wrong = || unreadable("event", words);
    let mut parts = words.split(' ');
    let what = parts.next().unwrap_or_default();
    let mut agent = || -> Result<AgentId> { parts.next().and_then(|id| id.parse().ok()).ok_or_else(wrong) };
    Ok(match what {
        "accepted" => ChatEvent::Accepted { by: agent()?, late: false },
        "accepted_late" => ChatEvent::Accepted { by: agent()?, late: true },
        "requested" => ChatEvent::Requested,
        "joined" => ChatEvent::Joined(agent()?),
        "taken_over" => ChatEvent::TakenOver { from: agent()?, by: agent()? },
        "agent_lost" => ChatEvent::AgentLost(agent()?),
        "agent_back" => ChatEvent::AgentBack(agent()?),
        "returned" => ChatEvent::Returned,
        "visitor_left" => ChatEvent::VisitorLeft,
        "visitor_back" => ChatEvent::VisitorBack,
        "ended" => ChatEvent::Ended(read_end_word(parts.next().unwrap_or_default())?),
        "reopened" => ChatEvent::Reopened,
        "contact_left" => ChatEvent::ContactLeft,
        "handed_over" => ChatEvent::HandedOver { from: agent()?, to: agent()? },
        "handed_to_team" => ChatEvent::HandedToTeam { from: agent()?, team: TeamId(agent()?.0) },
        _ => return Err(wrong()),
    })
}

/// Returns the word that the database stores for an end reason.
pub(super) fn end_word(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Agent => "agent",
        EndReason::Visitor => "visitor",
        EndReason::Silence => "silence",
        EndReason::Abandoned => "abandoned",
    }
}

/// Parses the word that the database stores for an end reason.
pub(super) fn read_end_word(word: &str) -> Result<EndReason> {
    [EndReason::Agent, EndReason::Visitor, EndReason::Silence, EndReason::Abandoned]
        .into_iter()
        .find(|reason| end_word(*reason) == word)
        .ok_or_else(|| unreadable("end_reason", word))
}
