//! Messages and what else happened: the entries of a chat, which only grow.

use protocol::{
    Millis,
    chat::{Author, Body, ChatState, EndReason, Entry, Happening, Receipt, Seq},
    id::{AgentId, ChatId, ClientId},
    refusal::Refusal,
};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{
    ChatRecord, Receipts, Result, Store, chats,
    row::{id, optional_id, unreadable},
};

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// In which chat.
    pub chat: ChatId,
    /// From whom.
    pub author: Author,
    /// How its sender named it.
    pub client_id: ClientId,
    /// Plain text.
    pub text: String,
    /// The time.
    pub now: Millis,
}

/// A message on the disk.
#[derive(Clone, Debug)]
pub struct Said {
    /// The message, with its place and time.
    pub entry: Entry,
    /// It came for the first time; else it was stored before, and this is the same answer.
    pub fresh: bool,
    /// It reopened the chat: the chat as it is now, and the entry that says so, one place before the message.
    pub reopened: Option<(ChatRecord, Entry)>,
}

/// The most of a message that a list of chats shows, characters.
const LAST_LINE: usize = 120;

impl Store {
    /// Stores a message once, whatever the number of times it comes. The visitor's reopens a chat that ended in silence.
    ///
    /// # Errors
    /// `Reused`: the client id came with another text. `ChatEnded`; `Changed`: the agent is not in the chat; `NotFound`.
    pub async fn say(&self, new: NewMessage) -> Result<Said> {
        self.write(move |db| Box::pin(async move { say(db, new).await })).await
    }

    /// Notes in a chat what happened.
    pub async fn happened(&self, chat: ChatId, happening: Happening, now: Millis) -> Result<Entry> {
        self.write(move |db| Box::pin(async move { append(db, chat, happening, now).await })).await
    }

    /// Moves receipts forward; they never go back, nor past the last entry.
    pub async fn receipts(&self, chat: ChatId, visitor: Option<Receipt>, agent: Option<Receipt>) -> Result<Receipts> {
        let (visitor, agent) = (visitor.unwrap_or_default(), agent.unwrap_or_default());
        self.write(move |db| {
            Box::pin(async move {
                let row = sqlx::query(
                    "UPDATE chat SET visitor_delivered = max(visitor_delivered, min($2, head)), \
                     visitor_read = max(visitor_read, min($3, head)), \
                     agent_delivered = max(agent_delivered, min($4, head)), agent_read = max(agent_read, min($5, head)) \
                     WHERE id = $1 RETURNING visitor_delivered, visitor_read, agent_delivered, agent_read",
                )
                .bind(chat.to_string())
                .bind(visitor.delivered.max(visitor.read))
                .bind(visitor.read)
                .bind(agent.delivered.max(agent.read))
                .bind(agent.read)
                .fetch_optional(db)
                .await?
                .ok_or(Refusal::NotFound)?;
                Ok(Receipts {
                    visitor: Receipt {
                        delivered: row.try_get("visitor_delivered")?,
                        read: row.try_get("visitor_read")?,
                    },
                    agent: Receipt { delivered: row.try_get("agent_delivered")?, read: row.try_get("agent_read")? },
                })
            })
        })
        .await
    }

