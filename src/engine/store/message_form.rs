//! The message form: offered when nobody was free for long, and what a visitor has left in it.

use protocol::{
    Millis,
    chat::{ChatEvent, Entry},
    id::{ChatId, VisitorId},
    refusal::Refusal,
};

use super::{
    ChatRecord, Result, Store, blocks,
    chats::{by_id, live_of},
    entries,
    sql::{self, Db},
};

/// How a visitor can be answered, as he typed it.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// Who.
    pub visitor: VisitorId,
    /// His name; none leaves the one that is known.
    pub name: Option<String>,
    /// His e-mail.
    pub email: String,
    /// The time.
    pub now: Millis,
}

impl Store {
    /// Offers the message form to the visitor of a chat that still waits; none when it waits no longer, or he was offered it.
    pub async fn offer_form(&self, chat: ChatId, now: Millis) -> Result<Option<ChatRecord>> {
        self.write(move |db| {
            Box::pin(async move {
                let offered = sql::query(
                    "UPDATE chat SET form_offered_at = $2 WHERE id = $1 AND state = 'unclaimed' \
                     AND form_offered_at IS NULL AND contact_left_at IS NULL",
                )
                .bind(chat.to_string())
                .bind(now)
                .execute(&mut *db)
                .await?;
                if offered.rows_affected() == 0 { Ok(None) } else { by_id(db, chat).await.map(Some) }
            })
        })
        .await
    }

    /// Keeps what a visitor has left, with his live chat. The same once more changes nothing.
    ///
    /// # Errors
    /// `Empty` when he has written no message in it; `ChatEnded` when he has no live chat; `Blocked`.
    pub async fn leave_contact(&self, new: NewContact) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| Box::pin(async move { leave_contact(db, new).await })).await
    }
}

async fn leave_contact(db: &mut Db, new: NewContact) -> Result<(ChatRecord, Vec<Entry>)> {
    blocks::refuse_blocked(db, new.visitor, new.now).await?;
    let chat = live_of(db, new.visitor).await?.ok_or(Refusal::ChatEnded)?.id;
    let has_written: bool =
        sql::query_scalar("SELECT EXISTS (SELECT 1 FROM entry WHERE chat_id = $1 AND author = 'visitor')")
            .bind(chat.to_string())
            .fetch_one(&mut *db)
            .await?;
    if !has_written {
        return Err(Refusal::Empty.into());
    }
    let is_new = sql::query(
        "UPDATE visitor SET email = $2, email_from = 'visitor', name = coalesce($3, name), \
         name_from = CASE WHEN $3 IS NULL THEN name_from ELSE 'visitor' END WHERE id = $1 \
         AND (email IS DISTINCT FROM $2 OR name IS DISTINCT FROM coalesce($3, name))",
    )
    .bind(new.visitor.to_string())
    .bind(&new.email)
    .bind(&new.name)
    .execute(&mut *db)
    .await?
    .rows_affected()
        == 1;
    let is_first = sql::query("UPDATE chat SET contact_left_at = $2 WHERE id = $1 AND contact_left_at IS NULL")
        .bind(chat.to_string())
        .bind(new.now)
        .execute(&mut *db)
        .await?
        .rows_affected()
        == 1;
    let entries = if is_new || is_first {
        vec![entries::append(db, chat, ChatEvent::ContactLeft, new.now).await?]
    } else {
        Vec::new()
    };
    Ok((by_id(db, chat).await?, entries))
}
