//! The browser's copy of the board. No matter how many changes arrive, it is redrawn at most once per animation frame.

use leptos::prelude::*;
use protocol::{
    Millis,
    action::{Action, action},
    agent::FromAgent,
    board::{Batch, Board, Row, SnapshotChunk},
    id::VisitId,
    status::Status,
};

use super::AppState;
use crate::dashboard::clock;

/// Boards with more rows than this are sorted at most once every [`ORDER_EVERY_MS`].
const SMALL: usize = 1_000;
const ORDER_EVERY_MS: Millis = 250;

/// The reactive values of one visit.
#[derive(Clone, Copy)]
pub struct VisitSignals {
    /// The visit's row or, after it has left the board, the row's last value.
    pub row: Memo<Option<Row>>,
    /// Whether the visit is no longer on the board.
    pub gone: Memo<bool>,
    /// The visit's status.
    pub status: Memo<Status>,
}

impl AppState {
    /// Passes the board to a function, without tracking changes.
    pub fn with_board<T>(&self, read: impl FnOnce(&Board) -> T) -> T {
        self.board.with_value(read)
    }

    /// Returns a visit's current row, without tracking changes.
    pub fn row(&self, visit: VisitId) -> Option<Row> {
        self.board.with_value(|board| board.rows.get(&visit).cloned())
    }

    /// Returns a visit's reactive values.
    pub fn visit_signals(&self, visit: VisitId) -> VisitSignals {
        let app = *self;
        let row = Memo::new(move |before: Option<&Option<Row>>| {
            app.board_version.track();
            app.row(visit).or_else(|| before.cloned().flatten())
        });
        let gone = Memo::new(move |_| {
            app.board_version.track();
            app.with_board(|board| !board.rows.contains_key(&visit))
        });
        let status = Memo::new(move |_| match gone.get() {
            true => Status::Ended,
            false => row.with(|row| row.as_ref().map_or(Status::Ended, |row| row.status(app.now.get()))),
        });
        VisitSignals { row, gone, status }
    }

    /// Returns the row of the chat that has been waiting longest among those that I may claim.
    pub fn longest_waiting(&self) -> Option<Row> {
        self.board_version.track();
        let (viewer, now) = (self.viewer(), self.now.get());
        let mine = |row: &&Row| matches!(action(row, &viewer, now), Action::Claim(_));
        let since = |row: &&Row| row.chat.as_ref().map(|chat| chat.since);
        self.with_board(|board| board.rows.values().filter(mine).min_by_key(since).cloned())
    }

    /// Returns whether the row was added within the last two seconds.
    pub fn is_fresh(&self, visit: VisitId) -> bool {
        self.fresh.with_value(|fresh| fresh.contains_key(&visit))
    }

    /// Returns the board's epoch and sequence number, from which to resume after reconnecting, or `None` if the board
    /// is incomplete.
    pub fn resume(&self) -> Option<(u64, u64)> {
        self.board.with_value(|board| (board.epoch != 0).then_some((board.epoch, board.seq)))
    }

    /// Adds a chunk of a snapshot. The old board is kept until the new one is complete.
    pub(super) fn receive_snapshot_piece(&self, piece: SnapshotChunk) {
        let Some(snapshot) = self.gathering.try_update_value(|gathering| gathering.take(piece)).flatten() else {
            return;
        };
        self.board.set_value(snapshot.into());
        self.reconcile_with_board();
        self.board_changed();
    }

    pub(super) fn apply_batch(&self, batch: Batch) -> Vec<FromAgent> {
        let now = self.clock();
        let new: Vec<VisitId> = self.board.with_value(|board| {
            let visits = batch.changed.iter().map(|row| row.visit);
            visits.filter(|visit| !board.rows.contains_key(visit)).collect()
        });
        let (changed, gone) = (batch.changed.iter().map(|row| row.visit).collect::<Vec<_>>(), batch.gone.clone());
        if self.board.try_update_value(|board| board.apply(batch)).is_some_and(|applied| applied.is_err()) {
            return vec![FromAgent::Resync];
        }
        self.fresh.update_value(|fresh| fresh.extend(new.into_iter().map(|visit| (visit, now))));
        for visit in changed {
            if let Some(row) = self.row(visit) {
                self.reconcile_row(&row);
            }
        }
        gone.into_iter().for_each(|visit| self.dismiss_visit_notices(visit));
        self.board_changed();
        Vec::new()
    }

    fn board_changed(&self) {
        if self.redraw_requested.get_value() {
            return;
        }
        self.redraw_requested.set_value(true);
        let app = *self;
        #[cfg(feature = "hydrate")]
        request_animation_frame(move || app.draw());
        #[cfg(not(feature = "hydrate"))]
        app.draw();
    }

    fn draw(&self) {
        if self.redraw_requested.try_set_value(false).is_some() {
            return; // The agent has left the page.
        }
        self.board_version.update(|count| *count += 1);
        let small = self.board.with_value(|board| board.rows.len() <= SMALL);
        let now = clock::browser_now();
        if small || now - self.arranged_at.get_value() >= ORDER_EVERY_MS {
            self.arranged_at.set_value(now);
            self.order_version.update(|count| *count += 1);
        }
    }
}
