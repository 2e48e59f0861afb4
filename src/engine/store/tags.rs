//! Chat tags. A tag is added to the organization's list when it is first used.

use protocol::{
    id::{ChatId, OrganizationId},
    limits::TAGS,
    refusal::Refusal,
};

use super::{ChatRecord, Result, Store, chats::by_id, sql};

impl Store {
    /// Returns the tags that the organization has used, sorted.
    pub async fn tags(&self, organization: OrganizationId) -> Result<Vec<String>> {
        let names = sql::query_scalar("SELECT name FROM tag WHERE organization_id = $1 ORDER BY name")
            .bind(organization.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        Ok(names)
    }

    /// Adds a tag to a chat. Does nothing if the chat already has it.
    ///
    /// # Errors
    /// Returns [`Refusal::TooLarge`] if the chat would have more than the maximum number of tags.
    pub async fn add_tag(&self, organization: OrganizationId, chat: ChatId, name: String) -> Result<ChatRecord> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("INSERT INTO tag (organization_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(organization.to_string())
                    .bind(&name)
                    .execute(&mut *db)
                    .await?;
                sql::query("INSERT INTO chat_tag (chat_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(chat.to_string())
                    .bind(&name)
                    .execute(&mut *db)
                    .await?;
                let record = by_id(db, chat).await?;
                // The refusal rolls back the inserts.
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
