//! What waits for one socket. Bounded: who does not take it is closed and may resume; who only lags behind on the board
//! gets a new snapshot when he has caught up.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::{
    goodbye::Goodbye,
    limits::{QUEUE_BYTES, QUEUE_FRAMES},
};
use tokio::sync::Notify;

/// The oldest frame may wait this long.
const HEAD_AGE: Duration = Duration::from_secs(30);

/// What comes out of a mailbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Frame(Bytes),
    /// Everything else is taken and batches of the board were dropped: a snapshot is needed.
    Behind,
    Close(Goodbye),
}

#[derive(Default)]
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Waiting>,
    bytes: usize,
    is_behind: bool,
    /// Whoever takes was told so; once is enough.
    told_behind: bool,
    closed: Option<Goodbye>,
}

struct Waiting {
    frame: Bytes,
    since: Instant,
    is_board: bool,
    /// A snapshot may be larger than the whole bound, and is not counted.
    counts: bool,
}

impl Mailbox {
    /// A frame that must arrive.
    pub(crate) fn push(&self, frame: Bytes) {
        self.put(frame, false, true);
    }

    /// A frame that must be the first.
    pub(crate) fn push_first(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.bytes += frame.len();
        queue.frames.push_front(Waiting { frame, since: Instant::now(), is_board: false, counts: true });
        drop(queue);
        self.arrived.notify_one();
    }

    /// A batch of the board, which a later snapshot can replace.
    pub(crate) fn push_board(&self, frame: Bytes) {
        if !self.lock().is_behind {
            self.put(frame, true, true);
        }
    }

    /// A snapshot: replaces the batches that wait, and ends the lagging behind.
    pub(crate) fn push_snapshot(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.drop_board();
        (queue.is_behind, queue.told_behind) = (false, false);
        drop(queue);
        self.put(frame, true, false);
    }

    pub(crate) fn close(&self, goodbye: Goodbye) {
        let mut queue = self.lock();
        queue.closed.get_or_insert(goodbye);
        drop(queue);
        self.arrived.notify_one();
    }

    /// The next thing for the socket. May be dropped at any time without losing one.
    pub(crate) async fn take(&self) -> Taken {
        loop {
            if let Some(taken) = self.lock().take() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    fn put(&self, frame: Bytes, is_board: bool, counts: bool) {
        let mut queue = self.lock();
        if queue.closed.is_some() {
            return;
        }
        let now = Instant::now();
        if queue.is_full(frame.len(), now) && counts {
            queue.drop_board();
            queue.is_behind |= is_board;
            if !is_board && queue.is_full(frame.len(), now) {
                queue.frames.clear();
                queue.closed = Some(Goodbye::TooSlow);
            }
        }
        if !(is_board && queue.is_behind) && queue.closed.is_none() {
            queue.bytes += if counts { frame.len() } else { 0 };
            queue.frames.push_back(Waiting { frame, since: now, is_board, counts });
        }
        drop(queue);
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_full(&self, more: usize, now: Instant) -> bool {
        self.frames.len() >= QUEUE_FRAMES
            || self.bytes + more > QUEUE_BYTES
            || self.frames.front().is_some_and(|first| now.duration_since(first.since) > HEAD_AGE)
    }

    fn drop_board(&mut self) {
        let before = self.frames.len();
        self.frames.retain(|waiting| !waiting.is_board);
        self.bytes = self.frames.iter().filter(|waiting| waiting.counts).map(|waiting| waiting.frame.len()).sum();
        self.is_behind |= self.frames.len() < before;
    }

    fn take(&mut self) -> Option<Taken> {
        if let Some(goodbye) = self.closed {
            return Some(Taken::Close(goodbye));
        }
        if let Some(waiting) = self.frames.pop_front() {
            self.bytes -= if waiting.counts { waiting.frame.len() } else { 0 };
            return Some(Taken::Frame(waiting.frame));
        }
        (self.is_behind && !std::mem::replace(&mut self.told_behind, true)).then_some(Taken::Behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: usize) -> Bytes {
        Bytes::from(vec![7; bytes])
    }

    #[tokio::test]
    async fn a_full_mailbox_closes() {
        let mailbox = Mailbox::default();
        for _ in 0..=QUEUE_FRAMES {
            mailbox.push(frame(1));
        }
        assert_eq!(mailbox.take().await, Taken::Close(Goodbye::TooSlow));
    }

    #[tokio::test]
    async fn batches_give_way_to_messages_and_a_snapshot_follows() {
        let mailbox = Mailbox::default();
        mailbox.push(frame(3));
        for _ in 0..QUEUE_FRAMES + 9 {
            mailbox.push_board(frame(1));
        }
        mailbox.push(frame(2));
        assert_eq!(mailbox.take().await, Taken::Frame(frame(3)));
        assert_eq!(mailbox.take().await, Taken::Frame(frame(2)));
        assert_eq!(mailbox.take().await, Taken::Behind);
        mailbox.push_snapshot(frame(QUEUE_BYTES * 2));
        mailbox.push_board(frame(1));
        assert_eq!(mailbox.take().await, Taken::Frame(frame(QUEUE_BYTES * 2)));
        assert_eq!(mailbox.take().await, Taken::Frame(frame(1)));
    }

    #[tokio::test]
    async fn what_must_be_first_is() {
        let mailbox = Mailbox::default();
        mailbox.push(frame(1));
        mailbox.push_first(frame(2));
        assert_eq!(mailbox.take().await, Taken::Frame(frame(2)));
    }
}
