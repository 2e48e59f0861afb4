//! Notifications about a chat: its current state for everyone concerned, and calls to a waiting chat.

use protocol::{
    agent::ToAgent,
    availability::Availability,
    chat::Entry,
    id::{AgentId, OrganizationId, VisitId, VisitorId},
    notice::Notice,
    refusal::Refusal,
};

use super::{Engine, refusal};
use crate::{
    clock,
    connection::AgentConnection,
    hub::{ChatUpdate, Team, VisitKey},
    store::{ChatRecord, StoreError},
};

/// Why the team is called to a waiting chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// The chat has just become free for the team.
    First,
    /// The same, but this agent has received a notice of their own.
    FirstBut(AgentId),
    /// The chat has waited before.
    Again,
}

impl Engine {
    /// Sends the chat's current state to everyone who sees it.
    pub(crate) async fn notify(&self, chat: ChatRecord, entries: Vec<Entry>) {
        // An agent with an offer may decline, so the visitor is not shown that agent.
        let card = match chat.agent.or(chat.reserved_for.filter(|_| !chat.is_offer)) {
            Some(agent) => self.card(chat.organization, agent).await,
            None => None,
        };
        self.hub(chat.organization).chat(ChatUpdate { chat, entries, card }).await;
    }

    /// Reads the chat again and sends it to everyone who sees it.
    pub(super) async fn notify_changed(&self, before: &ChatRecord, entries: Vec<Entry>) -> Result<ChatRecord, Refusal> {
        let record =
            self.store().chat(before.organization, before.id).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        self.notify(record.clone(), entries).await;
        Ok(record)
    }

    /// Notifies the chat's team that it waits: every agent when it has no team, and the supervisors when no member is
    /// available.
    pub(super) async fn call_team(&self, chat: &ChatRecord, call: Call) {
        let members = match chat.team {
            // If the store fails, calling every agent is better than calling none.
            Some(team) => self.store().team_members(team).await.map_err(refusal).ok(),
            None => None,
        };
        let notice = self.waiting_notice(chat, call == Call::Again).await;
        let except = if let Call::FirstBut(agent) = call { Some(agent) } else { None };
        self.hub(chat.organization)
            .notify_team(Team { members, except, only_available: true }, &ToAgent::Notice(notice))
            .await;
    }

    async fn waiting_notice(&self, chat: &ChatRecord, again: bool) -> Notice {
        Notice::Waiting {
            chat: chat.id,
            visit: self.visit_of(chat.organization, chat.visitor, chat.visit).await,
            visitor_name: chat.visitor_name.clone(),
            again,
        }
    }

    /// Sends a newly connected dashboard the notices of waiting chats, which it may have missed.
    pub(super) async fn push_waiting_chats(
        &self,
        connection: &AgentConnection,
        availability: &Availability,
    ) -> Result<(), StoreError> {
        for notice in
            self.waiting_notices(connection.principal.organization, connection.principal.agent, availability).await?
        {
            connection.push(&ToAgent::Notice(notice));
        }
        Ok(())
    }

    /// Returns the notices of chats that wait for an agent. An agent who is away gets only the chats reserved for or
    /// offered to them.
    pub(super) async fn waiting_notices(
        &self,
        organization: OrganizationId,
        agent: AgentId,
        availability: &Availability,
    ) -> Result<Vec<Notice>, StoreError> {
        let mut calls = Vec::new();
        for chat in self.store().chats_waiting_for(organization, agent).await? {
            calls.push(match chat.reserved_until {
                Some(until) if chat.is_offer && chat.reserved_for == Some(agent) => Notice::Offered {
                    chat: chat.id,
                    visit: self.visit_of(chat.organization, chat.visitor, chat.visit).await,
                    visitor_name: chat.visitor_name,
                    until,
                },
                Some(reserved_until) if chat.reserved_for == Some(agent) => Notice::Accepted {
                    chat: chat.id,
                    visit: self.visit_of(chat.organization, chat.visitor, chat.visit).await,
                    visitor_name: chat.visitor_name,
                    reserved_until,
                    late: false,
                },
                _ if !availability.is_available() => continue,
                _ => self.waiting_notice(&chat, clock::now() > chat.state_since).await,
            });
        }
        Ok(calls)
    }

    /// Returns the visitor's current visit. After a gap, it differs from the visit recorded in the database.
    pub(super) async fn visit_of(
        &self,
        organization: OrganizationId,
        visitor: VisitorId,
        recorded: VisitId,
    ) -> VisitId {
        self.hub(organization).visit_info(VisitKey::Visitor(visitor)).await.map_or(recorded, |facts| facts.visit)
    }
}
