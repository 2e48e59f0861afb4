//! Metadata about uploaded files. Their contents are in a separate directory, from which deleted files are removed
//! later.

use std::collections::HashSet;

use protocol::{
    Millis,
    chat::{Author, Body},
    file::FileCard,
    id::{ChatId, FileId, OrganizationId, VisitorId},
    refusal::Refusal,
};
use sqlx::AssertSqlSafe;

use super::{
    NewMessage, Result, Store, StoredMessage, entries, messages,
    row::id,
    sql::{self, Db, Row},
};
use crate::settings::FileRules;

const HOUR: Millis = 60 * 60 * 1_000;
const DAY: Millis = 24 * HOUR;

impl Store {
    /// Stores a message that is a file exactly once, no matter how often it is received. The file must already be in
    /// its directory. If the result is not fresh, the message was stored earlier with another copy of the file.
    ///
    /// # Errors
    /// Returns the same errors as [`Store::send_message`]. For a visitor's message, also returns [`Refusal::TooMany`]
    /// if the chat's hourly limit has been reached and `FilesFull` if the visitor's daily limit would be exceeded.
    pub async fn send_file(&self, new: NewMessage, rules: FileRules) -> Result<StoredMessage> {
        let said = self.write(move |db| Box::pin(async move { send(db, new, rules).await })).await?;
        if said.fresh {
            self.inner.counters.record_message();
        }
        Ok(said)
    }

    /// Checks that a visitor may currently upload another file to a chat.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the chat's hourly limit has been reached, and `FilesFull` if the visitor's daily
    /// limit has been exceeded.
    pub async fn check_upload_quota(
        &self,
        chat: ChatId,
        visitor: VisitorId,
        rules: FileRules,
        now: Millis,
    ) -> Result<()> {
        let mut db = self.inner.readers.acquire().await?;
        check_upload_quota(&mut db, chat, visitor, 0, rules, now).await
    }

    /// Returns a file from one of the visitor's own chats.
    pub async fn file_of_visitor(&self, visitor: VisitorId, file: FileId) -> Result<Option<FileCard>> {
        let row = sql::query(
            "SELECT entry.* FROM file JOIN entry ON entry.chat_id = file.chat_id AND entry.seq = file.seq \
             JOIN chat ON chat.id = file.chat_id WHERE file.id = $1 AND chat.visitor_id = $2",
        )
        .bind(file.to_string())
        .bind(visitor.to_string())
        .fetch_optional(&self.inner.readers)
        .await?;
        Ok(row.as_ref().map(card).transpose()?.flatten())
    }

