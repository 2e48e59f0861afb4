//! Receipts, which record the last entries that each side of a chat has received and read.

use protocol::{
    chat::{Author, Receipt, Seq},
    id::{ChatId, OrganizationId},
};

use super::{ChatRecord, Result, Store, chats, sql};

/// Updates the visitor's receipt. The number of messages from the visitor that no agent has read stays the same.
const UPDATE_VISITOR_RECEIPT: &str =
    "UPDATE chat SET visitor_delivered = $2, visitor_read = $3 WHERE id = $1 RETURNING unread";
/// Updates the agents' receipt. Only the messages that were just read are counted, and each message is read only once.
const UPDATE_AGENT_RECEIPT: &str = "UPDATE chat SET agent_delivered = $2, agent_read = $3, \
     unread = CASE WHEN last_seq <= $3 THEN 0 ELSE unread - (SELECT count(*) FROM entry WHERE entry.chat_id = chat.id \
     AND entry.seq > chat.agent_read AND entry.seq <= $3 AND entry.author = 'visitor' AND entry.amends_seq IS NULL) END \
     WHERE id = $1 RETURNING unread";

impl Store {
    /// Advances one side's receipt, but never backward and never past the last entry. Returns `None` if nothing changed
    /// or if this agent is not in the chat, because what an observer reads does not count.
    ///
    /// # Errors
    /// Returns the refusal `NotFound` if the chat does not belong to the organization.
    pub async fn advance_receipt(
        &self,
        organization: OrganizationId,
        chat: ChatId,
        side: Author,
        receipt: Receipt,
    ) -> Result<Option<ChatRecord>> {
        self.write(move |db| {
            Box::pin(async move {
                let known = chats::in_organization(db, organization, chat).await?;
                let (had, sql) = match side {
                    Author::Visitor => (known.visitor_receipt, UPDATE_VISITOR_RECEIPT),
                    Author::Agent(agent) if known.agent == Some(agent) => (known.agent_receipt, UPDATE_AGENT_RECEIPT),
                    _ => return Ok(None),
                };
                let receipt = advance(had, receipt, known.last_seq);
                if receipt == had {
                    return Ok(None);
                }
                let order = sql::query_scalar(sql).bind(chat.to_string()).bind(receipt.delivered).bind(receipt.read);
                let unread = order.fetch_one(db).await?;
                Ok(Some(match side {
                    Author::Visitor => ChatRecord { visitor_receipt: receipt, unread, ..known },
                    _ => ChatRecord { agent_receipt: receipt, unread, ..known },
                }))
            })
        })
        .await
    }
}

/// Merges two receipts, capped at the last entry.
fn advance(had: Receipt, now: Receipt, head: Seq) -> Receipt {
    Receipt {
        delivered: had.delivered.max(now.delivered.max(now.read).min(head)),
        read: had.read.max(now.read.min(head)),
    }
}
