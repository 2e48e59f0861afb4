//! What waits for one socket. Bounded: who does not take it is closed and may resume; who only lags behind on the board
//! gets a new snapshot when he has caught up.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::{
    close_reason::CloseReason,
    limits::{BOARD_BYTES, BOARD_FRAMES, QUEUE_BYTES, QUEUE_FRAMES},
};
use tokio::sync::Notify;

/// The oldest frame may wait this long.
const HEAD_AGE: Duration = Duration::from_secs(30);

/// What comes out of a queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueueItem {
    Frame(Bytes),
    /// Everything else is taken and batches of the board were dropped: a snapshot is needed.
    SnapshotNeeded,
    Close(CloseReason),
}

#[derive(Default)]
pub(crate) struct OutboundQueue {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<QueuedFrame>,
    /// Of what must arrive, and of typing.
    own: QueueUsage,
    /// Of the batches of the board.
    board: QueueUsage,
    is_behind: bool,
    /// Whoever takes was told so; once is enough.
    snapshot_requested: bool,
    closed: Option<CloseReason>,
}

/// How much is held.
#[derive(Clone, Copy, Default)]
struct QueueUsage {
    frames: usize,
    bytes: usize,
}

struct QueuedFrame {
    frame: Bytes,
    since: Instant,
    kind: Kind,
}

/// What becomes of a frame when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It must arrive: rather the socket is closed.
    Reliable,
    /// A batch of the board: it is dropped, and a snapshot follows later.
    Batch,
    /// A piece of a snapshot: the same. They may be more than the whole bound, and do not count.
    Snapshot,
    /// Typing: it is dropped.
    Ephemeral,
}

impl OutboundQueue {
    /// A frame that must arrive.
    pub(crate) fn push(&self, frame: Bytes) {
        self.put(frame, Kind::Reliable);
    }

    /// A frame that must be the first.
    pub(crate) fn push_first(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.own.add(frame.len());
        queue.frames.push_front(QueuedFrame { frame, since: Instant::now(), kind: Kind::Reliable });
        drop(queue);
        self.arrived.notify_one();
    }

    /// A batch of the board, which a later snapshot can replace.
    pub(crate) fn push_board(&self, frame: Bytes) {
        if !self.lock().is_behind {
            self.put(frame, Kind::Batch);
        }
    }

    /// A frame that is worth something only at once.
    pub(crate) fn push_ephemeral(&self, frame: Bytes) {
        self.put(frame, Kind::Ephemeral);
    }

    /// A snapshot, in pieces: replaces the batches that wait, and ends the lagging behind.
    pub(crate) fn push_snapshot(&self, pieces: Vec<Bytes>) {
        let mut queue = self.lock();
        queue.drop_droppable();
        (queue.is_behind, queue.snapshot_requested) = (false, false);
        drop(queue);
        pieces.into_iter().for_each(|piece| self.put(piece, Kind::Snapshot));
    }

    pub(crate) fn close(&self, close_reason: CloseReason) {
        let mut queue = self.lock();
        queue.closed.get_or_insert(close_reason);
        drop(queue);
        self.arrived.notify_one();
    }

    /// The next thing for the socket. May be dropped at any time without losing one.
    pub(crate) async fn take(&self) -> QueueItem {
        loop {
            if let Some(taken) = self.lock().take() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    fn put(&self, frame: Bytes, kind: Kind) {
        let mut queue = self.lock();
        if queue.closed.is_some() {
            return;
        }
        let now = Instant::now();
        let is_full = queue.is_full(kind, frame.len(), now);
        if is_full {
            queue.drop_droppable();
        }
        match kind {
            Kind::Reliable if is_full && queue.is_full(kind, frame.len(), now) => queue.close_too_slow(),
            // Nobody reads: not even what must arrive.
            _ if is_full && queue.is_stale(now) => queue.close_too_slow(),
            Kind::Batch if is_full || queue.is_behind => queue.is_behind = true,
            Kind::Ephemeral if is_full => {}
            _ => {
                if let Some(held) = queue.usage_mut(kind) {
                    held.add(frame.len());
                }
                queue.frames.push_back(QueuedFrame { frame, since: now, kind });
            }
        }
        drop(queue);
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl QueueUsage {
    fn add(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes;
    }
}

impl Kind {
    fn is_board(self) -> bool {
        matches!(self, Self::Batch | Self::Snapshot)
    }
}

impl Queue {
    fn usage_mut(&mut self, kind: Kind) -> Option<&mut QueueUsage> {
        match kind {
            Kind::Reliable | Kind::Ephemeral => Some(&mut self.own),
            Kind::Batch => Some(&mut self.board),
            Kind::Snapshot => None,
        }
    }

    /// Batches are the same bytes for every dashboard, and what comes in their place is larger than many of them.
    fn is_full(&self, kind: Kind, more: usize, now: Instant) -> bool {
        let (held, frames, bytes) = match kind {
            Kind::Reliable | Kind::Ephemeral => (self.own, QUEUE_FRAMES, QUEUE_BYTES),
            Kind::Batch => (self.board, BOARD_FRAMES, BOARD_BYTES),
            Kind::Snapshot => return false,
        };
        held.frames >= frames || held.bytes + more > bytes || more > QUEUE_BYTES || self.is_stale(now)
    }

    fn is_stale(&self, now: Instant) -> bool {
        self.frames.front().is_some_and(|first| now.duration_since(first.since) > HEAD_AGE)
    }

    fn drop_droppable(&mut self) {
        self.is_behind |= self.frames.iter().any(|waiting| waiting.kind.is_board());
        self.frames.retain(|waiting| waiting.kind == Kind::Reliable);
        let bytes = self.frames.iter().map(|waiting| waiting.frame.len()).sum();
        (self.own, self.board) = (QueueUsage { frames: self.frames.len(), bytes }, QueueUsage::default());
    }

    fn close_too_slow(&mut self) {
        self.frames.clear();
        self.closed = Some(CloseReason::TooSlow);
    }

    fn take(&mut self) -> Option<QueueItem> {
        if let Some(close_reason) = self.closed {
            return Some(QueueItem::Close(close_reason));
        }
        if let Some(waiting) = self.frames.pop_front() {
            if let Some(held) = self.usage_mut(waiting.kind) {
                held.frames -= 1;
                held.bytes -= waiting.frame.len();
            }
            if self.frames.is_empty() {
                // Most sockets are told something seldom: nothing is held for the next time.
                self.frames = VecDeque::new();
            }
            if let Some(next) = self.frames.front_mut().filter(|next| next.kind == Kind::Snapshot) {
                // Whoever takes piece after piece is not slow, however long it takes.
                next.since = Instant::now();
            }
            return Some(QueueItem::Frame(waiting.frame));
        }
        (self.is_behind && !std::mem::replace(&mut self.snapshot_requested, true)).then_some(QueueItem::SnapshotNeeded)
    }
}

#[cfg(test)]
mod tests;
