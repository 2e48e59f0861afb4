//! Installation-wide statistics across all organizations. They contain no names, IDs, or message text.

use std::sync::PoisonError;

use super::Engine;
use crate::{free_disk::FreeDiskStats, hub::BoardCounts, store::StoreStats};

/// The current board counts, and the store's counters since the server started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The number of visitors and chats on all boards.
    pub board: BoardCounts,
    /// The store's counters.
    pub store: StoreStats,
    /// The free disk space.
    pub free_disk: FreeDiskStats,
}

impl Engine {
    /// Collects statistics from all hubs and from the store.
    pub async fn stats(&self) -> Stats {
        let hubs: Vec<_> = self.inner.hubs.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut board = BoardCounts::default();
        for hub in hubs {
            let counted = hub.count().await;
            board.visitors += counted.visitors;
            board.unclaimed += counted.unclaimed;
            board.in_progress += counted.in_progress;
        }
        Stats { board, store: self.store().stats(), free_disk: self.inner.free_disk.stats() }
    }
}
