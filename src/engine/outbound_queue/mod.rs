//! The frames waiting to be sent to one socket. Bounded: a socket that does not read is closed and may resume; a
//! dashboard that only lags behind on board batches gets a new snapshot once it has caught up.

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

/// What the queue returns to its socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueueItem {
    Frame(Bytes),
    /// The queue is empty, but board batches were dropped: a snapshot is needed.
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
    /// Usage by reliable and ephemeral frames.
    own: QueueUsage,
    /// Usage by board batches.
    board: QueueUsage,
    is_behind: bool,
    /// The socket was already told that a snapshot is needed.
    snapshot_requested: bool,
    closed: Option<CloseReason>,
}

/// How many frames and bytes are queued.
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

/// What happens to a frame when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Must arrive: if there is no room, the socket is closed.
    Reliable,
    /// A board batch: dropped, and replaced by a snapshot later.
    Batch,
    /// A piece of a snapshot: the same. Pieces do not count, because a snapshot may exceed the whole limit.
    Snapshot,
    /// A typing notice: dropped.
    Ephemeral,
}

impl OutboundQueue {
    /// Queues a frame that must arrive.
    pub(crate) fn push(&self, frame: Bytes) {
        self.put(frame, Kind::Reliable);
    }

    /// Queues a frame before all others.
    pub(crate) fn push_first(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.own.add(frame.len());
        queue.frames.push_front(QueuedFrame { frame, since: Instant::now(), kind: Kind::Reliable });
        drop(queue);
        self.arrived.notify_one();
    }

    /// Queues a board batch, which a later snapshot can replace.
    pub(crate) fn push_board(&self, frame: Bytes) {
        if !self.lock().is_behind {
            self.put(frame, Kind::Batch);
        }
    }

    /// Queues a frame that is useful only if it is sent immediately.
    pub(crate) fn push_ephemeral(&self, frame: Bytes) {
        self.put(frame, Kind::Ephemeral);
    }

    /// Queues a snapshot in pieces. It replaces the queued batches, and the dashboard no longer lags behind.
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

    /// Waits for the next item for the socket. Cancel-safe.
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
            // The socket is not being read, so even reliable frames would not arrive.
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

    /// Returns whether there is no room for `more` bytes. Board batches have larger limits: all dashboards share their
    /// bytes, and the snapshot that would replace them is larger than many of them.
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
                // Most sockets receive frames rarely, so an empty queue keeps no capacity.
                self.frames = VecDeque::new();
            }
            if let Some(next) = self.frames.front_mut().filter(|next| next.kind == Kind::Snapshot) {
                // A client that takes one piece after another is not slow, however long the whole snapshot takes.
                next.since = Instant::now();
            }
            return Some(QueueItem::Frame(waiting.frame));
        }
        (self.is_behind && !std::mem::replace(&mut self.snapshot_requested, true)).then_some(QueueItem::SnapshotNeeded)
    }
}

#[cfg(test)]
mod tests;
