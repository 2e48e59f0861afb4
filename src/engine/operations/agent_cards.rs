//! Caches agents' names and avatars as visitors see them. Every message needs them, but they rarely change.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use protocol::{
    agent::{AgentCard, VISITOR_AVATARS},
    id::{AgentId, OrganizationId},
};

use super::Engine;

/// How long a cached card may be used before it is read again.
const CARD_TTL: Duration = Duration::from_secs(60);

/// The cached cards, each with the time at which it was read.
#[derive(Default)]
pub(super) struct AgentCardCache(Mutex<HashMap<AgentId, (Instant, AgentCard)>>);

impl AgentCardCache {
    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, (Instant, AgentCard)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Returns the agent's card as visitors see it, with only the first name.
    pub(super) async fn card(&self, organization: OrganizationId, agent: AgentId) -> Option<AgentCard> {
        let held = self.inner.cards.lock().get(&agent).cloned();
        if let Some((_, card)) = held.filter(|(since, _)| since.elapsed() < CARD_TTL) {
            return Some(card);
        }
        let full = self.store().agent_card(organization, agent).await.ok().flatten()?;
        let card = AgentCard { name: full.first_name().to_owned(), ..full }.with_avatars_below(VISITOR_AVATARS);
        self.inner.cards.lock().insert(agent, (Instant::now(), card.clone()));
        Some(card)
    }

    /// Removes an agent's card from the cache after a change.
    pub(crate) fn forget_card(&self, agent: AgentId) {
        self.inner.cards.lock().remove(&agent);
    }
}
