//! Notes beside a chat: for agents only. No way to a visitor reads this table.

use protocol::{
    Millis,
    id::{AgentId, ChatId},
    note::Note,
};
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, row::id};

/// The most notes that are read of one chat, the latest.
const NOTES: u32 = 500;

impl Store {
    /// Writes a note beside a chat.
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

    /// The notes beside a chat, in order.
    pub async fn notes(&self, chat: ChatId) -> Result<Vec<Note>> {
        let rows = sqlx::query("SELECT * FROM note WHERE chat_id = $1 ORDER BY number DESC LIMIT $2")
            .bind(chat.to_string())
            .bind(NOTES)
            .fetch_all(&self.inner.readers)
            .await?;
        let note = |row| {
            Ok(Note {
                number: sqlx::Row::try_get(row, "number")?,
                at: sqlx::Row::try_get(row, "at")?,
                author: id(row, "author")?,
                text: sqlx::Row::try_get(row, "text")?,
                whisper: sqlx::Row::try_get(row, "whisper")?,
            })
        };
        rows.iter().rev().map(note).collect()
    }
}

/// Writes a note, in the transaction to which it belongs.
pub(super) async fn append(
    db: &mut SqliteConnection,
    chat: ChatId,
    author: AgentId,
    text: String,
    whisper: bool,
    at: Millis,
) -> Result<Note> {
    let row = sqlx::query(
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
