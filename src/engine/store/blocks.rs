//! Blocks visitors. A blocked visitor gets no prompts, chats, or messages, either until a given date or permanently.
//! Each check compares that date with the current time, so a block ends on its own even if the server has been
//! restarted in the meantime.

use protocol::{
    Millis,
    chat::{EndReason, Entry},
    id::{AgentId, VisitId, VisitorId},
    refusal::Refusal,
};

use super::{
    Actor, ChatRecord, InvitationRecord, PersistVisitor, Result, Store, audit, chats, claims, erasure, invitations,
    row::id,
    sql::{self, Db},
    visitors,
};

/// A request to block a visitor.
#[derive(Clone, Debug)]
pub struct NewBlock {
    /// The visitor.
    pub visitor: VisitorId,
    /// The visitor's current visit (`None` for a stored visitor who is not on the site).
    pub here: Option<(VisitId, PersistVisitor)>,
    /// When the block ends (`None` if it is permanent).
    pub until: Option<Millis>,
    /// The current time.
    pub now: Millis,
}

/// A visitor's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The agent who blocked the visitor.
    pub by: AgentId,
    /// When the visitor was blocked.
    pub at: Millis,
    /// When the block ends (`None` if it is permanent).
    pub until: Option<Millis>,
}

impl Block {
    /// Returns whether the block is still in effect at this time.
    pub fn is_active_at(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What was ended when a visitor was blocked.
#[derive(Clone, Debug)]
pub struct BlockOutcome {
    /// The withdrawn invitation, if one was open.
    pub invitation: Option<InvitationRecord>,
    /// The ended chat and its new entries, if one was live.
    pub chat: Option<(ChatRecord, Vec<Entry>)>,
}

impl Store {
    /// Blocks a visitor, withdraws any open invitation, and ends any live chat. Replaces an existing block.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visitor does not belong to the organization, and `Forbidden` if the actor
    /// is not an agent.
    pub async fn block(&self, by: Actor, new: NewBlock) -> Result<BlockOutcome> {
        self.write(move |db| Box::pin(async move { block(db, &by, new).await })).await
    }

    /// Lifts a visitor's block.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visitor does not belong to the organization or is not blocked.
    pub async fn lift_block(&self, by: Actor, visitor: VisitorId, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                if !erasure::is_visitor_of(db, by.organization, visitor).await? {
                    return Err(Refusal::NotFound.into());
                }
                let lifted = sql::query("DELETE FROM visitor_block WHERE visitor_id = $1")
                    .bind(visitor.to_string())
                    .execute(&mut *db)
                    .await?;
                if lifted.rows_affected() == 0 {
                    return Err(Refusal::NotFound.into());
                }
                audit::note_visitor(db, &by, "visitor.unblocked", visitor, "", now).await
            })
        })
        .await
    }

    /// Returns a visitor's current block, if any.
    pub async fn block_of(&self, visitor: VisitorId, now: Millis) -> Result<Option<Block>> {
        find(&mut self.inner.readers.acquire().await?, visitor, now).await
    }
}

/// Refuses a blocked visitor's action, as part of that action's transaction.
///
/// # Errors
/// Returns [`Refusal::Blocked`] with the end of the block if the visitor is blocked.
pub(super) async fn refuse_blocked(db: &mut Db, visitor: VisitorId, now: Millis) -> Result<()> {
    match find(db, visitor, now).await? {
        Some(block) => Err(Refusal::Blocked { until: block.until }.into()),
        None => Ok(()),
    }
}

pub(super) async fn find(db: &mut Db, visitor: VisitorId, now: Millis) -> Result<Option<Block>> {
    let row = sql::query(
        "SELECT by_agent, at, until FROM visitor_block WHERE visitor_id = $1 AND (until IS NULL OR until > $2)",
    )
    .bind(visitor.to_string())
    .bind(now)
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok(Block { by: id(&row, "by_agent")?, at: row.try_get("at")?, until: row.try_get("until")? }))
        .transpose()
}

async fn block(db: &mut Db, by: &Actor, new: NewBlock) -> Result<BlockOutcome> {
    let agent = by.agent.ok_or(Refusal::Forbidden)?;
    match &new.here {
        Some((visit, remember)) => {
            visitors::remember(db, by.organization, new.visitor, *visit, remember, new.now).await?;
        }
        None if !erasure::is_visitor_of(db, by.organization, new.visitor).await? => {
            return Err(Refusal::NotFound.into());
        }
        None => {}
    }
    sql::query(
        "INSERT INTO visitor_block (visitor_id, by_agent, at, until) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (visitor_id) DO UPDATE SET by_agent = excluded.by_agent, at = excluded.at, until = excluded.until",
    )
    .bind(new.visitor.to_string())
    .bind(agent.to_string())
    .bind(new.now)
    .bind(new.until)
    .execute(&mut *db)
    .await?;
    let invitation = invitations::withdraw_open_invitation(db, new.visitor, agent, new.now).await?;
    let chat = match chats::live_of(db, new.visitor).await? {
        Some(live) => Some(claims::end(db, live.id, by.organization, EndReason::Agent, new.now).await?),
        None => None,
    };
    let detail = new.until.map_or("permanently".to_owned(), |until| {
        let hours = (until - new.now + 1_800_000) / 3_600_000;
        format!("for {hours} h")
    });
    audit::note_visitor(db, by, "visitor.blocked", new.visitor, &detail, new.now).await?;
    Ok(BlockOutcome { invitation, chat })
}
