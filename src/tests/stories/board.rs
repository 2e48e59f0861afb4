//! The board: scenarios 12 and 16, and a board with as many rows as a busy site would have.

use std::net::Ipv4Addr;

use engine::ClientInfo;
use load::visitor::hello;
use protocol::{
    board::Board,
    limits::{ROWS_IN_A_FRAME, TITLE_CHARS, URL_BYTES},
    page::Page,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{FIREFOX, KEY, SHOP, TestServer, page},
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_12_a_dashboard_that_missed_500_events_resyncs_exactly() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitors = Vec::new();
    for n in 0..13 {
        visitors.push(server.visitor(&format!("/{n}/start")).await);
    }
    dashboard.until("a row for every visitor", |agent| (agent.board.rows.len() == 13).then_some(())).await;
    let old = dashboard.drop_connection();

    // Each visitor stays below the frame rate limit, no matter how fast this machine is.
    for step in 0..40 {
        for (n, visitor) in visitors.iter_mut().enumerate() {
            visitor.navigate(page(&format!("/{n}/{step}"))).await.unwrap();
        }
    }
    for visitor in &mut visitors {
        visitor.wait_until_synced().await;
    }
    let gone = visitors.pop().unwrap();
    gone.disconnect().await;
    let mut back = server.reconnect_dashboard(&ann, old).await;
    let last = |board: &Board| (0..12).all(|n| board.rows.values().any(|row| row.page == page(&format!("/{n}/39"))));
    back.until("every visitor's last page", |agent| last(&agent.board).then_some(())).await;

    // A newly opened dashboard has the same rows once both dashboards have received the same batch.
    let mut fresh = server.dashboard(&ben).await;
    visitors[0].navigate(page("/end")).await.unwrap();
    with_deadline("both boards", async {
        back.wait_for_row("/end").await;
        fresh.wait_for_row("/end").await;
        loop {
            match back.board.seq.cmp(&fresh.board.seq) {
                std::cmp::Ordering::Less => drop(back.next().await.unwrap()),
                std::cmp::Ordering::Greater => drop(fresh.next().await.unwrap()),
                std::cmp::Ordering::Equal => break,
            }
        }
    })
    .await;
    assert_eq!(back.board, fresh.board);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_16_a_crawler_without_input_creates_no_row() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut hello = load::visitor::hello(crate::test_server::KEY, crate::test_server::SHOP, page("/crawled"), None);
    hello.automated = true;
    hello.activity.input = false;
    let mut crawler = load::Visitor::connect(&server.ws(), hello, "HeadlessChrome").await.unwrap();
    crawler.send_frame(&FromVisitor::Heartbeat).await.unwrap();
    crawler.wait_until_synced().await;
    let _person = server.visitor("/boots").await;
    dashboard.wait_for_row("/boots").await;
    assert_eq!(dashboard.board.rows.len(), 1);
}

/// The board does not fit in a single frame: it has the longest possible URLs and titles, and more visitors than a
/// frame may contain.
#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_two_megabytes_reaches_the_dashboard() {
    const VISITORS: usize = 6 * ROWS_IN_A_FRAME + 1;

    let server = TestServer::start().await;
    let caller = ClientInfo {
        ip: Ipv4Addr::LOCALHOST.into(),
        user_agent: FIREFOX.into(),
        is_mobile: false,
        languages: String::new(),
        opted_out: false,
    };
    let mut connections = Vec::with_capacity(VISITORS);
    for n in 0..VISITORS {
        let url = format!("{}/{}", page(&format!("/{n}")).url, "a".repeat(URL_BYTES));
        let long = Page { url, title: "\u{1f97e}".repeat(TITLE_CHARS) };
        connections.push(server.engine.connect_visitor(hello(KEY, SHOP, long, None), caller.clone()).await.unwrap());
    }
    let ann = server.sign_in("ann").await;
    let dashboard = server.dashboard(&ann).await;
    assert_eq!(dashboard.board.rows.len(), VISITORS);
    let bytes: usize = dashboard.board.rows.values().map(|row| row.page.url.len() + row.page.title.len()).sum();
    assert!(bytes > 1_900_000, "{bytes}");
}
