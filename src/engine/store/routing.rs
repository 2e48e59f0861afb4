//! Offers a waiting chat to one agent after another, according to its team's routing.

use protocol::{
    Millis,
    chat::ChatState,
    id::{AgentId, ChatId, OrganizationId, TeamId},
    refusal::Refusal,
};

use super::{
    Actor, ChatRecord, Result, Store, audit,
    chats::{by_id, chats, in_organization, read},
    row::{id, unreadable},
    sql::{self, Db},
};
use crate::routing::{Candidate, Routing, next};

/// A request to offer a chat to an agent.
#[derive(Clone, Debug)]
pub struct OfferRequest {
    /// The chat.
    pub chat: ChatId,
    /// The organization that the chat belongs to.
    pub organization: OrganizationId,
    /// The agents who are online. The database determines which of them are available.
    pub online: Vec<AgentId>,
    /// Whether the chat's current reservation has expired.
    pub ends_reservation: bool,
    /// Only in-progress chats with activity after this time count toward an agent's chat limit.
    pub counts_since: Millis,
    /// The current time.
    pub now: Millis,
    /// When the offer expires.
    pub until: Millis,
}

impl Store {
    /// Offers the chat to the next agent in its team, or to everyone if there is no such agent. Returns the updated
    /// chat and whether it changed.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not belong to the organization.
    pub async fn offer(&self, request: OfferRequest) -> Result<(ChatRecord, bool)> {
        self.write(move |db| Box::pin(async move { offer(db, &request).await })).await
    }

    /// Returns the chats that are currently offered to an agent.
    pub async fn offered_to(&self, agent: AgentId) -> Result<Vec<ChatRecord>> {
        let rows =
            sql::query(chats!("WHERE chat.reserved_for = $1 AND chat.is_offer = 1 AND chat.state = 'unclaimed'"))
                .bind(agent.to_string())
                .fetch_all(&self.inner.readers)
                .await?;
        rows.iter().map(read).collect()
    }

    /// Returns a team's routing.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the team does not belong to the organization.
    pub async fn routing(&self, organization: OrganizationId, team: TeamId) -> Result<Routing> {
        let word: Option<String> = sql::query_scalar("SELECT routing FROM team WHERE id = $1 AND organization_id = $2")
            .bind(team.to_string())
            .bind(organization.to_string())
            .fetch_optional(&self.inner.readers)
            .await?;
        read_routing(&word.ok_or(Refusal::NotFound)?)
    }

    /// Sets a team's routing.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the team does not belong to the organization.
    pub async fn set_routing(&self, by: Actor, team: TeamId, routing: Routing, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let name: Option<String> = sql::query_scalar(
                    "UPDATE team SET routing = $3 WHERE id = $1 AND organization_id = $2 RETURNING name",
                )
                .bind(team.to_string())
                .bind(by.organization.to_string())
                .bind(routing.as_str())
                .fetch_optional(&mut *db)
                .await?;
                let name = name.ok_or(Refusal::NotFound)?;
                audit::note(db, &by, "team.routing", &name, routing.as_str(), now).await
            })
        })
        .await
    }
}

async fn offer(db: &mut Db, request: &OfferRequest) -> Result<(ChatRecord, bool)> {
    let chat = in_organization(db, request.organization, request.chat).await?;
    let is_kept = chat.reserved_for.is_some() && !request.ends_reservation;
    if chat.state != ChatState::Unclaimed || is_kept {
        return Ok((chat, false));
    }
    let agent = match chat.team {
        Some(team) => next_candidate(db, team, request).await?,
        None => None,
    };
    if agent.is_none() && chat.reserved_for.is_none() {
        return Ok((chat, false));
    }
    sql::query(
        "UPDATE chat SET reserved_for = $2, reserved_until = $3, is_offer = $4, version = version + 1 WHERE id = $1",
    )
    .bind(chat.id.to_string())
    .bind(agent.map(|agent| agent.to_string()))
    .bind(agent.map(|_| request.until))
    .bind(agent.is_some())
    .execute(&mut *db)
    .await?;
    if let (Some(agent), Some(team)) = (agent, chat.team) {
        note_offer(db, chat.id, team, agent, request.now).await?;
    }
    Ok((by_id(db, chat.id).await?, true))
}

async fn next_candidate(db: &mut Db, team: TeamId, request: &OfferRequest) -> Result<Option<AgentId>> {
    let word: String =
        sql::query_scalar("SELECT routing FROM team WHERE id = $1").bind(team.to_string()).fetch_one(&mut *db).await?;
    let routing = read_routing(&word)?;
    if routing == Routing::Everyone {
        return Ok(None);
    }
    let rows = sql::query(
        "SELECT agent.id, agent.max_chats, team_agent.offered_at, (SELECT count(*) FROM chat \
         WHERE chat.agent_id = agent.id AND chat.state = 'in_progress' AND chat.last_word_at > $3) + \
         (SELECT count(*) FROM chat WHERE chat.reserved_for = agent.id AND chat.state = 'unclaimed' \
         AND chat.is_offer = 1 AND chat.id <> $2) AS chats \
         FROM team_agent JOIN agent ON agent.id = team_agent.agent_id WHERE team_agent.team_id = $1 \
         AND agent.active = 1 AND agent.away IS NULL AND NOT EXISTS (SELECT 1 FROM offer \
         WHERE offer.chat_id = $2 AND offer.agent_id = agent.id)",
    )
    .bind(team.to_string())
    .bind(request.chat.to_string())
    .bind(request.counts_since)
    .fetch_all(db)
    .await?;
    let mut candidates = Vec::with_capacity(rows.len());
    for row in rows {
        let agent: AgentId = id(&row, "id")?;
        if request.online.contains(&agent) {
            let (chats, max_chats) = (row.try_get("chats")?, row.try_get("max_chats")?);
            candidates.push(Candidate { agent, chats, max_chats, offered_at: row.try_get("offered_at")? });
        }
    }
    Ok(next(routing, &candidates))
}

async fn note_offer(db: &mut Db, chat: ChatId, team: TeamId, agent: AgentId, now: Millis) -> Result<()> {
    sql::query("INSERT INTO offer (chat_id, agent_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(chat.to_string())
        .bind(agent.to_string())
        .bind(now)
        .execute(&mut *db)
        .await?;
    sql::query("UPDATE team_agent SET offered_at = $3 WHERE team_id = $1 AND agent_id = $2")
        .bind(team.to_string())
        .bind(agent.to_string())
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Clears the offers made for a chat that is queued again, so that it can be offered to the same agents once more.
pub(super) async fn forget_offers(db: &mut Db, chat: ChatId) -> Result<()> {
    sql::query("DELETE FROM offer WHERE chat_id = $1").bind(chat.to_string()).execute(db).await?;
    Ok(())
}

fn read_routing(word: &str) -> Result<Routing> {
    Routing::from_word(word).ok_or_else(|| unreadable("routing", word))
}
