//! Claims, takes over, and ends chats.

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

/// A request to take over a chat from another agent.
#[derive(Clone, Copy, Debug)]
pub struct TakeOverRequest {
    /// The chat.
    pub chat: ChatId,
    /// The organization that the chat belongs to.
    pub organization: OrganizationId,
    /// The agent who is taking over the chat.
    pub me: AgentId,
    /// That agent's role.
    pub role: Role,
    /// The chat's owner when the agent decided to take it over.
    pub seen_owner: AgentId,
    /// The chat's version when the agent decided to take it over.
    pub seen_version: u32,
    /// Only in-progress chats with activity after this time count toward the agent's chat limit.
    pub counts_since: Millis,
    /// The current time.
    pub now: Millis,
}

/// Whether the agent `$2` may claim the chat: the same rule as `ReadScope::serves`, and the chats reserved for the agent.
macro_rules! serves {
    () => {
        "(chat.team_id IS NULL OR chat.reserved_for = $2 \
         OR EXISTS (SELECT 1 FROM team_agent WHERE team_agent.team_id = chat.team_id AND team_agent.agent_id = $2) \
         OR EXISTS (SELECT 1 FROM agent WHERE agent.id = $2 AND agent.role <> 'agent'))"
    };
}

impl Store {
    /// Claims a waiting chat for an agent. Does nothing if the agent has already claimed it. Only in-progress chats
    /// with activity after `counts_since` count toward the agent's chat limit.
    ///
    /// # Errors
    /// Returns [`Refusal::AlreadyClaimed`] if another agent has claimed the chat, `Reserved` if it is reserved for
    /// another agent, `ChatLimitReached` if the agent has reached their chat limit, `ChatEnded` if the chat has ended,
    /// `NotFound` if it does not belong to the organization, and `Forbidden` if the agent is inactive.
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
                let claimed = sql::query(concat!(
                    "UPDATE chat SET state = 'in_progress', agent_id = $2, version = version + 1, state_since = $3, \
                     last_word_at = $3, reserved_for = NULL, reserved_until = NULL, form_offered_at = NULL \
                     WHERE id = $1 AND organization_id = $4 AND state = 'unclaimed' \
                     AND (reserved_for IS NULL OR reserved_for = $2 OR reserved_until <= $3) AND ",
                    serves!(),
                    " \
                     AND (SELECT count(*) FROM chat AS mine WHERE mine.agent_id = $2 AND mine.state = 'in_progress' \
                     AND mine.last_word_at > $5) < (SELECT max_chats FROM agent WHERE agent.id = $2 AND active = 1)",
                ))
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
                    _ if !serves(db, chat, me).await? => Refusal::OtherTeam,
                    _ => capacity_refusal(db, me).await?,
                }
                .into())
            })
        })
        .await
    }

    /// Takes over a chat, provided that its owner and version are still the ones that the agent saw. The caller must
    /// check permissions. The chat limit applies only to agents whose role is below `Supervisor`.
    ///
    /// # Errors
    /// Returns [`Refusal::ChatChanged`] if the chat's owner or version has changed, `ChatLimitReached` if the agent has
    /// reached their chat limit, `ChatEnded` if the chat has ended, `NotFound` if it does not belong to the
    /// organization, and `Forbidden` if the agent is inactive.
    pub async fn take_over(&self, request: TakeOverRequest) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| Box::pin(async move { take_over(db, request).await })).await
    }

    /// Ends a chat.
    ///
    /// # Errors
    /// Returns [`Refusal::ChatEnded`] if the chat has already ended, and `NotFound` if it does not belong to the
    /// organization.
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

/// Returns whether an agent serves the team that a chat waits for.
async fn serves(db: &mut Db, chat: ChatId, agent: AgentId) -> Result<bool> {
    let serves =
        sql::query_scalar(concat!("SELECT EXISTS (SELECT 1 FROM chat WHERE chat.id = $1 AND ", serves!(), ")"));
    Ok(serves.bind(chat.to_string()).bind(agent.to_string()).fetch_one(db).await?)
}

/// Ends a chat as part of the caller's transaction.
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

/// Returns why an agent cannot take another chat.
async fn capacity_refusal(db: &mut Db, agent: AgentId) -> Result<Refusal> {
    let limit: Option<u32> = sql::query_scalar("SELECT max_chats FROM agent WHERE id = $1 AND active = 1")
        .bind(agent.to_string())
        .fetch_optional(db)
        .await?;
    Ok(limit.map_or(Refusal::Forbidden, |limit| Refusal::ChatLimitReached { limit }))
}
