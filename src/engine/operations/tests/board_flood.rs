//! Tests how much traffic visitors who keep changing pages cause for dashboards.

use protocol::{
    board::{Board, SnapshotAssembler},
    limits::{TITLE_CHARS, URL_BYTES},
};

use super::*;

const QUIET: usize = 300;
const FLOODING: usize = 20;
/// The largest encoded row: a URL and a title of the maximum length, and the rest.
const ROW_BYTES: usize = URL_BYTES + 4 * TITLE_CHARS + 500;

/// A dashboard's copy of the board, and what it cost to keep it up to date.
#[derive(Default)]
struct Copy {
    board: Board,
    gathering: SnapshotAssembler,
    snapshots: usize,
    batch_bytes: usize,
}

impl Copy {
    /// Takes frames until the board includes this batch.
    async fn catch_up(&mut self, dashboard: &mut AgentConnection, seq: u64) {
        tokio::time::timeout(LIMIT, async {
            while self.snapshots == 0 || self.board.seq < seq {
                match dashboard.next().await {
                    Outgoing::Frame(frame) => self.take(&frame),
                    Outgoing::Close(close_reason) => panic!("closed: {close_reason:?}"),
                }
            }
        })
        .await
        .expect("the board is up to date");
    }

    fn take(&mut self, frame: &[u8]) {
        match codec::decode(frame).expect("valid frame") {
            ToAgent::Snapshot(piece) => {
                if let Some(snapshot) = self.gathering.take(piece) {
                    self.snapshots += 1;
                    self.board = snapshot.into();
                }
            }
            ToAgent::Batch(batch) => {
                self.batch_bytes += frame.len();
                self.board.apply(batch).expect("no batch is missing");
            }
            _ => {}
        }
    }
}

/// Returns a page with the longest URL and title.
fn long_page(number: usize) -> Page {
    let url = format!("https://shop.test/{number}/");
    Page { url: format!("{url}{}", "x".repeat(URL_BYTES - url.len())), title: "𝒳".repeat(TITLE_CHARS) }
}

/// Visitors change pages as fast as they can, and a dashboard reads nothing for a while. The other visitors on the site
/// do nothing, and their rows are never sent again.
#[tokio::test]
async fn flood_of_page_changes_costs_a_slow_dashboard_bounded_bytes_and_no_second_snapshot() {
    let test = TestEngine::open(Timers { board_batch: 1, ..Timers::default() }).await;
    let mut visitors = Vec::new();
    for _ in 0..QUIET + FLOODING {
        visitors.push(test.tab(None).await.0);
    }
    let mut dashboard = test.dashboard(&test.ann).await;
    let mut copy = Copy::default();
    let hub = test.engine.hub(test.ann.organization);
    copy.catch_up(&mut dashboard, hub.snapshot().await.seq).await;
    let began = std::time::Instant::now();
    for round in 0..4 {
        for number in 0..300 {
            for visitor in &mut visitors[..FLOODING] {
                let page = long_page(number * 10 + round);
                visitor.handle_frame(FromVisitor::Page(page)).await.expect("frame accepted");
            }
        }
        copy.catch_up(&mut dashboard, hub.snapshot().await.seq).await;
    }
    // The last page of each visitor is shown within a second.
    tokio::time::timeout(LIMIT, async {
        loop {
            let current = Board::from(hub.snapshot().await);
            copy.catch_up(&mut dashboard, current.seq).await;
            let last = long_page(299 * 10 + 3);
            if copy.board.rows == current.rows
                && current.rows.values().filter(|row| row.page == last).count() == FLOODING
            {
                return;
            }
        }
    })
    .await
    .expect("the board is up to date");
    assert_eq!(copy.snapshots, 1);
    let seconds = usize::try_from(began.elapsed().as_secs()).expect("not that long") + 1;
    let most = FLOODING * (10 + seconds) * ROW_BYTES;
    assert!(copy.batch_bytes <= most, "{} of {most} bytes in {seconds} s", copy.batch_bytes);
}

/// So many rows change that the queue overflows, although each visitor stays within the limits.
#[tokio::test]
async fn dashboard_that_takes_nothing_for_long_gets_the_changed_rows_once() {
    let test = TestEngine::open(Timers { board_batch: 1, ..Timers::default() }).await;
    let mut visitors = Vec::new();
    for _ in 0..QUIET {
        visitors.push(test.tab(None).await.0);
    }
    let mut dashboard = test.dashboard(&test.ann).await;
    let mut copy = Copy::default();
    let hub = test.engine.hub(test.ann.organization);
    copy.catch_up(&mut dashboard, hub.snapshot().await.seq).await;
    // 9 changes of 200 rows with the longest pages are more than the queue can hold.
    for number in 0..9 {
        for visitor in &mut visitors[..200] {
            visitor.handle_frame(FromVisitor::Page(long_page(number))).await.expect("frame accepted");
        }
    }
    let current = Board::from(hub.snapshot().await);
    copy.catch_up(&mut dashboard, current.seq).await;
    assert_eq!((copy.snapshots, &copy.board.rows), (1, &current.rows));
    assert!(copy.batch_bytes <= 220 * ROW_BYTES, "{} bytes", copy.batch_bytes);
}
