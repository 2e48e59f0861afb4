//! The queue of frames waiting to be sent to a socket. The queue is bounded. A socket that does not read is closed and
//! may resume later. A dashboard that only falls behind on board batches gets a new snapshot once it has caught up.

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

/// How long the oldest frame may wait.
const HEAD_AGE: Duration = Duration::from_secs(30);

/// An item that the queue hands to its socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueueItem {
    Frame(Bytes),
    /// The queue is empty, but board batches were dropped, so a snapshot is needed.
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
    /// The space used by reliable and ephemeral frames.
    own: QueueUsage,
    /// The space used by board batches.
    board: QueueUsage,
    is_behind: bool,
    /// Whether the socket has already been told that a snapshot is needed.
    snapshot_requested: bool,
    closed: Option<CloseReason>,
}

/// The number of queued frames and bytes.
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
    /// Must be delivered. If there is no room, the socket is closed.
    Reliable,
    /// A board batch. It is dropped, and a snapshot replaces it later.
    Batch,
    /// A piece of a snapshot. It is treated like a batch, but it does not count toward the limits, because a snapshot
    /// may exceed them.
    Snapshot,
    /// A typing notice. It is dropped.
    Ephemeral,
}

impl OutboundQueue {
    /// Queues a frame that must be delivered.
    pub(crate) fn push(&self, frame: Bytes) {
        self.put(frame, Kind::Reliable);
    }

    /// Queues a frame ahead of all others.
    pub(crate) fn push_first(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.own.add(frame.len());
        queue.frames.push_front(QueuedFrame { frame, since: Instant::now(), kind: Kind::Reliable });
        drop(queue);
        self.arrived.notify_one();
    }

    /// Queues a board batch, which can later be replaced by a snapshot.
    pub(crate) fn push_board(&self, frame: Bytes) {
        if !self.lock().is_behind {
            self.put(frame, Kind::Batch);
        }
    }

    /// Queues a frame that is only useful if it is sent immediately.
    pub(crate) fn push_ephemeral(&self, frame: Bytes) {
        self.put(frame, Kind::Ephemeral);
    }

    /// Queues a snapshot in pieces. It replaces the queued batches, so the dashboard is no longer behind.
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

    /// Waits for the next item for the socket. This method is cancel safe.
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

    /// Returns whether there is no room for `more` bytes. Board batches have larger limits, because all dashboards
    /// share their bytes and because the snapshot that would replace them is larger than many of them.
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
                // Most sockets rarely receive frames, so an empty queue releases its capacity.
                self.frames = VecDeque::new();
            }
            if let Some(next) = self.frames.front_mut().filter(|next| next.kind == Kind::Snapshot) {
                // A client that keeps taking pieces is not slow, no matter how long the entire snapshot takes.
                next.since = Instant::now();
            }
            return Some(QueueItem::Frame(waiting.frame));
        }
        (self.is_behind && !std::mem::replace(&mut self.snapshot_requested, true)).then_some(QueueItem::SnapshotNeeded)
    }
}

#[cfg(test)]
mod tests;
