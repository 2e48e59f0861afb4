//! The house in numbers, all organizations together: no name, id or text is among them.

use std::sync::PoisonError;

use super::Engine;
use crate::{floor::Counted, store::StoreFigures};

/// What is there now, and what the store has done since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Who and what is on the boards.
    pub board: Counted,
    /// What the store has done.
    pub store: StoreFigures,
}

impl Engine {
    /// Counts.
    pub async fn figures(&self) -> Figures {
        let floors: Vec<_> =
            self.inner.floors.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut board = Counted::default();
        for floor in floors {
            let counted = floor.count().await;
            board.visitors += counted.visitors;
            board.unclaimed += counted.unclaimed;
            board.in_progress += counted.in_progress;
        }
        Figures { board, store: self.store().figures() }
    }
}
