//! The installation in numbers, all organizations together: no name, id or text is among them.

use std::sync::PoisonError;

use super::Engine;
use crate::{hub::BoardCounts, store::StoreStats};

/// What is there now, and what the store has done since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Who and what is on the boards.
    pub board: BoardCounts,
    /// What the store has done.
    pub store: StoreStats,
}

impl Engine {
    /// Counts.
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
