//! Messages. Each one is stored exactly once, no matter how often it is received.

use protocol::{
    Millis,
    chat::{Author, Body, ChatEvent, ChatState, EndReason, Entry, LastMessage, Seq},
    id::{ChatId, ClientId, OrganizationId, VisitorId},
    refusal::Refusal,
};

use super::{
    ChatRecord, Result, Store, blocks,
    chats::{self, chats},
    entries, message_batch, routing,
    row::id,
    sql::{self, Db},
};

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The organization that the sender belongs to.
    pub organization: OrganizationId,
    /// The chat to store it in.
    pub chat: ChatId,
    /// The sender.
    pub author: Author,
    /// The id that the sender assigned, used to detect duplicates.
    pub client_id: ClientId,
    /// A text or a file.
    pub body: Body,
    /// The current time.
    pub now: Millis,
}

/// A stored message.
#[derive(Clone, Debug)]
pub struct StoredMessage {
    /// The chat after the message was stored. A duplicate may belong to one of the visitor's earlier chats.
    pub chat: ChatRecord,
    /// The entry, with its `seq` and time.
    pub entry: Entry,
    /// Whether the message was stored just now. This is `false` for a duplicate, which gets the same result as the
    /// original.
    pub fresh: bool,
    /// The event that reopened the chat, if any. It immediately precedes the message.
    pub reopened: Option<Entry>,
}

/// The maximum length of a message in a list of chats, in characters.
const LAST_LINE: usize = 120;

/// Truncates text to the length shown in a list of chats.
pub(super) fn truncate(text: &str) -> String {
    text.chars().take(LAST_LINE).collect()
}

/// Returns a message as shown in a list of chats.
pub(super) fn preview(body: &Body) -> String {
    match body {
        Body::Text(text) => truncate(text),
        Body::File(card) => truncate(&card.line()),
        _ => String::new(),
    }
}

/// Returns whether two messages are the same. Files are compared without their ids, because a file that is uploaded
/// again gets a new id.
fn is_same(stored: &Body, body: &Body) -> bool {
    match (stored, body) {
        (Body::File(stored), Body::File(card)) => (stored.name(), stored.bytes()) == (card.name(), card.bytes()),
        _ => stored == body,
    }
}

impl Store {
    /// Stores a message exactly once, no matter how often it is received. A visitor's message reopens a chat that ended
    /// because of silence.
    ///
    /// # Errors
    /// Returns [`Refusal::ClientIdReused`] if the client id belongs to a different message, `ChatEnded` if the chat has
    /// ended, `Blocked` if the visitor is blocked, `ChatChanged` if the agent is not in the chat, and `NotFound` if the
    /// chat does not belong to the organization.
    pub async fn send_message(&self, new: NewMessage) -> Result<StoredMessage> {
        let said = self.inner.writer.send_message(new).await?;
        if said.fresh {
            self.inner.counters.record_message();
        }
        Ok(said)
    }

