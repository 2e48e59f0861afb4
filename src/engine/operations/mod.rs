//! The operations: everything that people do, as methods of [`Engine`]. An operation commits to the store first, which
//! settles races. It then informs the hub. Its frames are sent immediately, not with the board's batches.

mod arrivals;
mod catch_up;
mod restart;

mod availability;
mod blocks;
mod canned_replies;
mod chats;
mod files;
mod invitation_answers;
mod invitations;
mod message_form;
mod messages;
mod notes;
mod notify;
mod routing;
mod tags;
mod transfers;

mod timers;

mod agent_cards;
mod history;
mod installation_stats;
mod organization;
mod preferences;
mod ratings;
mod read_access;
mod retention;
mod visitor_profiles;

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
    close_reason::CloseReason,
    id::{OrganizationId, VisitorId},
    refusal::Refusal,
};
use tokio::sync::{Mutex, MutexGuard, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    files::Folder,
    hub::{DueItem, Hub, event::ConnectionId},
    limits::{chat_starts::ChatRateLimit, tabs::TabLimit, visitors::VisitorRateLimits},
    sessions::Sessions,
    settings::Settings,
    store::{Store, StoreError},
};
use agent_cards::AgentCardCache;
pub(crate) use catch_up::known_head;
use files::Files;
pub use files::{FileUpload, SentFile, StoredFile, UploadStart};
pub use installation_stats::Stats;
pub(crate) use messages::VisitorContext;
pub use visitor_profiles::VisitorPanel;

/// How many visitors' operations may run concurrently, at most. The operations of one visitor run one after another.
const VISITOR_LOCKS: usize = 1_024;
const PAGE_VIEWS_WRITTEN_EVERY: Duration = Duration::from_secs(5);
const BACK_WITHIN_MS: u32 = 3_000;

/// The chat engine: every operation of the product, without HTTP. Clones share one state.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Store,
    sessions: Sessions,
    settings: Settings,
    hubs: RwLock<HashMap<OrganizationId, Hub>>,
    dues: mpsc::UnboundedSender<DueItem>,
    /// While a visitor's lock is held, that visitor's frames are queued in the order of the database.
    visitor_locks: Vec<Mutex<()>>,
    connections: AtomicU64,
    pub(crate) tab_limit: Arc<TabLimit>,
    chat_rate_limit: ChatRateLimit,
    pub(crate) visitor_limits: VisitorRateLimits,
    cards: AgentCardCache,
    files: Files,
    /// Held while an image is decoded or a whole file is read, which bounds memory use.
    pub(crate) decode_lock: Mutex<()>,
    /// Held while page views are being written.
    page_views_lock: Mutex<()>,
    stopping: CancellationToken,
}

impl Engine {
    /// Starts the engine: opens the hubs and restores the invitations and chats that were open when the server stopped.
    ///
    /// # Errors
    /// A [`StoreError`] when the store cannot be read.
    pub async fn start(store: Store, settings: Settings) -> Result<Self, StoreError> {
        let (dues, coming_due) = mpsc::unbounded_channel();
        let engine = Self {
            inner: Arc::new(Inner {
                sessions: Sessions::new(store.clone(), settings.sign_in),
                tab_limit: Arc::new(TabLimit::new(settings.tabs)),
                chat_rate_limit: ChatRateLimit::new(&settings.visitors),
                visitor_limits: VisitorRateLimits::new(&settings.visitors),
                cards: AgentCardCache::default(),
                files: Files::new(Folder::new(settings.files.clone())),
                decode_lock: Mutex::default(),
                store,
                settings,
                hubs: RwLock::default(),
                dues,
                visitor_locks: (0..VISITOR_LOCKS).map(|_| Mutex::default()).collect(),
                connections: AtomicU64::new(1),
                page_views_lock: Mutex::default(),
                stopping: CancellationToken::new(),
            }),
        };
        engine.sweep_files().await?;
        engine.sweep_avatars().await?;
        engine.restore_open_work().await?;
        tokio::spawn(engine.clone().run_timers(coming_due));
        tokio::spawn(engine.clone().write_page_views());
        tokio::spawn(engine.clone().run_retention_daily());
        Ok(engine)
    }

    /// Closes every connection with [`CloseReason::Restarting`], then closes the store.
    pub async fn stop(&self) {
        let hubs: Vec<_> = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for hub in hubs {
            hub.close_all(CloseReason::Restarting { within: BACK_WITHIN_MS }).await;
        }
        self.inner.stopping.cancel();
        self.flush_page_views().await;
        self.inner.store.close().await;
    }

    /// Returns the database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Returns the sessions of signed-in agents.
    pub fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// Returns the settings that the engine was started with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Returns the current time of the server's clock.
    pub fn now(&self) -> Millis {
        clock::now()
    }

    pub(crate) fn hub(&self, organization: OrganizationId) -> Hub {
        let found = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).get(&organization).cloned();
        found.unwrap_or_else(|| {
            let mut hubs = self.inner.hubs.write().unwrap_or_else(PoisonError::into_inner);
            let open = || Hub::open(organization, self.inner.settings.timers.clone(), self.inner.dues.clone());
            hubs.entry(organization).or_insert_with(open).clone()
        })
    }

    pub(crate) fn next_connection(&self) -> ConnectionId {
        self.inner.connections.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn lock_visitor(&self, visitor: VisitorId) -> MutexGuard<'_, ()> {
        self.lock_for(visitor).await
    }

    /// Locks the slot of a key. Never hold two of these locks: different keys may share a slot, which would deadlock.
    async fn lock_for(&self, whose: impl Hash) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        whose.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % self.inner.visitor_locks.len() as u64).unwrap_or_default();
        self.inner.visitor_locks[at].lock().await
    }

    async fn write_page_views(self) {
        loop {
            tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(PAGE_VIEWS_WRITTEN_EVERY) => self.flush_page_views().await,
            }
        }
    }

    async fn flush_page_views(&self) {
        // Whoever flushes before reading also waits for what another flush is writing.
        let _guard = self.inner.page_views_lock.lock().await;
        let hubs: Vec<_> = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for hub in hubs {
            let pages = hub.take_page_views().await;
            if !pages.is_empty()
                && let Err(error) = self.inner.store.add_pages(pages).await
            {
                tracing::warn!(%error, "failed to store page views");
            }
        }
    }
}

/// Converts a store error to the refusal that the caller may see. Details go to the log only.
#[allow(clippy::needless_pass_by_value)] // passed to `map_err` as a function
pub(crate) fn refusal(error: StoreError) -> Refusal {
    let refusal = error.refusal();
    if error.is_closed() {
        // Expected at shutdown: the client retries after it has reconnected.
        tracing::debug!(%error, "request after the store was closed");
    } else if matches!(refusal, Refusal::Unexpected | Refusal::StorageFull) {
        tracing::error!(%error, "store operation failed");
    }
    refusal
}
