//! Notes about a chat, which only agents can see. No query for visitors reads this table.

use protocol::{
    Millis,
    id::{AgentId, ChatId},
    note::Note,
};

use super::{
    Piece, Result, Store,
    row::id,
    sql::{self, Db, Row},
};

/// The maximum number of notes read from a chat. If there are more, only the newest ones are read.
const NOTES: u32 = 500;

impl Store {
    /// Adds a note to a chat.
    pub async fn add_note(
        &self,
        chat: ChatId,
        author: AgentId,
        text: String,
        whisper: bool,
        now: Millis,
    ) -> Result<Note> {
        self.write(move |db| Box::pin(async move { append(db, chat, author, text, whisper, now).await })).await
    }

    /// Returns a chat's notes, in order.
    pub async fn notes(&self, chat: ChatId) -> Result<Vec<Note>> {
        let rows = sql::query("SELECT * FROM note WHERE chat_id = $1 ORDER BY number DESC LIMIT $2")
            .bind(chat.to_string())
            .bind(NOTES)
            .fetch_all(&self.inner.readers)
            .await?;
        rows.iter().rev().map(read).collect()
    }

    /// Returns the notes of a chat after `after`, in order: as many as fit into `bytes` when they are encoded, but at
    /// least one. It begins at the notes that [`Self::notes`] returns.
    pub async fn notes_within(&self, chat: ChatId, after: u32, bytes: usize) -> Result<Piece<Note>> {
        let mut db = self.inner.readers.acquire().await?;
        let rows = sql::query(
            "SELECT * FROM note WHERE chat_id = $1 AND number > $2 \
             AND number > (SELECT coalesce(max(number), 0) - $3 FROM note WHERE chat_id = $1) ORDER BY number",
        )
        .bind(chat.to_string())
        .bind(after)
        .bind(NOTES)
        .fetch(&mut db);
        Piece::read(rows, (NOTES as usize, bytes), read).await
    }
}

fn read(row: &Row) -> Result<Note> {
    Ok(Note {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        author: id(row, "author")?,
        text: row.try_get("text")?,
        whisper: row.try_get("whisper")?,
    })
}

/// Adds a note as part of the caller's transaction.
pub(super) async fn append(
    db: &mut Db,
    chat: ChatId,
    author: AgentId,
    text: String,
    whisper: bool,
    at: Millis,
) -> Result<Note> {
    let row = sql::query(
        "INSERT INTO note (chat_id, number, at, author, text, whisper) \
         SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 FROM note WHERE chat_id = $1 RETURNING number",
    )
    .bind(chat.to_string())
    .bind(at)
    .bind(author.to_string())
    .bind(&text)
    .bind(whisper)
    .fetch_one(db)
    .await?;
    Ok(Note { number: row.try_get("number")?, at, author, text, whisper })
}