    /// Returns the visitor's chat that already contains this message, if any.
    pub async fn chat_of_message(&self, visitor: VisitorId, client_id: ClientId) -> Result<Option<ChatId>> {
        let row = sql::query(STORED_MESSAGE)
            .bind(visitor.to_string())
            .bind(client_id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.map(|row| id(&row, "chat_id")).transpose()
    }

    /// Returns an entry by the id that its sender assigned.
    pub async fn entry_by_client_id(&self, chat: ChatId, client_id: ClientId) -> Result<Option<Entry>> {
        let row = sql::query("SELECT * FROM entry WHERE chat_id = $1 AND client_id = $2")
            .bind(chat.to_string())
            .bind(client_id.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        row.as_ref().map(entries::read).transpose()
    }
}

/// Finds a message by its client id in all of a visitor's chats, because an outbox outlives a chat.
const STORED_MESSAGE: &str = "SELECT entry.* FROM chat JOIN entry ON entry.chat_id = chat.id \
                    WHERE chat.visitor_id = $1 AND entry.client_id = $2";

pub(super) async fn send_message(db: &mut Db, new: NewMessage) -> Result<StoredMessage> {
    if !db.is_postgres()
        && let Some(said) = message_batch::insert_batch(db, &[&new]).await?.remove(0)
    {
        return Ok(said);
    }
    // The fast path did not apply, so check each possible reason.
    let row = sql::query(chats!(
        ", EXISTS (SELECT 1 FROM chat AS one JOIN entry ON entry.chat_id = one.id \
         WHERE one.visitor_id = chat.visitor_id AND entry.client_id = $2) AS is_said, \
         EXISTS (SELECT 1 FROM visitor_block WHERE visitor_block.visitor_id = chat.visitor_id) AS may_be_blocked",
        "WHERE chat.id = $1 AND chat.organization_id = $3"
    ))
    .bind(new.chat.to_string())
    .bind(new.client_id.to_string())
    .bind(new.organization.to_string())
    .fetch_optional(&mut *db)
    .await?
    .ok_or(Refusal::NotFound)?;
    let chat = chats::read(&row)?;
    if row.try_get("is_said")? {
        return find_duplicate(db, &chat, &new).await;
    }
    if new.author == Author::Visitor && row.try_get("may_be_blocked")? {
        blocks::refuse_blocked(db, chat.visitor, new.now).await?;
    }
    let reopened = match (chat.state, new.author) {
        (ChatState::Ended, Author::Visitor) if chat.end_reason == Some(EndReason::Silence) => {
            Some(reopen(db, &chat, new.now).await?)
        }
        (ChatState::Ended, _) => return Err(Refusal::ChatEnded.into()),
        (_, Author::Agent(agent)) if chat.agent != Some(agent) => {
            return Err(Refusal::ChatChanged { agent: chat.agent }.into());
        }
        _ => None,
    };
    let (from_visitor, at) = (new.author == Author::Visitor, new.now);
    let last = LastMessage { text: preview(&new.body), from_visitor, at };
    let seq: Seq = sql::query_scalar(
        "UPDATE chat SET last_seq = last_seq + 1, last_text = $2, last_from_visitor = $3, last_at = $4, \
         last_word_at = $4, unread = unread + $3 WHERE id = $1 RETURNING last_seq",
    )
    .bind(new.chat.to_string())
    .bind(&last.text)
    .bind(from_visitor)
    .bind(at)
    .fetch_one(&mut *db)
    .await?;
    let entry = entries::insert(db, new.chat, seq, new.author, Some(new.client_id), new.body, at).await?;
    let chat = if reopened.is_some() {
        chats::by_id(db, new.chat).await?
    } else {
        let unread = chat.unread + u32::from(from_visitor);
        ChatRecord { last_seq: seq, last: Some(last), last_word_at: at, unread, ..chat }
    };
    Ok(StoredMessage { chat, entry, fresh: true, reopened })
}

async fn find_duplicate(db: &mut Db, chat: &ChatRecord, new: &NewMessage) -> Result<StoredMessage> {
    let row = sql::query(STORED_MESSAGE)
        .bind(chat.visitor.to_string())
        .bind(new.client_id.to_string())
        .fetch_one(&mut *db)
        .await?;
    let entry = entries::read(&row)?;
    if entry.author != new.author || !is_same(&entry.body, &new.body) {
        return Err(Refusal::ClientIdReused.into());
    }
    let stands_in: ChatId = id(&row, "chat_id")?;
    let chat = if stands_in == chat.id { chat.clone() } else { chats::by_id(db, stands_in).await? };
    Ok(StoredMessage { chat, entry, fresh: false, reopened: None })
}

/// Puts a chat back in the queue for any agent, because its last agent may be gone.
async fn reopen(db: &mut Db, chat: &ChatRecord, now: Millis) -> Result<Entry> {
    if chats::live_of(db, chat.visitor).await?.is_some() {
        return Err(Refusal::ChatEnded.into());
    }
    sql::query(
        "UPDATE chat SET state = 'unclaimed', agent_id = NULL, end_reason = NULL, version = version + 1, \
         state_since = $2, queued_since = $2, form_offered_at = NULL, contact_left_at = NULL WHERE id = $1",
    )
    .bind(chat.id.to_string())
    .bind(now)
    .execute(&mut *db)
    .await?;
    routing::forget_offers(db, chat.id).await?;
    entries::append(db, chat.id, ChatEvent::Reopened, now).await
}
