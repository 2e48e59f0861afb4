//! Manages agents' availability. Agents are either accepting chats or away, by choice or because their dashboards have
//! not received any input for a while.

use protocol::{
    agent::ToAgent,
    availability::{Availability, AwayReason},
    id::{AgentId, OrganizationId},
    limits::AWAY_CHARS,
    refusal::Refusal,
};

use super::{Engine, invitations::checked_within, refusal};
use crate::{
    clock,
    hub::event::{AgentDue, Event},
    sessions::Principal,
    store::StoreError,
};

impl Engine {
    /// Sets the agent's availability: available if `away` is `None`, or away for the given reason.
    ///
    /// # Errors
    /// Returns [`Refusal::Empty`] or [`Refusal::TooLong`] if a custom reason is invalid, and [`Refusal::Forbidden`] for
    /// [`AwayReason::Idle`], which only the server sets.
    pub async fn set_availability(&self, me: &Principal, away: Option<AwayReason>) -> Result<(), Refusal> {
        let away = match away {
            Some(AwayReason::Idle) => return Err(Refusal::Forbidden),
            Some(AwayReason::Other(words)) => Some(AwayReason::Other(checked_within(&words, AWAY_CHARS)?)),
            other => other,
        };
        let guard = self.lock_for(me.agent).await;
        let availability = self.store().set_availability(me.agent, away, clock::now()).await.map_err(refusal)?;
        self.publish_availability(me.organization, me.agent, availability.clone()).await;
        drop(guard);
        self.apply_availability(me.organization, me.agent, &availability).await
    }

    /// Loads a connecting agent's availability from the database and publishes it.
    pub(super) async fn load_availability(&self, me: &Principal) -> Result<Availability, StoreError> {
        let _guard = self.lock_for(me.agent).await;
        let availability = self.store().availability(me.agent).await?;
        self.publish_availability(me.organization, me.agent, availability.clone()).await;
        Ok(availability)
    }

    pub(super) async fn run_agent_timer(
        &self,
        organization: OrganizationId,
        agent: AgentId,
        due: AgentDue,
    ) -> Result<(), Refusal> {
        let guard = self.lock_for(agent).await;
        let store = self.store();
        let availability = match due {
            AgentDue::Idle => store.set_idle(agent, clock::now()).await,
            AgentDue::Back => store.clear_idle(agent).await,
        }
        .map_err(refusal)?;
        self.publish_availability(organization, agent, availability.clone()).await;
        drop(guard);
        self.apply_availability(organization, agent, &availability).await
    }

    async fn publish_availability(&self, organization: OrganizationId, agent: AgentId, availability: Availability) {
        self.hub(organization).apply(Event::Availability { agent, availability }).await;
    }

    /// Notifies an available agent of waiting chats, or passes an away agent's offers on to other agents.
    async fn apply_availability(
        &self,
        organization: OrganizationId,
        agent: AgentId,
        availability: &Availability,
    ) -> Result<(), Refusal> {
        if !availability.is_available() {
            self.pass_on_offers(agent).await?;
        } else {
            let hub = self.hub(organization);
            for notice in self.waiting_notices(organization, agent, availability).await.map_err(refusal)? {
                hub.notify_agent(agent, &ToAgent::Notice(notice)).await;
            }
        }
        Ok(())
    }
}
