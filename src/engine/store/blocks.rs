//! Who is not served, until a date or for good: no prompt, no chat, no message. The date is all there is to it: whoever asks
//! looks at the time, so that a block ends by itself, whatever was stopped and started meanwhile.

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

/// A visitor is not to be served.
#[derive(Clone, Debug)]
pub struct NewBlock {
    /// Who.
    pub visitor: VisitorId,
    /// The visit that he is in; none: he is remembered.
    pub here: Option<(VisitId, PersistVisitor)>,
    /// Until when; none: for good.
    pub until: Option<Millis>,
    /// The time.
    pub now: Millis,
}

/// A visitor is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Who decided it.
    pub by: AgentId,
    /// When.
    pub at: Millis,
    /// Until when; none: for good.
    pub until: Option<Millis>,
}

impl Block {
    /// Whether it has not ended yet.
    pub fn is_active_at(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What a block has ended.
#[derive(Clone, Debug)]
pub struct BlockOutcome {
    /// The invitation that was open.
    pub invitation: Option<InvitationRecord>,
    /// The chat that was live, and what stands in it now.
    pub chat: Option<(ChatRecord, Vec<Entry>)>,
}

impl Store {
    /// Serves a visitor no longer: his open invitation is withdrawn and his chat ended with it. Another block replaces one.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn block(&self, by: Actor, new: NewBlock) -> Result<BlockOutcome> {
        self.write(move |db| Box::pin(async move { block(db, &by, new).await })).await
    }

    /// Serves a visitor again.
    ///
    /// # Errors
    /// `NotFound`, also when he is not blocked.
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
                audit::note(db, &by, "visitor.unblocked", &visitor.to_string(), "", now).await
            })
        })
        .await
    }

    /// Whether a visitor is served, and if not, why.
    pub async fn block_of(&self, visitor: VisitorId, now: Millis) -> Result<Option<Block>> {
        find(&mut self.inner.readers.acquire().await?, visitor, now).await
    }
}

/// Refuses what a blocked visitor would do, in the transaction in which he would.
///
/// # Errors
/// `Blocked`.
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
    let detail = new.until.map_or("for good".to_owned(), |until| {
        let hours = (until - new.now + 1_800_000) / 3_600_000;
        format!("for {hours} h")
    });
    audit::note(db, by, "visitor.blocked", &new.visitor.to_string(), &detail, new.now).await?;
    Ok(BlockOutcome { invitation, chat })
}
