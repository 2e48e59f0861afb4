//! Keeping a copy of the board current.

use super::*;

#[test]
fn time_is_minutes_and_seconds_even_past_an_hour() {
    assert_eq!(minutes_seconds(0, 727_999), "12:07");
    assert_eq!(minutes_seconds(0, 3_667_000), "61:07");
    assert_eq!(minutes_seconds(5_000, 0), "0:00");
    assert_eq!(minutes_seconds(Millis::MIN, Millis::MAX), "153722867280912:55");
}

#[test]
fn a_gap_is_seen_and_a_repeated_batch_changes_nothing() {
    let visit = VisitId(uuid::Uuid::from_u128(1));
    let mut board = Board { seq: 4, ..Board::default() };
    let before = board.clone();
    assert_eq!(board.apply(Batch { seq: 6, changed: vec![], gone: vec![visit] }), Err(Gap));
    assert_eq!(board, before);
    assert_eq!(board.apply(Batch { seq: 4, changed: vec![], gone: vec![visit] }), Ok(()));
    assert_eq!(board, before);
    assert_eq!(board.apply(Batch { seq: 5, ..Batch::default() }), Ok(()));
    assert_eq!(board.seq, 5);
}
