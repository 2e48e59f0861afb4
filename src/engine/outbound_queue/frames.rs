//! The queued frames of one socket, in order, and which of them are dropped when there is no room.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::{
    close_reason::CloseReason,
    limits::{BOARD_BYTES, BOARD_FRAMES, QUEUE_BYTES, QUEUE_FRAMES},
};

use super::{
    QueueItem,
    catch_up::{CatchUp, CatchUps},
};

/// The oldest frame may wait this long.
pub(super) const HEAD_AGE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Frames {
    pub(super) frames: VecDeque<QueuedFrame>,
    /// Usage by reliable and ephemeral frames.
    pub(super) own: QueueUsage,
    /// Usage by board batches.
    pub(super) board: QueueUsage,
    /// The last board batch that was taken, or `None` if the client has no complete board.
    pub(super) board_seq: Option<u64>,
    pub(super) is_behind: bool,
    /// Whether the socket was already told that the board is needed.
    pub(super) board_requested: bool,
    pub(super) catch_ups: CatchUps,
    /// A piece of a catch-up was sent last, so board frames come next.
    is_boards_turn: bool,
    pub(super) closed: Option<CloseReason>,
}

/// How many frames and bytes are queued.
#[derive(Clone, Copy, Default)]
pub(super) struct QueueUsage {
    pub(super) frames: usize,
    pub(super) bytes: usize,
}

pub(super) struct QueuedFrame {
    pub(super) frame: Bytes,
    pub(super) since: Instant,
    pub(super) kind: Kind,
    /// For a board frame: the batch up to which the client has the board once it has this frame. `None` in the middle
    /// of a snapshot.
    pub(super) board: Option<u64>,
}

/// What happens to a frame when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Must arrive: if there is no room, the socket is closed.
    Reliable,
    /// A board batch: dropped, and merged with others later.
    Batch,
    /// A piece of a snapshot or of merged batches: dropped for frames that must arrive. Pieces do not count, because a
    /// snapshot may exceed the whole limit.
    Snapshot,
    /// A piece of the welcome: must arrive. Pieces do not count, because a directory may exceed the whole limit.
    Welcome,
    /// A typing notice: dropped.
    Ephemeral,
}

impl QueueUsage {
    pub(super) fn add(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes;
    }
}

impl Kind {
    pub(super) fn is_board(self) -> bool {
        matches!(self, Self::Batch | Self::Snapshot)
    }
}

impl Frames {
    pub(super) fn usage_mut(&mut self, kind: Kind) -> Option<&mut QueueUsage> {
        match kind {
            Kind::Reliable | Kind::Ephemeral => Some(&mut self.own),
            Kind::Batch => Some(&mut self.board),
            Kind::Snapshot | Kind::Welcome => None,
        }
    }

    /// Returns whether there is no room for `more` bytes. Board batches have larger limits: all dashboards share their
    /// bytes, and the snapshot that would replace them is larger than many of them.
    pub(super) fn is_full(&self, kind: Kind, more: usize, now: Instant) -> bool {
        let (held, frames, bytes) = match kind {
            Kind::Reliable | Kind::Ephemeral => (self.own, QUEUE_FRAMES, QUEUE_BYTES),
            Kind::Batch => (self.board, BOARD_FRAMES, BOARD_BYTES),
            Kind::Snapshot => return false,
            Kind::Welcome => return self.is_stale(now),
        };
        held.frames >= frames || held.bytes + more > bytes || more > QUEUE_BYTES || self.is_stale(now)
    }

    pub(super) fn is_stale(&self, now: Instant) -> bool {
        self.frames.front().is_some_and(|first| now.duration_since(first.since) > HEAD_AGE)
    }

    pub(super) fn drop_droppable(&mut self) {
        self.is_behind |= self.frames.iter().any(|waiting| waiting.kind.is_board());
        self.frames.retain(|waiting| matches!(waiting.kind, Kind::Reliable | Kind::Welcome));
        (self.own, self.board) = <(QueueUsage, QueueUsage)>::default();
        let counted = self.frames.iter().filter(|waiting| waiting.kind == Kind::Reliable);
        counted.for_each(|waiting| self.own.add(waiting.frame.len()));
    }

    /// Drops the board batches, but keeps the pieces of a snapshot.
    pub(super) fn drop_batches(&mut self) {
        self.is_behind = true;
        self.frames.retain(|waiting| waiting.kind != Kind::Batch);
        self.board = QueueUsage::default();
    }

    pub(super) fn close_too_slow(&mut self) {
        self.frames.clear();
        self.closed = Some(CloseReason::TooSlow);
    }

    /// Returns what to read next, if only board frames are queued: pieces and board frames take turns, because on a busy
    /// site there is always a board frame.
    pub(super) fn due_catch_up(&mut self) -> Option<CatchUp> {
        let is_boards_turn = self.is_boards_turn && !self.frames.is_empty();
        if is_boards_turn || !self.frames.iter().all(|waiting| waiting.kind.is_board()) {
            return None;
        }
        let due = self.catch_ups.next()?;
        self.is_boards_turn = !self.frames.is_empty();
        Some(due)
    }

    pub(super) fn take(&mut self) -> Option<QueueItem> {
        if let Some(close_reason) = self.closed {
            return Some(QueueItem::Close(close_reason));
        }
        if let Some(catch_up) = self.due_catch_up() {
            return Some(QueueItem::PieceNeeded(catch_up));
        }
        if let Some(waiting) = self.frames.pop_front() {
            self.is_boards_turn = false;
            if let Some(held) = self.usage_mut(waiting.kind) {
                held.frames -= 1;
                held.bytes -= waiting.frame.len();
            }
            if waiting.kind.is_board() {
                self.board_seq = waiting.board;
            }
            if self.frames.is_empty() {
                // Most sockets receive frames rarely, so an empty queue keeps no capacity.
                self.frames = VecDeque::new();
            }
            if matches!(waiting.kind, Kind::Snapshot | Kind::Welcome)
                && let Some(next) = self.frames.front_mut()
            {
                // A client that takes one piece after another is not slow, however long the whole takes.
                next.since = Instant::now();
            }
            return Some(QueueItem::Frame(waiting.frame));
        }
        self.is_boards_turn = false;
        let is_needed = self.is_behind && !std::mem::replace(&mut self.board_requested, true);
        is_needed.then_some(QueueItem::BoardNeeded(self.board_seq))
    }
}
