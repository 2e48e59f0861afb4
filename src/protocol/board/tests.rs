//! Tests that a copy of the board stays up to date.

use super::*;

#[test]
fn time_is_minutes_and_seconds_even_past_an_hour() {
    assert_eq!(format_elapsed(0, 727_999), "12:07");
    assert_eq!(format_elapsed(0, 3_667_000), "61:07");
    assert_eq!(format_elapsed(5_000, 0), "0:00");
    assert_eq!(format_elapsed(Millis::MIN, Millis::MAX), "153722867280912:55");
}

#[test]
fn missing_batch_is_gap_and_repeated_batch_is_ignored() {
    let visit = VisitId(uuid::Uuid::from_u128(1));
    let mut board = Board { seq: 4, ..Board::default() };
    let before = board.clone();
    assert_eq!(board.apply(Batch { after: 5, seq: 6, changed: vec![], gone: vec![visit] }), Err(Gap));
    assert_eq!(board, before);
    assert_eq!(board.apply(Batch { after: 3, seq: 4, changed: vec![], gone: vec![visit] }), Ok(()));
    assert_eq!(board, before);
    assert_eq!(board.apply(Batch { after: 4, seq: 5, ..Batch::default() }), Ok(()));
    assert_eq!(board.seq, 5);
    assert_eq!(board.apply(Batch { after: 3, seq: 9, ..Batch::default() }), Ok(()), "several batches merged into one");
    assert_eq!(board.seq, 9);
}

#[test]
fn chunked_snapshot_reassembles_and_aborted_one_is_dropped() {
    let snapshot = |count: usize| Snapshot { epoch: 7, seq: 3, rows: (0..count).map(row).collect() };
    for (count, pieces) in [(0, 1), (1, 1), (ROWS_IN_A_FRAME, 1), (ROWS_IN_A_FRAME + 1, 2), (3 * ROWS_IN_A_FRAME, 3)] {
        let mut gathering = SnapshotAssembler::default();
        // The rest of this snapshot never arrives.
        let broken_off = snapshot(2 * ROWS_IN_A_FRAME + 1).chunks().next().expect("a snapshot has at least one chunk");
        assert_eq!(gathering.take(broken_off), None);
        let mut all = snapshot(count).chunks().collect::<Vec<_>>();
        assert_eq!(all.len(), pieces, "{count}");
        assert!(all.iter().all(|piece| piece.part.rows.len() <= ROWS_IN_A_FRAME));
        let last = all.pop().expect("a snapshot has at least one chunk");
        assert!(all.into_iter().all(|piece| gathering.take(piece).is_none()));
        assert_eq!(gathering.take(last), Some(snapshot(count)), "{count}");
    }
}

fn row(number: usize) -> Row {
    Row {
        visit: VisitId(uuid::Uuid::from_u128(number as u128)),
        visitor: VisitorId(uuid::Uuid::nil()),
        name: None,
        concierge: ConciergeId(uuid::Uuid::nil()),
        page: Page::default(),
        browser: String::new(),
        since: 0,
        left_at: None,
        presence: Presence::Active,
        invitation: None,
        chat: None,
        composing: None,
        quiet_until: None,
    }
}
