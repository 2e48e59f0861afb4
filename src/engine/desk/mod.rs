//! The desk: what people do. Each operation goes to the store, which settles who was first; then the floor is told, and the
//! frames go out at once, outside the batches of the board.

mod answer;
mod arrive;
mod chats;
mod due;
mod invite;
mod say;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use protocol::{
    Millis,
    agent::{AgentCard, ConciergeCard, Directory},
    board::Snapshot,
    chat::{AgentChat, AgentLink, BoardChat, Entry, Seq},
    goodbye::Goodbye,
    id::{AgentId, ChatId, OrganizationId, VisitId, VisitorId},
    page::PageView,
    refusal::Refusal,
};
use tokio::sync::{Mutex, MutexGuard, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    floor::{ChatTold, DueAt, Floor, Of, event::SeatId},
    sessions::{Principal, Sessions},
    settings::Settings,
    store::{ChatRecord, Store, StoreError},
};

/// How many visitors' matters may go to the store at once; those of one visitor go one after the other.
const ORDERS: usize = 1_024;
const TRAILS_ARE_WRITTEN_EVERY: Duration = Duration::from_secs(5);
const BACK_WITHIN_MS: u32 = 3_000;
/// The most entries in one answer.
const ENTRIES_AT_ONCE: u32 = 500;

/// The product. Clones are the same one.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Store,
    sessions: Sessions,
    settings: Settings,
    floors: RwLock<HashMap<OrganizationId, Floor>>,
    dues: mpsc::UnboundedSender<DueAt>,
    /// Who holds a visitor's turn sees its frames leave in the order of the database.
    turns: Vec<Mutex<()>>,
    seats: AtomicU64,
    stopping: CancellationToken,
}

