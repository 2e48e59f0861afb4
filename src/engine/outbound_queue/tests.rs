//! Tests what is dropped, and which sockets are closed, when a client does not read.

use std::time::Duration;

use protocol::limits::{BOARD_FRAMES, QUEUE_BYTES};
use uuid::Uuid;

use super::{frames::HEAD_AGE, *};

fn frame(bytes: usize) -> Bytes {
    Bytes::from(vec![7; bytes])
}

#[tokio::test]
async fn a_full_queue_closes() {
    let queue = OutboundQueue::default();
    for _ in 0..=QUEUE_FRAMES {
        queue.push(frame(1));
    }
    assert_eq!(queue.take().await, QueueItem::Close(CloseReason::TooSlow));
}

#[tokio::test]
async fn full_queue_drops_batches_for_messages_and_a_snapshot_follows() {
    let queue = OutboundQueue::default();
    queue.push(frame(3));
    for _ in 0..BOARD_FRAMES + 9 {
        queue.push_board(1, frame(1));
    }
    queue.push(frame(2));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(3)));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(2)));
    assert_eq!(queue.take().await, QueueItem::BoardNeeded(None));
    queue.push_snapshot(1, vec![frame(QUEUE_BYTES); QUEUE_FRAMES + 1]);
    queue.push_board(1, frame(1));
    for _ in 0..=QUEUE_FRAMES {
        assert_eq!(queue.take().await, QueueItem::Frame(frame(QUEUE_BYTES)));
    }
    assert_eq!(queue.take().await, QueueItem::Frame(frame(1)));
}

/// On a busy site, a quarter of a second's worth of board batches exceeds the limit for reliable frames.
#[tokio::test]
async fn dashboard_one_second_behind_gets_every_batch_and_message() {
    let queue = OutboundQueue::default();
    for _ in 0..40 {
        queue.push_board(1, frame(QUEUE_BYTES / 3));
    }
    queue.push(frame(2));
    for _ in 0..40 {
        assert_eq!(queue.take().await, QueueItem::Frame(frame(QUEUE_BYTES / 3)));
    }
    assert_eq!(queue.take().await, QueueItem::Frame(frame(2)));
}

#[tokio::test]
async fn typing_is_dropped_and_never_closes_the_queue() {
    let queue = OutboundQueue::default();
    for _ in 0..QUEUE_FRAMES + 9 {
        queue.push_ephemeral(frame(1));
    }
    for _ in 0..QUEUE_FRAMES {
        queue.push(frame(2));
    }
    queue.push_ephemeral(frame(1));
    for _ in 0..QUEUE_FRAMES {
        assert_eq!(queue.take().await, QueueItem::Frame(frame(2)));
    }
    queue.push(frame(3));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(3)));
}

#[test]
fn stale_frame_closes_the_queue_and_stale_batches_do_not() {
    let late = Instant::now() + HEAD_AGE + Duration::from_secs(1);
    let queue = OutboundQueue::default();
    queue.push_board(1, frame(1));
    assert!(queue.lock().is_full(Kind::Batch, 1, late));
    queue.lock().drop_droppable();
    assert!(!queue.lock().is_full(Kind::Batch, 1, late) && queue.lock().is_behind);
    queue.push(frame(1));
    queue.lock().drop_droppable();
    assert!(queue.lock().is_stale(late));
}

#[tokio::test]
async fn queue_bytes_are_bounded() {
    let queue = OutboundQueue::default();
    queue.push(frame(QUEUE_BYTES - 1));
    queue.push_board(1, frame(2));
    queue.push(frame(1));
    queue.push(frame(1));
    assert_eq!(queue.take().await, QueueItem::Close(CloseReason::TooSlow));
}

#[tokio::test]
async fn push_first_goes_to_the_front() {
    let queue = OutboundQueue::default();
    queue.push(frame(1));
    queue.push_first(frame(2));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(2)));
}

