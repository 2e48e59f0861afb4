//! Telling those whom a chat concerns: how it is now, and that it waits.

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

/// Why the team is called to a chat that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// It is free for the team from now on.
    First,
    /// The same, but this agent was told in words of his own.
    FirstBut(AgentId),
    /// It has waited before.
    Again,
}

impl Engine {
    /// Tells everybody who sees the chat how it is now.
    pub(crate) async fn notify(&self, chat: ChatRecord, entries: Vec<Entry>) {
        // Whom it is offered to, need not come.
        let card = match chat.agent.or(chat.reserved_for.filter(|_| !chat.is_offer)) {
            Some(agent) => self.card(chat.organization, agent).await,
            None => None,
        };
        self.hub(chat.organization).chat(ChatUpdate { chat, entries, card }).await;
    }

    /// Reads the chat again and tells everybody.
    pub(super) async fn notify_changed(&self, before: &ChatRecord, entries: Vec<Entry>) -> Result<ChatRecord, Refusal> {
        let record =
            self.store().chat(before.organization, before.id).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        self.notify(record.clone(), entries).await;
        Ok(record)
    }

    /// Tells the members of the chat's team that it waits; everybody when it has none, or none of them is there.
    pub(super) async fn call_team(&self, chat: &ChatRecord, call: Call) {
        let members = match chat.team {
            // Better too many are called than nobody.
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

    /// Tells a dashboard that has come what waits for its agent: it may have been away when that was said to all.
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

    /// What waits for an agent. To who is away, only those who accepted his own invitation.
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

    /// The visit that the visitor is in now: after a gap it is another than that in the database.
    pub(super) async fn visit_of(
        &self,
        organization: OrganizationId,
        visitor: VisitorId,
        recorded: VisitId,
    ) -> VisitId {
        self.hub(organization).visit_info(VisitKey::Visitor(visitor)).await.map_or(recorded, |facts| facts.visit)
    }
}