impl Engine {
    /// Opens the floors and stands again what was open when the server stopped.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(store: Store, settings: Settings) -> Result<Self, StoreError> {
        let (dues, coming_due) = mpsc::unbounded_channel();
        let engine = Self {
            inner: Arc::new(Inner {
                sessions: Sessions::new(store.clone()),
                store,
                settings,
                floors: RwLock::default(),
                dues,
                turns: (0..ORDERS).map(|_| Mutex::default()).collect(),
                seats: AtomicU64::new(1),
                stopping: CancellationToken::new(),
            }),
        };
        engine.stand_again().await?;
        tokio::spawn(engine.clone().see_to(coming_due));
        tokio::spawn(engine.clone().write_trails());
        Ok(engine)
    }

    /// Says goodbye to everybody and closes the store.
    pub async fn stop(&self) {
        let floors: Vec<_> =
            self.inner.floors.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for floor in floors {
            floor.close_all(Goodbye::Restarting { within: BACK_WITHIN_MS }).await;
        }
        self.inner.stopping.cancel();
        self.flush_trails().await;
        self.inner.store.close().await;
    }

    /// The record.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Who is signed in.
    pub fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// What it was started with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The server's clock.
    pub fn now(&self) -> Millis {
        clock::now()
    }

    /// Every row of the board.
    pub async fn board(&self, me: &Principal) -> Snapshot {
        self.floor(me.organization).snapshot().await
    }

    /// Who and what the rows refer to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn directory(&self, me: &Principal) -> Result<Directory, Refusal> {
        let record = self.inner.store.directory(me.organization).await.map_err(refusal)?;
        let concierge = |card: crate::store::ConciergeRecord| ConciergeCard {
            id: card.id,
            key: card.key.0,
            name: card.name,
            invitation: card.invitation,
        };
        Ok(Directory {
            organization: record.organization_name,
            me: me.agent,
            role: me.role,
            agents: record.agents,
            concierges: record.concierges.into_iter().map(concierge).collect(),
            teams: record.teams,
            public_url: self.inner.settings.public_url.clone(),
        })
    }

    /// The chats that I am in.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn chats(&self, me: &Principal) -> Result<Vec<AgentChat>, Refusal> {
        let records = self.inner.store.agent_chats(me.agent).await.map_err(refusal)?;
        let mut chats = Vec::with_capacity(records.len());
        for record in records {
            chats.push(self.agent_chat(record).await);
        }
        Ok(chats)
    }

    /// The entries of a chat after one of them.
    ///
    /// # Errors
    /// `NotFound` for another organization's, and when the store fails.
    pub async fn entries(&self, me: &Principal, chat: ChatId, after: Seq) -> Result<Vec<Entry>, Refusal> {
        self.chat_of(me, chat).await?;
        self.inner.store.entries(chat, after, ENTRIES_AT_ONCE).await.map_err(refusal)
    }

    /// The pages of a visit, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn trail(&self, me: &Principal, visit: VisitId) -> Result<Vec<PageView>, Refusal> {
        let live = self.floor(me.organization).trail(visit).await.unwrap_or_default();
        if live.is_empty() {
            return self.inner.store.trail(me.organization, visit).await.map_err(refusal);
        }
        Ok(live.into())
    }

    pub(crate) fn floor(&self, organization: OrganizationId) -> Floor {
        let found = self.inner.floors.read().unwrap_or_else(PoisonError::into_inner).get(&organization).cloned();
        found.unwrap_or_else(|| {
            let mut floors = self.inner.floors.write().unwrap_or_else(PoisonError::into_inner);
            let open = || Floor::open(organization, self.inner.settings.timers.clone(), self.inner.dues.clone());
            floors.entry(organization).or_insert_with(open).clone()
        })
    }

    pub(crate) fn next_seat(&self) -> SeatId {
        self.inner.seats.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn turn_of(&self, visitor: VisitorId) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        visitor.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % self.inner.turns.len() as u64).unwrap_or_default();
        self.inner.turns[at].lock().await
    }

    /// The chat, if it is my organization's.
    pub(crate) async fn chat_of(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
        self.inner.store.chat(me.organization, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    pub(crate) async fn agent_chat(&self, record: ChatRecord) -> AgentChat {
        let facts = self.floor(record.organization).facts(Of::Visitor(record.visitor)).await;
        let visit = facts.as_ref().map_or(record.visit, |facts| facts.visit);
        let had = facts.and_then(|facts| facts.chat).filter(|chat| chat.id == record.id);
        AgentChat {
            chat: BoardChat {
                id: record.id,
                state: record.state,
                team: record.team,
                agent: record.agent,
                version: record.version,
                since: record.since,
                reserved_for: record.reserved_for,
                reserved_until: record.reserved_until,
                link: had.map_or(AgentLink::Ok, |chat| chat.link),
            },
            visit,
            visitor_name: record.visitor_name,
            head: record.head,
            last: record.last,
            visitor_receipt: record.visitor_receipt,
            agent_receipt: record.agent_receipt,
            unread: record.unread,
        }
    }

    /// The agent as a visitor may know him: by his first name.
    pub(crate) async fn card(&self, organization: OrganizationId, agent: AgentId) -> Option<AgentCard> {
        let directory = self.inner.store.directory(organization).await.ok()?;
        let card = directory.agents.into_iter().find(|card| card.id == agent)?;
        Some(AgentCard { id: card.id, name: card.first_name().to_owned() })
    }

    /// Tells everybody who sees the chat how it is now.
    pub(crate) async fn tell(&self, chat: ChatRecord, entries: Vec<Entry>) {
        let card = match chat.agent.or(chat.reserved_for) {
            Some(agent) => self.card(chat.organization, agent).await,
            None => None,
        };
        self.floor(chat.organization).chat(ChatTold { chat, entries, card }).await;
    }

    async fn write_trails(self) {
        loop {
            tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(TRAILS_ARE_WRITTEN_EVERY) => self.flush_trails().await,
            }
        }
    }

    async fn flush_trails(&self) {
        let floors: Vec<_> =
            self.inner.floors.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for floor in floors {
            let pages = floor.take_trails().await;
            if !pages.is_empty()
                && let Err(error) = self.inner.store.add_pages(pages).await
            {
                tracing::warn!(%error, "some lines of trails were not written");
            }
        }
    }
}

/// What a person is told; what he is not told, the log knows.
#[allow(clippy::needless_pass_by_value)] // stands in `map_err`
pub(crate) fn refusal(error: StoreError) -> Refusal {
    let refusal = error.refusal();
    if matches!(refusal, Refusal::Unexpected | Refusal::StorageFull) {
        tracing::error!(%error, "the store failed");
    }
    refusal
}
