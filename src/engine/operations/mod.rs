//! Everything that users can do, as methods on [`Engine`]. An operation first commits to the store, which resolves
//! races, and then notifies the hub. The resulting frames are sent immediately rather than with the board batches.

mod arrivals;
mod catch_up;
mod restart;
mod welcome;

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
mod visitor_writes;

mod timers;

mod access_log;
mod agent_cards;
mod history;
mod installation_stats;
mod organization;
mod preferences;
mod ratings;
mod read_access;
mod retention;
mod visitor_profiles;
mod visitor_tokens;

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
    free_disk::{self, FreeDisk},
    hub::{DueItem, Hub, event::ConnectionId},
    limits::{chat_starts::ChatRateLimit, tabs::TabLimit, visitors::VisitorRateLimits},
    sessions::{Sessions, new_token},
    settings::Settings,
    store::{Store, StoreError},
};
use agent_cards::AgentCardCache;
pub(crate) use catch_up::known_head;
use files::Files;
pub use files::{FileUpload, SentFile, StoredFile, UploadStart};
pub use installation_stats::Stats;
pub use message_form::LeftMessage;
pub(crate) use messages::VisitorContext;
pub use visitor_profiles::VisitorPanel;
pub(crate) use welcome::welcome_frames;

/// The maximum number of visitors whose operations can run concurrently. Operations on the same visitor run one after
/// another.
const VISITOR_LOCKS: usize = 1_024;
const PAGE_VIEWS_WRITTEN_EVERY: Duration = Duration::from_secs(5);
const BACK_WITHIN_MS: u32 = 3_000;

/// The chat engine, with every operation of the product and independent of HTTP. Clones share the same state.
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
    /// While a visitor's lock is held, that visitor's frames are queued in the same order as the changes in the
    /// database.
    visitor_locks: Vec<Mutex<()>>,
    connections: AtomicU64,
    pub(crate) tab_limit: Arc<TabLimit>,
    chat_rate_limit: ChatRateLimit,
    pub(crate) visitor_limits: VisitorRateLimits,
    pub(crate) free_disk: Arc<FreeDisk>,
    cards: AgentCardCache,
    files: Files,
    /// Held while page views are written: whoever flushes them next must not read before they are stored.
    flush_lock: Mutex<()>,
    /// Held while an image is decoded or a whole file is read, which bounds memory use.
    pub(crate) decode_lock: Mutex<()>,
    /// The token of the initial setup. A new one at each start, and only in memory and in the log.
    pub(crate) setup_token: String,
    stopping: CancellationToken,
}

impl Engine {
    /// Starts the engine: opens the hubs and restores the invitations and chats that were open when the server stopped.
    ///
    /// # Errors
    /// Returns a [`StoreError`] if the store cannot be read.
    pub async fn start(store: Store, settings: Settings) -> Result<Self, StoreError> {
        let (dues, coming_due) = mpsc::unbounded_channel();
        let (setup_token, _) = new_token()?;
        let engine = Self {
            inner: Arc::new(Inner {
                sessions: Sessions::new(store.clone(), settings.sign_in).with_mail(settings.mail_queue.clone()),
                tab_limit: Arc::new(TabLimit::new(settings.tabs)),
                chat_rate_limit: ChatRateLimit::new(&settings.visitors),
                visitor_limits: VisitorRateLimits::new(&settings.visitors),
                free_disk: Arc::new(FreeDisk::new(settings.disk.clone())),
                cards: AgentCardCache::default(),
                files: Files::new(&settings),
                flush_lock: Mutex::default(),
                decode_lock: Mutex::default(),
                setup_token,
                store,
                settings,
                hubs: RwLock::default(),
                dues,
                visitor_locks: (0..VISITOR_LOCKS).map(|_| Mutex::default()).collect(),
                connections: AtomicU64::new(1),
                stopping: CancellationToken::new(),
            }),
        };
        engine.inner.free_disk.sample();
        engine.sweep_files().await?;
        engine.sweep_avatars().await?;
        engine.restore_open_work().await?;
        tokio::spawn(engine.clone().run_timers(coming_due));
        tokio::spawn(engine.clone().write_page_views());
        tokio::spawn(engine.clone().watch_free_disk());
        tokio::spawn(engine.clone().run_retention_daily());
        Ok(engine)
    }

    /// Closes all connections with [`CloseReason::Restarting`], and then closes the store.
    pub async fn stop(&self) {
        let hubs: Vec<_> = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for hub in hubs {
            hub.close_all(CloseReason::Restarting { within: BACK_WITHIN_MS }).await;
        }
        self.inner.stopping.cancel();
        self.flush_page_views().await;
        self.sessions().audit_queue().flush().await;
        self.inner.store.close().await;
    }

    /// Returns the store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Returns the sessions of signed-in agents.
    pub fn sessions(&self) -> &Sessions {
        &self.inner.sessions
    }

    /// Returns the settings the engine was started with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Returns the current time according to the server's clock.
    pub fn now(&self) -> Millis {
        clock::now()
    }

    pub(crate) fn hub(&self, organization: OrganizationId) -> Hub {
        let found = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).get(&organization).cloned();
        found.unwrap_or_else(|| {
            let mut hubs = self.inner.hubs.write().unwrap_or_else(PoisonError::into_inner);
            let Settings { timers, visits, .. } = &self.inner.settings;
            let open = || Hub::open(organization, timers.clone(), *visits, self.inner.dues.clone());
            hubs.entry(organization).or_insert_with(open).clone()
        })
    }

    pub(crate) fn next_connection(&self) -> ConnectionId {
        self.inner.connections.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn lock_visitor(&self, visitor: VisitorId) -> MutexGuard<'_, ()> {
        self.lock_for(visitor).await
    }

    /// Locks the slot that a key maps to. Never hold two of these locks at the same time: different keys may map to the
    /// same slot, which would cause a deadlock.
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

    async fn watch_free_disk(self) {
        loop {
            tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(free_disk::SAMPLED_EVERY) => {}
            }
            // A broken disk may block this for a long time.
            let disk = Arc::clone(&self.inner.free_disk);
            drop(tokio::task::spawn_blocking(move || disk.sample()).await);
        }
    }

    async fn flush_page_views(&self) {
        let _guard = self.inner.flush_lock.lock().await;
        let hubs = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).clone();
        for (organization, hub) in hubs {
            let taken = hub.take_page_views().await;
            let pages = self.page_views_to_store(organization, taken);
            if !pages.is_empty()
                && let Err(error) = self.inner.store.add_pages(pages).await
            {
                tracing::warn!(%error, "failed to store page views");
            }
        }
    }
}

/// Converts a store error to a refusal that is safe to show to the caller. The details are only logged.
#[allow(clippy::needless_pass_by_value)] // passed to `map_err` as a function
pub(crate) fn refusal(error: StoreError) -> Refusal {
    let refusal = error.refusal();
    if error.is_closed() {
        // This is expected during shutdown. The client retries after reconnecting.
        tracing::debug!(%error, "received a request after the store was closed");
    } else if matches!(refusal, Refusal::Unexpected | Refusal::StorageFull) {
        tracing::error!(%error, "store operation failed");
    }
    refusal
}
