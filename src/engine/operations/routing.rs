//! Routes unclaimed chats. Depending on the team, a chat is offered to one agent at a time or is open to everyone.

use protocol::{
    agent::ToAgent,
    chat::ChatState,
    id::{AgentId, ChatId, TeamId},
    notice::Notice,
    refusal::Refusal,
};

use super::{Engine, notify::Call, refusal};
use crate::{
    clock,
    hub::millis,
    permission::Permission,
    routing::Routing,
    sessions::Principal,
    store::{Actor, ChatRecord, OfferRequest},
};

impl Engine {
    /// Returns how a team distributes its chats.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the team does not exist.
    pub async fn routing(&self, me: &Principal, team: TeamId) -> Result<Routing, Refusal> {
        self.store().routing(me.organization, team).await.map_err(refusal)
    }

    /// Sets how a team distributes its chats. Chats that are already waiting are not affected.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage teams, and [`Refusal::NotFound`] if the team does not
    /// exist.
    pub async fn set_routing(&self, me: &Principal, team: TeamId, routing: Routing) -> Result<(), Refusal> {
        me.may(Permission::ManageTeams)?;
        self.store().set_routing(Actor::from(me), team, routing, clock::now()).await.map_err(refusal)
    }

    /// Declines a chat that was offered to the agent. It is then offered to the next agent.
    ///
    /// # Errors
    /// Returns [`Refusal::ChatChanged`] if the chat is no longer offered to this agent, and [`Refusal::NotFound`] if it
    /// does not exist.
    pub async fn decline(&self, me: &Principal, chat: ChatId) -> Result<(), Refusal> {
        let visitor = self.chat_of(me, chat).await?.visitor;
        let _guard = self.lock_visitor(visitor).await;
        let record = self.chat_of(me, chat).await?;
        if !record.is_offer || record.reserved_for != Some(me.agent) {
            return Err(Refusal::ChatChanged { agent: record.agent });
        }
        self.route(&record, true, Call::First).await
    }

    /// Offers the chat to the next agent, or calls the team. The caller must hold the visitor's lock.
    pub(super) async fn route(&self, before: &ChatRecord, ends_reservation: bool, call: Call) -> Result<(), Refusal> {
        let hub = self.hub(before.organization);
        let now = clock::now();
        let offering = OfferRequest {
            chat: before.id,
            organization: before.organization,
            online: hub.colleagues().await.into_iter().map(|colleague| colleague.agent).collect(),
            ends_reservation,
            counts_since: self.counts_since(now),
            now,
            until: now.saturating_add(millis(self.settings().timers.offer)),
        };
        let (chat, is_new) = self.store().offer(offering).await.map_err(refusal)?;
        if is_new || ends_reservation {
            self.notify(chat.clone(), Vec::new()).await;
        }
        match (chat.state, chat.reserved_for, chat.reserved_until) {
            (ChatState::Unclaimed, Some(agent), Some(until)) if is_new => {
                let notice = Notice::Offered {
                    chat: chat.id,
                    visit: self.visit_of(chat.organization, chat.visitor, chat.visit).await,
                    visitor_name: chat.visitor_name,
                    until,
                };
                hub.notify_agent(agent, &ToAgent::Notice(notice)).await;
            }
            (ChatState::Unclaimed, None, _) => self.call_team(&chat, call).await,
            _ => {}
        }
        Ok(())
    }

    /// Passes on the chats that were offered to an agent who is no longer accepting chats.
    pub(super) async fn pass_on_offers(&self, agent: AgentId) -> Result<(), Refusal> {
        for offered in self.store().offered_to(agent).await.map_err(refusal)? {
            let _guard = self.lock_visitor(offered.visitor).await;
            let found = self.store().chat(offered.organization, offered.id).await.map_err(refusal)?;
            if let Some(chat) = found.filter(|chat| chat.is_offer && chat.reserved_for == Some(agent)) {
                self.route(&chat, true, Call::First).await?;
            }
        }
        Ok(())
    }
}
