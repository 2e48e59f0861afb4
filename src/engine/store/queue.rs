//! The queue of chats that have been requested, are reserved for an inviting agent, are waiting for a team, or have
//! been returned to it.

use protocol::{
    Millis,
    chat::{ChatEvent, ChatState, Entry},
    id::{AgentId, ChatId, OrganizationId, TeamId, VisitId, VisitorId},
    refusal::Refusal,
};

use super::{
    ChatRecord, PersistVisitor, Result, Store, blocks,
    chats::{by_id, chats, live_of, read},
    entries, routing,
    row::optional_id,
    sql::{self, Db},
    visitors,
};

/// A chat requested by a visitor.
#[derive(Clone, Debug)]
pub struct NewChat {
    /// The new chat's id.
    pub id: ChatId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The visit that it belongs to.
    pub visit: VisitId,
    /// The visitor.
    pub visitor: VisitorId,
    /// The team that serves it (`None` if any agent can).
    pub team: Option<TeamId>,
    /// The current time.
    pub now: Millis,
    /// What to store about the visitor now that they have acted.
    pub remember: PersistVisitor,
}

impl Store {
    /// Requests a chat for a visitor. If the visitor already has a live chat, returns that one without adding an entry.
    ///
    /// # Errors
    /// Returns [`Refusal::Blocked`] if the visitor is blocked.
    pub async fn request_chat(&self, new: NewChat) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                visitors::remember(db, new.organization, new.visitor, new.visit, &new.remember, new.now).await?;
                blocks::refuse_blocked(db, new.visitor, new.now).await?;
                if let Some(live) = live_of(db, new.visitor).await? {
                    sql::query("UPDATE chat SET visit_id = $2 WHERE id = $1")
                        .bind(live.id.to_string())
                        .bind(new.visit.to_string())
                        .execute(db)
                        .await?;
                    return Ok((ChatRecord { visit: new.visit, ..live }, Vec::new()));
                }
                let to_open = ChatToOpen {
                    id: new.id,
                    organization: new.organization,
                    visit: new.visit,
                    visitor: new.visitor,
                    team: new.team,
                    reserved: None,
                    event: ChatEvent::Requested,
                    now: new.now,
                };
                find_or_open(db, to_open).await
            })
        })
        .await
    }

    /// Returns the chats that are waiting for this agent or one of their teams. The chat that has waited longest comes
    /// first.
    pub async fn chats_waiting_for(&self, organization: OrganizationId, agent: AgentId) -> Result<Vec<ChatRecord>> {
        let rows = sql::query(chats!(
            "WHERE chat.organization_id = $1 AND chat.state = 'unclaimed' AND (chat.reserved_for = $2 \
             OR chat.reserved_for IS NULL AND (chat.team_id IS NULL OR EXISTS (SELECT 1 FROM team_agent \
             WHERE team_agent.team_id = chat.team_id AND team_agent.agent_id = $2))) ORDER BY chat.state_since"
        ))
        .bind(organization.to_string())
        .bind(agent.to_string())
        .fetch_all(&self.inner.readers)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Returns a chat to its team, at its original position in the queue.
    ///
    /// # Errors
    /// Returns [`Refusal::ChatEnded`] if the chat has ended, `ChatChanged` if no agent is in the chat, and `NotFound`
    /// if the chat does not exist.
    pub async fn return_chat(&self, chat: ChatId, now: Millis) -> Result<(ChatRecord, Vec<Entry>)> {
        self.write(move |db| {
            Box::pin(async move {
                let returned = sql::query(
                    "UPDATE chat SET state = 'unclaimed', agent_id = NULL, version = version + 1, \
                     state_since = queued_since, last_word_at = $2 WHERE id = $1 AND state = 'in_progress'",
                )
                .bind(chat.to_string())
                .bind(now)
                .execute(&mut *db)
                .await?;
                if returned.rows_affected() == 0 {
                    let known = by_id(db, chat).await?;
                    return Err(match known.state {
                        ChatState::Ended => Refusal::ChatEnded,
                        _ => Refusal::ChatChanged { agent: known.agent },
                    }
                    .into());
                }
                routing::forget_offers(db, chat).await?;
                let entry = entries::append(db, chat, ChatEvent::Returned, now).await?;
                Ok((by_id(db, chat).await?, vec![entry]))
            })
        })
        .await
    }
}

/// A chat to open, unless its visitor already has a live one.
pub(super) struct ChatToOpen {
    pub(super) id: ChatId,
    pub(super) organization: OrganizationId,
    pub(super) visit: VisitId,
    pub(super) visitor: VisitorId,
    pub(super) team: Option<TeamId>,
    pub(super) reserved: Option<(AgentId, Millis)>,
    pub(super) event: ChatEvent,
    pub(super) now: Millis,
}

/// Finds the visitor's live chat or opens a new one, and appends the event to it.
pub(super) async fn find_or_open(db: &mut Db, to_open: ChatToOpen) -> Result<(ChatRecord, Vec<Entry>)> {
    let chat = match live_of(db, to_open.visitor).await? {
        Some(live) => live.id,
        None => {
            let (reserved_for, reserved_until) = to_open.reserved.unzip();
            sql::query(
                "INSERT INTO chat (id, organization_id, visit_id, visitor_id, team_id, state, began_at, state_since, \
                 queued_since, last_word_at, reserved_for, reserved_until) \
                 VALUES ($1, $2, $3, $4, $5, 'unclaimed', $6, $6, $6, $6, $7, $8)",
            )
            .bind(to_open.id.to_string())
            .bind(to_open.organization.to_string())
            .bind(to_open.visit.to_string())
            .bind(to_open.visitor.to_string())
            .bind(to_open.team.map(|team| team.to_string()))
            .bind(to_open.now)
            .bind(reserved_for.map(|agent| agent.to_string()))
            .bind(reserved_until)
            .execute(&mut *db)
            .await?;
            to_open.id
        }
    };
    let entry = entries::append(db, chat, to_open.event, to_open.now).await?;
    Ok((by_id(db, chat).await?, vec![entry]))
}

pub(super) async fn team_of_visit(db: &mut Db, visit: VisitId) -> Result<Option<TeamId>> {
    let row = sql::query("SELECT team_id FROM concierge WHERE id = (SELECT concierge_id FROM visit WHERE id = $1)")
        .bind(visit.to_string())
        .fetch_one(db)
        .await?;
    optional_id(&row, "team_id")
}
