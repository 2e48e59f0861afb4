//! Transfers chats to another agent or to a team's queue.

use protocol::{
    Millis,
    chat::{ChatEvent, ChatState, Entry},
    id::{AgentId, ChatId, OrganizationId, TeamId},
    note::Note,
    refusal::Refusal,
};

use super::{
    ChatRecord, Result, Store,
    chats::{by_id, in_organization},
    entries, notes, routing,
    sql::{self, Db},
};

/// The target of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferTarget {
    /// Another agent.
    Agent {
        /// The new agent.
        agent: AgentId,
        /// Whether to ignore the agent's availability and chat limit.
        insist: bool,
    },
    /// A team.
    Team(TeamId),
}

/// A request to transfer a chat.
#[derive(Clone, Debug)]
pub struct TransferRequest {
    /// The chat.
    pub chat: ChatId,
    /// The organization that the chat belongs to.
    pub organization: OrganizationId,
    /// The agent who is transferring the chat.
    pub by: AgentId,
    /// The chat's owner when that agent decided to transfer it.
    pub seen_owner: AgentId,
    /// The target.
    pub to: TransferTarget,
    /// A note that only agents can see. May be empty.
    pub note: String,
    /// Only in-progress chats with activity after this time count toward an agent's chat limit.
    pub counts_since: Millis,
    /// The current time.
    pub now: Millis,
}

impl Store {
    /// Transfers a chat. The caller must check permissions.
    ///
    /// # Errors
    /// Returns [`Refusal::AgentAway`] if the target agent is away and `AgentFull` if they have reached their chat
    /// limit, unless the request insists. Returns `ChatChanged` if the chat's owner has changed or is already the
    /// target agent, `ChatEnded` if the chat has ended, and `NotFound` if the chat or the target does not belong to the
    /// organization or if the target agent is inactive.
    pub async fn hand_over(&self, request: TransferRequest) -> Result<(ChatRecord, Vec<Entry>, Option<Note>)> {
        self.write(move |db| Box::pin(async move { hand_over(db, request).await })).await
    }
}

async fn hand_over(db: &mut Db, request: TransferRequest) -> Result<(ChatRecord, Vec<Entry>, Option<Note>)> {
    let TransferRequest { chat, now, .. } = request;
    let known = in_organization(db, request.organization, chat).await?;
    match (known.state, known.agent) {
        (ChatState::Ended, _) => return Err(Refusal::ChatEnded.into()),
        (ChatState::InProgress, Some(owner)) if owner == request.seen_owner => {}
        _ => return Err(Refusal::ChatChanged { agent: known.agent }.into()),
    }
    let from = request.seen_owner;
    let event = match request.to {
        TransferTarget::Agent { agent, .. } if agent == from => {
            return Err(Refusal::ChatChanged { agent: Some(agent) }.into());
        }
        TransferTarget::Agent { agent, insist } => {
            check_capacity(db, &request, agent, insist).await?;
            sql::query(
                "UPDATE chat SET agent_id = $2, version = version + 1, state_since = $3, last_word_at = $3 \
                 WHERE id = $1",
            )
            .bind(chat.to_string())
            .bind(agent.to_string())
            .bind(now)
            .execute(&mut *db)
            .await?;
            ChatEvent::HandedOver { from, to: agent }
        }
        TransferTarget::Team(team) => {
            move_to_team(db, &request, team).await?;
            ChatEvent::HandedToTeam { from, team }
        }
    };
    let entry = entries::append(db, chat, event, now).await?;
    let note = match request.note.is_empty() {
        true => None,
        false => Some(notes::append(db, chat, request.by, request.note, false, now).await?),
    };
    Ok((by_id(db, chat).await?, vec![entry], note))
}

/// Checks that the agent is available and below the chat limit, unless `insist` is set.
async fn check_capacity(db: &mut Db, request: &TransferRequest, agent: AgentId, insist: bool) -> Result<()> {
    let row = sql::query(
        "SELECT away IS NOT NULL AS is_away, max_chats, (SELECT count(*) FROM chat WHERE chat.agent_id = agent.id \
         AND chat.state = 'in_progress' AND chat.last_word_at > $3) AS chats \
         FROM agent WHERE id = $1 AND organization_id = $2 AND active = 1",
    )
    .bind(agent.to_string())
    .bind(request.organization.to_string())
    .bind(request.counts_since)
    .fetch_optional(db)
    .await?
    .ok_or(Refusal::NotFound)?;
    let (limit, chats): (u32, u32) = (row.try_get("max_chats")?, row.try_get("chats")?);
    if insist {
        Ok(())
    } else if row.try_get("is_away")? {
        Err(Refusal::AgentAway { agent }.into())
    } else if chats >= limit {
        Err(Refusal::AgentFull { agent, limit }.into())
    } else {
        Ok(())
    }
}

/// Puts the chat in the team's queue, at a position based on when it first started waiting.
async fn move_to_team(db: &mut Db, request: &TransferRequest, team: TeamId) -> Result<()> {
    let moved = sql::query(
        "UPDATE chat SET state = 'unclaimed', agent_id = NULL, team_id = $2, version = version + 1, \
         state_since = queued_since, last_word_at = $3, reserved_for = NULL, reserved_until = NULL, is_offer = 0 \
         WHERE id = $1 AND EXISTS (SELECT 1 FROM team WHERE team.id = $2 AND team.organization_id = $4)",
    )
    .bind(request.chat.to_string())
    .bind(team.to_string())
    .bind(request.now)
    .bind(request.organization.to_string())
    .execute(&mut *db)
    .await?;
    if moved.rows_affected() == 0 {
        return Err(Refusal::NotFound.into());
    }
    routing::forget_offers(db, request.chat).await
}