    /// What follows `after` in a chat, in order.
    pub async fn entries(&self, chat: ChatId, after: Seq, limit: u32) -> Result<Vec<Entry>> {
        let rows = sqlx::query("SELECT * FROM entry WHERE chat_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
            .bind(chat.to_string())
            .bind(after)
            .bind(limit)
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().map(read).collect()
    }
}

async fn say(db: &mut SqliteConnection, new: NewMessage) -> Result<Said> {
    let known = sqlx::query("SELECT * FROM entry WHERE chat_id = $1 AND client_id = $2")
        .bind(new.chat.to_string())
        .bind(new.client_id.to_string())
        .fetch_optional(&mut *db)
        .await?;
    if let Some(row) = known {
        let entry = read(&row)?;
        if entry.author == new.author && matches!(&entry.body, Body::Text(text) if *text == new.text) {
            return Ok(Said { entry, fresh: false, reopened: None });
        }
        return Err(Refusal::Reused.into());
    }
    let chat = chats::by_id(db, new.chat).await?;
    let mut reopened = None;
    match (chat.state, new.author) {
        (ChatState::Ended, Author::Visitor) if chat.end_reason == Some(EndReason::Silence) => {
            reopened = Some(reopen(db, &chat, new.now).await?);
        }
        (ChatState::Ended, _) => return Err(Refusal::ChatEnded.into()),
        (_, Author::Agent(agent)) if chat.agent != Some(agent) => {
            return Err(Refusal::Changed { agent: chat.agent }.into());
        }
        _ => {}
    }
    sqlx::query(
        "UPDATE chat SET last_text = $2, last_from_visitor = $3, last_at = $4, last_word_at = $4 WHERE id = $1",
    )
    .bind(new.chat.to_string())
    .bind(new.text.chars().take(LAST_LINE).collect::<String>())
    .bind(new.author == Author::Visitor)
    .bind(new.now)
    .execute(&mut *db)
    .await?;
    let entry = write(db, new.chat, new.author, Some(new.client_id), Body::Text(new.text), new.now).await?;
    let reopened = match reopened {
        Some(reopening) => Some((chats::by_id(db, new.chat).await?, reopening)),
        None => None,
    };
    Ok(Said { entry, fresh: true, reopened })
}

/// The chat waits again, for anyone: its agent may be gone since.
async fn reopen(db: &mut SqliteConnection, chat: &ChatRecord, now: Millis) -> Result<Entry> {
    if chats::live_of(db, chat.visitor).await?.is_some() {
        return Err(Refusal::ChatEnded.into());
    }
    sqlx::query(
        "UPDATE chat SET state = 'unclaimed', agent_id = NULL, end_reason = NULL, version = version + 1, since = $2, \
         waiting_since = $2 WHERE id = $1",
    )
    .bind(chat.id.to_string())
    .bind(now)
    .execute(&mut *db)
    .await?;
    append(db, chat.id, Happening::Reopened, now).await
}

/// Writes down what happened, in the transaction in which it happens.
pub(super) async fn append(
    db: &mut SqliteConnection,
    chat: ChatId,
    happening: Happening,
    now: Millis,
) -> Result<Entry> {
    write(db, chat, Author::Concierge, None, Body::Happened(happening), now).await
}

async fn write(
    db: &mut SqliteConnection,
    chat: ChatId,
    author: Author,
    client_id: Option<ClientId>,
    body: Body,
    at: Millis,
) -> Result<Entry> {
    let seq: Seq = sqlx::query_scalar("UPDATE chat SET head = head + 1 WHERE id = $1 RETURNING head")
        .bind(chat.to_string())
        .fetch_optional(&mut *db)
        .await?
        .ok_or(Refusal::NotFound)?;
    let (who, agent) = match author {
        Author::Visitor => ("visitor", None),
        Author::Agent(agent) => ("agent", Some(agent.to_string())),
        Author::Concierge => ("concierge", None),
    };
    let (text, happening) = match &body {
        Body::Text(text) => (Some(text.as_str()), None),
        Body::Happened(happening) => (None, Some(happening_words(*happening))),
    };
    sqlx::query(
        "INSERT INTO entry (chat_id, seq, at, author, author_agent, client_id, text, happening) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(chat.to_string())
    .bind(seq)
    .bind(at)
    .bind(who)
    .bind(agent)
    .bind(client_id.map(|id| id.to_string()))
    .bind(text)
    .bind(happening)
    .execute(db)
    .await?;
    Ok(Entry { seq, at, author, client_id, body })
}

fn read(row: &SqliteRow) -> Result<Entry> {
    let author = match row.try_get("author")? {
        "visitor" => Author::Visitor,
        "agent" => Author::Agent(id(row, "author_agent")?),
        "concierge" => Author::Concierge,
        other => return Err(unreadable("author", other)),
    };
    let body = match row.try_get::<Option<String>, _>("text")? {
        Some(text) => Body::Text(text),
        None => Body::Happened(read_happening(row.try_get("happening")?)?),
    };
    Ok(Entry {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        author,
        client_id: optional_id(row, "client_id")?,
        body,
    })
}

fn happening_words(happening: Happening) -> String {
    match happening {
        Happening::Accepted { by, late: false } => format!("accepted {by}"),
        Happening::Accepted { by, late: true } => format!("accepted_late {by}"),
        Happening::Requested => "requested".into(),
        Happening::Joined(agent) => format!("joined {agent}"),
        Happening::TakenOver { from, by } => format!("taken_over {from} {by}"),
        Happening::AgentLost(agent) => format!("agent_lost {agent}"),
        Happening::AgentBack(agent) => format!("agent_back {agent}"),
        Happening::Returned => "returned".into(),
        Happening::VisitorLeft => "visitor_left".into(),
        Happening::VisitorBack => "visitor_back".into(),
        Happening::Ended(reason) => format!("ended {}", end_word(reason)),
        Happening::Reopened => "reopened".into(),
    }
}

fn read_happening(words: &str) -> Result<Happening> {
    let wrong = || unreadable("happening", words);
    let mut parts = words.split(' ');
    let what = parts.next().unwrap_or_default();
    let mut agent = || -> Result<AgentId> { parts.next().and_then(|id| id.parse().ok()).ok_or_else(wrong) };
    Ok(match what {
        "accepted" => Happening::Accepted { by: agent()?, late: false },
        "accepted_late" => Happening::Accepted { by: agent()?, late: true },
        "requested" => Happening::Requested,
        "joined" => Happening::Joined(agent()?),
        "taken_over" => Happening::TakenOver { from: agent()?, by: agent()? },
        "agent_lost" => Happening::AgentLost(agent()?),
        "agent_back" => Happening::AgentBack(agent()?),
        "returned" => Happening::Returned,
        "visitor_left" => Happening::VisitorLeft,
        "visitor_back" => Happening::VisitorBack,
        "ended" => Happening::Ended(read_end_word(parts.next().unwrap_or_default())?),
        "reopened" => Happening::Reopened,
        _ => return Err(wrong()),
    })
}

/// The word for it in the database.
pub(super) fn end_word(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Agent => "agent",
        EndReason::Visitor => "visitor",
        EndReason::Silence => "silence",
        EndReason::Abandoned => "abandoned",
    }
}

/// The reason of a word in the database.
pub(super) fn read_end_word(word: &str) -> Result<EndReason> {
    [EndReason::Agent, EndReason::Visitor, EndReason::Silence, EndReason::Abandoned]
        .into_iter()
        .find(|reason| end_word(*reason) == word)
        .ok_or_else(|| unreadable("end_reason", word))
}
