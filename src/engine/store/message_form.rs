//! The message form, which is offered when no agent has been free for a while, and the contact details that visitors
//! leave in it.

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

/// Contact details that a visitor left.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's name (`None` to keep the one already known).
    pub name: Option<String>,
    /// The visitor's email address.
    pub email: String,
    /// The current time.
    pub now: Millis,
}

impl Store {
    /// Offers the message form to the visitor in a waiting chat. Returns `None` if the chat is not waiting or the form
    /// has already been offered.
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

    /// Stores a visitor's contact details and notes them in the live chat. Sending the same details again changes
    /// nothing.
    ///
    /// # Errors
    /// Returns [`Refusal::Empty`] if the visitor has not written a message in the chat, `ChatEnded` if there is no live
    /// chat, and `Blocked` if the visitor is blocked.
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
