//! The frames waiting to be sent to one socket. The queue is bounded: a socket that does not read is closed and may
//! resume. A dashboard that falls behind only on board batches gets them merged, with each row once, after it has read
//! the rest. What a client missed of a chat is never queued as a whole: it is read in pieces as the queue empties.

mod catch_up;
mod frames;
mod pieces;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use protocol::{
    close_reason::CloseReason,
    id::ChatId,
    limits::{CATCH_UP_BYTES, QUEUE_FRAMES},
};
use tokio::sync::Notify;

pub(crate) use catch_up::{CatchUp, CatchUpKind};
use frames::{Frames, Kind, QueuedFrame};
pub(crate) use pieces::pieces;

/// An item that the queue hands to its socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueueItem {
    Frame(Bytes),
    /// The queue is empty, but board batches were dropped. The client has the board up to this batch, or no board.
    BoardNeeded(Option<u64>),
    /// The client is ready for the next piece of this: read it, and report it with [`OutboundQueue::advance`].
    PieceNeeded(CatchUp),
    Close(CloseReason),
}

#[derive(Default)]
pub(crate) struct OutboundQueue {
    queue: Mutex<Frames>,
    arrived: Notify,
}

impl OutboundQueue {
    /// Queues a frame that must be delivered.
    pub(crate) fn push(&self, frame: Bytes) {
        self.put(frame, Kind::Reliable);
    }

    /// Queues the pieces of a welcome, which must arrive.
    pub(crate) fn push_welcome(&self, pieces: impl IntoIterator<Item = Bytes>) {
        pieces.into_iter().for_each(|piece| self.put(piece, Kind::Welcome));
    }

    /// Queues new entries of a chat, which must arrive. A client that is catching up on that chat gets them with its
    /// next piece instead: before that, they would be a gap.
    pub(crate) fn push_entries(&self, chat: ChatId, frame: Bytes) {
        if !self.lock().catch_ups.renew(chat) {
            self.put(frame, Kind::Reliable);
        }
    }

    /// Begins to catch up. Returns whether the caller is to read and queue the first piece right away, so that a short
    /// chat arrives at once.
    pub(crate) fn begin(&self, catch_up: CatchUp) -> bool {
        let mut queue = self.lock();
        let is_new = queue.catch_ups.begin(catch_up);
        let has_room = queue.own.bytes <= CATCH_UP_BYTES && queue.own.frames <= QUEUE_FRAMES / 2;
        drop(queue);
        self.arrived.notify_one();
        is_new && has_room
    }

    /// Records that a piece was read: everything up to `after`; `is_all`: it is the last one. Returns whether the client
    /// still wants it.
    pub(crate) fn advance(&self, read: CatchUp, after: u32, is_all: bool) -> bool {
        self.lock().catch_ups.advance(read, after, is_all)
    }

    /// Stops catching up on the chats that `is_gone` accepts.
    pub(crate) fn cancel(&self, is_gone: impl Fn(ChatId) -> bool) {
        self.lock().catch_ups.cancel(is_gone);
    }

    /// Queues a frame before all others.
    pub(crate) fn push_first(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.own.add(frame.len());
        queue.frames.push_front(QueuedFrame { frame, since: Instant::now(), kind: Kind::Reliable, board: None });
        drop(queue);
        self.arrived.notify_one();
    }

    /// Records that a reconnecting dashboard has the board up to this batch.
    pub(crate) fn resume_board(&self, seq: u64) {
        self.lock().board_seq = Some(seq);
    }

    /// Returns the last board batch that was handed to the socket, or `None` if the client has no board.
    pub(crate) fn board_seq(&self) -> Option<u64> {
        self.lock().board_seq
    }

    /// Queues a board batch. If there is no room, it is merged with later ones.
    pub(crate) fn push_board(&self, seq: u64, frame: Bytes) {
        if !self.lock().is_behind {
            self.put_board(frame, Kind::Batch, Some(seq));
        }
    }

    /// Queues a frame that is only useful if it is sent immediately.
    pub(crate) fn push_ephemeral(&self, frame: Bytes) {
        self.put(frame, Kind::Ephemeral);
    }

    /// Queues a snapshot in pieces. It includes the batch `seq` and replaces the queued batches, so the dashboard is no
    /// longer behind.
    pub(crate) fn push_snapshot(&self, seq: u64, pieces: Vec<Bytes>) {
        self.replace_board();
        let last = pieces.len().saturating_sub(1);
        for (number, piece) in pieces.into_iter().enumerate() {
            self.put_board(piece, Kind::Snapshot, (number == last).then_some(seq));
        }
    }

    /// Queues merged batches with their numbers. They replace the queued batches, so the dashboard is no longer behind.
    pub(crate) fn push_merged(&self, merged: impl IntoIterator<Item = (u64, Bytes)>) {
        self.replace_board();
        merged.into_iter().for_each(|(seq, frame)| self.put_board(frame, Kind::Snapshot, Some(seq)));
    }

    fn replace_board(&self) {
        let mut queue = self.lock();
        queue.drop_droppable();
        (queue.is_behind, queue.board_requested) = (false, false);
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
        self.put_board(frame, kind, None);
    }

    fn put_board(&self, frame: Bytes, kind: Kind, board: Option<u64>) {
        let mut queue = self.lock();
        if queue.closed.is_some() {
            return;
        }
        let now = Instant::now();
        let is_full = queue.is_full(kind, frame.len(), now);
        if is_full && kind == Kind::Batch && !queue.is_stale(now) {
            // A snapshot that is being sent is not started over.
            queue.drop_batches();
        } else if is_full {
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
                queue.frames.push_back(QueuedFrame { frame, since: now, kind, board });
            }
        }
        drop(queue);
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Frames> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
