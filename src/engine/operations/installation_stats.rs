//! Installation-wide statistics across all organizations. They contain no names, IDs, or message text.

use std::sync::PoisonError;

use super::Engine;
use crate::{hub::BoardCounts, store::StoreStats};

/// The current board counts, and the store's counters since the server started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The number of visitors and chats on all boards.
    pub board: BoardCounts,
    /// The store's counters.
    pub store: StoreStats,
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
        Stats { board, store: self.store().stats() }
    }
}
