//! Chats that an agent has: claimed, taken over, ended.

use protocol::{
    Millis,
    agent::Role,
    chat::{ChatEvent, ChatState, EndReason, Entry},
    id::{AgentId, ChatId, OrganizationId},
    refusal::Refusal,
};

use super::{
    ChatRecord, Result, Store,
    chats::{by_id, in_organization},
    entries,
    sql::{self, Db},
};

/// An agent takes a chat over.
#[derive(Clone, Copy, Debug)]
pub struct TakeOverRequest {
    /// Which.
    pub chat: ChatId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Who.
    pub me: AgentId,
    /// What he may do.
    pub role: Role,
    /// Who had it on his screen …
    pub seen_owner: AgentId,
    /// … in which version.
    pub seen_version: u32,
    /// Of his chats in progress, those with a word after this count against his limit.
    pub counts_since: Millis,
    /// The time.
    pub now: Millis,
}

impl Store {
    /// An agent claims a chat that waits. Claiming one's own again changes nothing. Of his chats in progress, those with a
    /// word after `counts_since` count against his limit.
    ///
    /// # Errors
    /// `AlreadyClaimed`, `Reserved`, `Full`, `ChatEnded`, `NotFound`.
    pub async fn claim(
        &self,
        chat: ChatId,
        organization: OrganizationId,
        me: AgentId,
        counts_since: Millis,
        now: Millis,
    ) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                let claimed = sql::query(
                    "UPDATE chat SET state = 'in_progress', agent_id = $2, version = version + 1, state_since = $3, \
                     last_word_at = $3, reserved_for = NULL, reserved_until = NULL, form_offered_at = NULL \
                     WHERE id = $1 AND organization_id = $4 AND state = 'unclaimed' \
                     AND (reserved_for IS NULL OR reserved_for = $2 OR reserved_until <= $3) \
                     AND (SELECT count(*) FROM chat AS mine WHERE mine.agent_id = $2 AND mine.state = 'in_progress' \
                     AND mine.last_word_at > $5) < (SELECT max_chats FROM agent WHERE agent.id = $2 AND active = 1)",
                )
                .bind(chat.to_string())
                .bind(me.to_string())
                .bind(now)
                .bind(organization.to_string())
                .bind(counts_since)
                .execute(&mut *db)
                .await?;
                if claimed.rows_affected() == 1 {
                    let joined = entries::append(db, chat, ChatEvent::Joined(me), now).await?;
                    return Ok((by_id(db, chat).await?, vec![joined]));
                }
                let known = in_organization(db, organization, chat).await?;
                Err(match (known.state, known.agent, known.reserved_for, known.reserved_until) {
                    (ChatState::Ended, ..) => Refusal::ChatEnded,
                    (ChatState::InProgress, Some(agent), ..) if agent == me => return Ok((known, Vec::new())),
                    (ChatState::InProgress, Some(by), ..) => Refusal::AlreadyClaimed { chat, by },
                    (_, _, Some(agent), Some(until)) if agent != me && now < until => {
                        Refusal::Reserved { agent, until }
                    }
                    _ => capacity_refusal(db, me).await?,
                }
                .into())
            })
        })
        .await
    }

    /// An agent takes a chat over from the owner, and in the version, that he saw. Who may, the operations decide; an agent
    /// without a higher role must have room for it.
    ///
    /// # Errors
    /// `Changed`, `Full`, `ChatEnded`, `NotFound`.
    pub async fn take_over(&self, request: TakeOverRequest) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| Box::pin(async move { take_over(db, request).await })).await
    }

    /// Ends a chat.
    ///
    /// # Errors
    /// `ChatEnded` when it is over, `NotFound`.
    pub async fn end_chat(
        &self,
        chat: ChatId,
        organization: OrganizationId,
        by: EndReason,
        now: Millis,
    ) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| Box::pin(async move { end(db, chat, organization, by, now).await })).await
    }
}

/// Ends a chat, in the transaction to which that belongs.
pub(super) async fn end(
    db: &mut Db,
    chat: ChatId,
    organization: OrganizationId,
    by: EndReason,
    now: Millis,
) -> Result<(ChatRecord, Vec<Entry>)> {
    let ended = sql::query(
        "UPDATE chat SET state = 'ended', end_reason = $2, version = version + 1, state_since = $3, \
         reserved_for = NULL, reserved_until = NULL \
         WHERE id = $1 AND organization_id = $4 AND state IN ('unclaimed','in_progress')",
    )
    .bind(chat.to_string())
    .bind(entries::end_word(by))
    .bind(now)
    .bind(organization.to_string())
    .execute(&mut *db)
    .await?;
    if ended.rows_affected() == 0 {
        in_organization(db, organization, chat).await?;
        return Err(Refusal::ChatEnded.into());
    }
    let entry = entries::append(db, chat, ChatEvent::Ended(by), now).await?;
    Ok((by_id(db, chat).await?, vec![entry]))
}

async fn take_over(db: &mut Db, request: TakeOverRequest) -> Result<(ChatRecord, Vec<Entry>)> {
    let TakeOverRequest { chat, organization, me, seen_owner, seen_version, now, .. } = request;
    let known = in_organization(db, organization, chat).await?;
    match known.state {
        ChatState::Ended => return Err(Refusal::ChatEnded.into()),
        ChatState::InProgress if known.agent == Some(me) => return Ok((known, Vec::new())),
        _ => {}
    }
    let taken = sql::query(
        "UPDATE chat SET agent_id = $2, version = version + 1, state_since = $3, last_word_at = $3 \
         WHERE id = $1 AND state = 'in_progress' AND agent_id = $4 AND version = $5 \
         AND ($6 = 1 OR (SELECT count(*) FROM chat AS mine WHERE mine.agent_id = $2 \
         AND mine.state = 'in_progress' AND mine.last_word_at > $7) < \
         (SELECT max_chats FROM agent WHERE agent.id = $2 AND active = 1))",
    )
    .bind(chat.to_string())
    .bind(me.to_string())
    .bind(now)
    .bind(seen_owner.to_string())
    .bind(seen_version)
    .bind(request.role >= Role::Supervisor)
    .bind(request.counts_since)
    .execute(&mut *db)
    .await?;
    if taken.rows_affected() == 1 {
        let event = ChatEvent::TakenOver { from: seen_owner, by: me };
        let entry = entries::append(db, chat, event, now).await?;
        return Ok((by_id(db, chat).await?, vec![entry]));
    }
    if known.agent == Some(seen_owner) && known.version == seen_version {
        return Err(capacity_refusal(db, me).await?.into());
    }
    Err(Refusal::ChatChanged { agent: known.agent }.into())
}

/// Why an agent may not have one more.
async fn capacity_refusal(db: &mut Db, agent: AgentId) -> Result<Refusal> {
    let limit: Option<u32> = sql::query_scalar("SELECT max_chats FROM agent WHERE id = $1 AND active = 1")
        .bind(agent.to_string())
        .fetch_optional(db)
        .await?;
    Ok(limit.map_or(Refusal::Forbidden, |limit| Refusal::ChatLimitReached { limit }))
}