fn catch_up(chat: u128, after: u32) -> CatchUp {
    CatchUp { chat: ChatId(Uuid::from_u128(chat)), of: CatchUpKind::Entries, after }
}

#[tokio::test]
async fn pieces_of_two_long_chats_take_turns_as_the_queue_empties() {
    let queue = OutboundQueue::default();
    queue.push(frame(1));
    assert!(queue.begin(catch_up(1, 0)) && queue.begin(catch_up(2, 7)));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(1)));
    assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(1, 0)));
    assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(1, 0)), "a cancelled read is repeated");
    assert!(queue.advance(catch_up(1, 0), 3, false));
    assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(2, 7)));
    assert!(queue.advance(catch_up(2, 7), 9, true));
    // The client asks again for what is on its way.
    assert!(!queue.begin(catch_up(1, 1)));
    assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(1, 3)));
    queue.cancel(|_| true);
    assert!(!queue.advance(catch_up(1, 3), 4, false), "the window was closed meanwhile");
}

#[tokio::test]
async fn entry_during_a_catch_up_comes_with_a_later_piece() {
    let queue = OutboundQueue::default();
    let chat = catch_up(1, 0).chat;
    assert!(queue.begin(catch_up(1, 0)));
    assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(1, 0)));
    queue.push_entries(chat, frame(1));
    // The read may have begun before that entry was stored.
    assert!(queue.advance(catch_up(1, 0), 3, true));
    assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(1, 3)));
    assert!(queue.advance(catch_up(1, 3), 4, true));
    queue.push_entries(chat, frame(2));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(2)));
}

#[tokio::test]
async fn busy_board_does_not_delay_a_catch_up() {
    let queue = OutboundQueue::default();
    assert!(queue.begin(catch_up(1, 0)));
    for _ in 0..3 {
        queue.push_board(1, frame(1));
    }
    for after in 0..3 {
        assert_eq!(queue.take().await, QueueItem::PieceNeeded(catch_up(1, after)));
        assert!(queue.advance(catch_up(1, after), after + 1, false));
        assert_eq!(queue.take().await, QueueItem::Frame(frame(1)));
    }
}

#[tokio::test]
async fn welcome_larger_than_the_queue_arrives_before_what_follows_it() {
    let queue = OutboundQueue::default();
    queue.push_welcome(vec![frame(QUEUE_BYTES); 3]);
    queue.push(frame(1));
    for _ in 0..=BOARD_FRAMES {
        queue.push_board(1, frame(1));
    }
    for _ in 0..3 {
        assert_eq!(queue.take().await, QueueItem::Frame(frame(QUEUE_BYTES)));
    }
    assert_eq!(queue.take().await, QueueItem::Frame(frame(1)));
}

#[tokio::test]
async fn batches_that_overflow_are_merged_from_the_last_one_taken() {
    let queue = OutboundQueue::default();
    queue.push_snapshot(7, vec![frame(1), frame(2)]);
    assert_eq!(queue.take().await, QueueItem::Frame(frame(1)));
    for seq in 8..10 + BOARD_FRAMES as u64 {
        queue.push_board(seq, frame(3));
    }
    assert_eq!(queue.take().await, QueueItem::Frame(frame(2)), "the snapshot that is being sent continues");
    assert_eq!(queue.take().await, QueueItem::BoardNeeded(Some(7)));
    queue.push_merged([(400, frame(4)), (600, frame(5))]);
    queue.push_board(601, frame(6));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(4)));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(5)));
    assert_eq!(queue.board_seq(), Some(600));
    assert_eq!(queue.take().await, QueueItem::Frame(frame(6)));
    assert_eq!(queue.board_seq(), Some(601));
}

#[tokio::test]
async fn half_a_snapshot_is_no_board() {
    let queue = OutboundQueue::default();
    queue.resume_board(5);
    queue.push_snapshot(7, vec![frame(1), frame(2)]);
    assert_eq!(queue.take().await, QueueItem::Frame(frame(1)));
    assert_eq!(queue.board_seq(), None);
}
