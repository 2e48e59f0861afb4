//! The names and avatars of agents, as visitors may know them: every message needs one, and they hardly ever change.

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

/// A name is read anew after this time.
const CARD_TTL: Duration = Duration::from_secs(60);

/// The names that were asked for.
#[derive(Default)]
pub(super) struct AgentCardCache(Mutex<HashMap<AgentId, (Instant, AgentCard)>>);

impl AgentCardCache {
    fn lock(&self) -> MutexGuard<'_, HashMap<AgentId, (Instant, AgentCard)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// The agent as a visitor may know him: by his first name.
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

    /// He is to be read anew.
    pub(crate) fn forget_card(&self, agent: AgentId) {
        self.inner.cards.lock().remove(&agent);
    }
}
