//! Chat tags. A tag is added to the organization's list when it is first used.

use protocol::{
    id::{ChatId, OrganizationId},
    limits::TAGS,
    refusal::Refusal,
};

use super::{ChatRecord, Result, Store, chats::by_id, sql};

/// The maximum number of tags of one organization.
pub(super) const ORGANIZATION_TAGS: u32 = 1_000;

impl Store {
    /// Returns the tags that the organization has used, sorted.
    pub async fn tags(&self, organization: OrganizationId) -> Result<Vec<String>> {
        let names = sql::query_scalar("SELECT name FROM tag WHERE organization_id = $1 ORDER BY name LIMIT $2")
            .bind(organization.to_string())
            .bind(ORGANIZATION_TAGS)
            .fetch_all(&self.inner.readers)
            .await?;
        Ok(names)
    }

    /// Adds a tag to a chat. Does nothing if the chat already has it.
    ///
    /// # Errors
    /// Returns [`Refusal::TooLarge`] if the chat or the organization would have more than the maximum number of tags.
    pub async fn add_tag(&self, organization: OrganizationId, chat: ChatId, name: String) -> Result<ChatRecord> {
        self.write(move |db| {
            Box::pin(async move {
                let added =
                    sql::query("INSERT INTO tag (organization_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                        .bind(organization.to_string())
                        .bind(&name)
                        .execute(&mut *db)
                        .await?;
                if added.rows_affected() > 0 {
                    let tags: i64 = sql::query_scalar("SELECT count(*) FROM tag WHERE organization_id = $1")
                        .bind(organization.to_string())
                        .fetch_one(&mut *db)
                        .await?;
                    if tags > i64::from(ORGANIZATION_TAGS) {
                        return Err(Refusal::TooLarge.into());
                    }
                }
                sql::query("INSERT INTO chat_tag (chat_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(chat.to_string())
                    .bind(&name)
                    .execute(&mut *db)
                    .await?;
                let record = by_id(db, chat).await?;
                // A refusal rolls back the inserts.
                if record.tags.len() > TAGS { Err(Refusal::TooLarge.into()) } else { Ok(record) }
            })
        })
        .await
    }

    /// Removes a tag from a chat.
    pub async fn remove_tag(&self, chat: ChatId, name: String) -> Result<ChatRecord> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("DELETE FROM chat_tag WHERE chat_id = $1 AND name = $2")
                    .bind(chat.to_string())
                    .bind(name)
                    .execute(&mut *db)
                    .await?;
                by_id(db, chat).await
            })
        })
        .await
    }
}