    /// Returns a file from one of an organization's chats, along with the chat's id.
    pub async fn file(&self, organization: OrganizationId, file: FileId) -> Result<Option<(ChatId, FileCard)>> {
        let row = sql::query(
            "SELECT entry.* FROM file JOIN entry ON entry.chat_id = file.chat_id AND entry.seq = file.seq \
             JOIN chat ON chat.id = file.chat_id WHERE file.id = $1 AND chat.organization_id = $2",
        )
        .bind(file.to_string())
        .bind(organization.to_string())
        .fetch_optional(&self.inner.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let chat = id(&row, "chat_id")?;
        Ok(card(&row)?.map(|card| (chat, card)))
    }

    /// Returns whether any row refers to the file.
    pub async fn has_file(&self, file: FileId) -> Result<bool> {
        let row = sql::query("SELECT id FROM file WHERE id = $1").bind(file.to_string());
        Ok(row.fetch_optional(&self.inner.readers).await?.is_some())
    }

    /// Returns all files that rows refer to.
    pub async fn known_files(&self) -> Result<HashSet<FileId>> {
        let rows = sql::query("SELECT id FROM file").fetch_all(&self.inner.readers).await?;
        rows.iter().map(|row| id(row, "id")).collect()
    }

    /// Returns the files that must be deleted from the directory because no row refers to them anymore.
    pub async fn files_to_delete(&self) -> Result<Vec<FileId>> {
        let rows = sql::query("SELECT id FROM file_deletion_queue").fetch_all(&self.inner.readers).await?;
        rows.iter().map(|row| id(row, "id")).collect()
    }

    /// Removes files from the deletion queue after they have been deleted from the directory.
    pub async fn confirm_files_deleted(&self, files: Vec<FileId>) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                for file in files {
                    sql::query("DELETE FROM file_deletion_queue WHERE id = $1")
                        .bind(file.to_string())
                        .execute(&mut *db)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn send(db: &mut Db, new: NewMessage, rules: FileRules) -> Result<StoredMessage> {
    let (chat, from_visitor, now) = (new.chat, new.author == Author::Visitor, new.now);
    let said = messages::send_message(&mut *db, new).await?;
    if !said.fresh {
        return Ok(said);
    }
    let Body::File(card) = &said.entry.body else { return Err(Refusal::Unexpected.into()) };
    let (file, bytes) = (card.id().ok_or(Refusal::Unexpected)?, card.bytes());
    if from_visitor {
        check_upload_quota(db, chat, said.chat.visitor, bytes, rules, now).await?;
    }
    sql::query("INSERT INTO file (id, chat_id, seq, at, bytes) VALUES ($1, $2, $3, $4, $5)")
        .bind(file.to_string())
        .bind(chat.to_string())
        .bind(said.entry.seq)
        .bind(now)
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .execute(db)
        .await?;
    Ok(said)
}

/// Checks a visitor's limits on the number of files per chat and hour and on the number of bytes per day.
async fn check_upload_quota(
    db: &mut Db,
    chat: ChatId,
    visitor: VisitorId,
    bytes: u64,
    rules: FileRules,
    now: Millis,
) -> Result<()> {
    let hour = sql::query(
        "SELECT count(*) AS files, min(file.at) AS first_at FROM file JOIN entry ON entry.chat_id = file.chat_id \
         AND entry.seq = file.seq WHERE file.chat_id = $1 AND entry.author = 'visitor' AND file.at > $2",
    )
    .bind(chat.to_string())
    .bind(now - HOUR)
    .fetch_one(&mut *db)
    .await?;
    if hour.try_get::<i64, _>("files")? >= i64::from(rules.per_hour) {
        let first_at: Option<Millis> = hour.try_get("first_at")?;
        let wait = (first_at.unwrap_or(now) + HOUR - now).max(0).unsigned_abs().div_ceil(1_000);
        return Err(Refusal::TooMany { retry_after: u32::try_from(wait).unwrap_or(u32::MAX) }.into());
    }
    let sent: i64 = sql::query_scalar(
        "SELECT CAST(coalesce(sum(file.bytes), 0) AS BIGINT) FROM file JOIN chat ON chat.id = file.chat_id \
         JOIN entry ON entry.chat_id = file.chat_id AND entry.seq = file.seq \
         WHERE chat.visitor_id = $1 AND entry.author = 'visitor' AND file.at > $2",
    )
    .bind(visitor.to_string())
    .bind(now - DAY)
    .fetch_one(db)
    .await?;
    if sent.unsigned_abs() + bytes > rules.per_day {
        return Err(Refusal::FilesFull { limit: rules.per_day }.into());
    }
    Ok(())
}

/// Queues the contents of matching files for deletion. The caller must delete the rows. `which` is a trusted SQL
/// condition.
pub(super) async fn queue_file_deletions(db: &mut Db, which: &str) -> Result<()> {
    let sql = format!("INSERT INTO file_deletion_queue (id) SELECT id FROM file WHERE {which}");
    sql::query(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

/// Deletes the file that a deleted message contained.
pub(super) async fn delete_file(db: &mut Db, chat: ChatId, seq: protocol::chat::Seq) -> Result<()> {
    let which = format!("chat_id = '{chat}' AND seq = {seq}");
    queue_file_deletions(&mut *db, &which).await?;
    let sql = format!("DELETE FROM file WHERE {which}");
    sql::query(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}

fn card(row: &Row) -> Result<Option<FileCard>> {
    Ok(match entries::read(row)?.body {
        Body::File(card) => Some(card),
        _ => None,
    })
}
