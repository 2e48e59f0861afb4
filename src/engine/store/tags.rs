//! Tags of chats. The organization's list grows by use.

use protocol::{
    id::{ChatId, OrganizationId},
    limits::TAGS,
    refusal::Refusal,
};

use super::{ChatRecord, Result, Store, chats::by_id, sql};

impl Store {
    /// The tags that the organization has used, in order.
    pub async fn tags(&self, organization: OrganizationId) -> Result<Vec<String>> {
        let names = sql::query_scalar("SELECT name FROM tag WHERE organization_id = $1 ORDER BY name")
            .bind(organization.to_string())
            .fetch_all(&self.inner.readers)
            .await?;
        Ok(names)
    }

    /// Puts a tag on a chat; once is enough.
    ///
    /// # Errors
    /// `TooLarge` when it has as many as it may.
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
                // What is refused leaves no trace.
                if record.tags.len() > TAGS { Err(Refusal::TooLarge.into()) } else { Ok(record) }
            })
        })
        .await
    }

    /// Takes a tag off a chat.
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
