//! Message edits and deletions. They are stored as new entries so that clients that have the old message receive the
//! change.

use protocol::{
    Millis,
    chat::{Author, Body, ChatState, Entry, Seq},
    id::{ChatId, OrganizationId},
    limits::EDIT_WINDOW_MS,
    refusal::Refusal,
};

use super::{
    ChatRecord, Result, Store,
    chats::{by_id, in_organization},
    entries, files,
    sql::{self, Db},
};

/// A request to edit or delete a message.
#[derive(Clone, Debug)]
pub struct NewMessageEdit {
    /// The organization that the author belongs to.
    pub organization: OrganizationId,
    /// The chat that contains the message.
    pub chat: ChatId,
    /// The message's author, who is making the change.
    pub author: Author,
    /// The message's `seq`.
    pub of: Seq,
    /// The new text (`None` to delete the message and its text).
    pub text: Option<String>,
    /// The current time.
    pub now: Millis,
}

impl Store {
    /// Edits or deletes a message. Adds no entry if the message already has that text or is already deleted.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the message does not exist or was written by someone else, or if the edit would
    /// change a deleted message or the text of a file. Returns `TooLate` if the edit window has passed, `ChatEnded` if
    /// the chat has ended, and `ChatChanged` if the agent is no longer in the chat.
    pub async fn change_message(&self, new: NewMessageEdit) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| Box::pin(async move { change(db, new).await })).await
    }
}

async fn change(db: &mut Db, new: NewMessageEdit) -> Result<(ChatRecord, Vec<Entry>)> {
    let chat = in_organization(db, new.organization, new.chat).await?;
    let row =
        sql::query("SELECT * FROM entry WHERE chat_id = $1 AND seq = $2 AND amends_seq IS NULL AND text IS NOT NULL")
            .bind(new.chat.to_string())
            .bind(new.of)
            .fetch_optional(&mut *db)
            .await?
            .ok_or(Refusal::NotFound)?;
    let message = entries::read(&row)?;
    let is_file = matches!(message.body, Body::File(_));
    if message.author != new.author || (is_file && new.text.is_some()) {
        return Err(Refusal::NotFound.into());
    }
    match (chat.state, new.author) {
        (ChatState::Ended, _) => return Err(Refusal::ChatEnded.into()),
        (_, Author::Agent(agent)) if chat.agent != Some(agent) => {
            return Err(Refusal::ChatChanged { agent: chat.agent }.into());
        }
        _ => {}
    }
    let current = current_text(db, new.chat, &message).await?;
    let body = match (row.try_get::<bool, _>("is_deleted")?, new.text) {
        (true, Some(_)) => return Err(Refusal::NotFound.into()),
        (true, None) => return Ok((chat, Vec::new())),
        (false, Some(text)) if text == current => return Ok((chat, Vec::new())),
        _ if new.now.saturating_sub(message.at) > EDIT_WINDOW_MS => return Err(Refusal::TooLate.into()),
        (false, Some(text)) => Body::Edited { of: new.of, text },
        (false, None) => Body::Deleted { of: new.of },
    };
    let shown = match &body {
        Body::Edited { text, .. } => text.as_str(),
        _ => {
            if is_file {
                files::delete_file(&mut *db, new.chat, new.of).await?;
            }
            sql::query(
                "UPDATE entry SET text = '', file = NULL, is_deleted = 1 \
                 WHERE chat_id = $1 AND (seq = $2 OR amends_seq = $2)",
            )
            .bind(new.chat.to_string())
            .bind(new.of)
            .execute(&mut *db)
            .await?;
            ""
        }
    };
    let seq: Seq = sql::query_scalar(
        "UPDATE chat SET last_seq = last_seq + 1, last_text = CASE WHEN last_at = $2 THEN $3 ELSE last_text END \
         WHERE id = $1 RETURNING last_seq",
    )
    .bind(new.chat.to_string())
    .bind(message.at)
    .bind(super::messages::truncate(shown))
    .fetch_one(&mut *db)
    .await?;
    let entry = entries::insert(db, new.chat, seq, new.author, None, body, new.now).await?;
    Ok((by_id(db, new.chat).await?, vec![entry]))
}

/// Returns a message's text after its last edit.
async fn current_text(db: &mut Db, chat: ChatId, message: &Entry) -> Result<String> {
    let changed = sql::query_scalar(
        "SELECT text FROM entry WHERE chat_id = $1 AND amends_seq = $2 AND text IS NOT NULL ORDER BY seq DESC LIMIT 1",
    )
    .bind(chat.to_string())
    .bind(message.seq)
    .fetch_optional(&mut *db)
    .await?;
    Ok(match (changed, &message.body) {
        (Some(text), _) => text,
        (None, Body::Text(text)) => text.clone(),
        (None, _) => String::new(),
    })
}
