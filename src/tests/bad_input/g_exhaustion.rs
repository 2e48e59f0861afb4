//! Cases G1 to G12: resource exhaustion. Tests that measure memory or limit file descriptors run in their own process.

use load::{Visitor, visitor::hello};
use protocol::{agent::FromAgent, limits, refusal::Refusal, visitor::FromVisitor};
use tokio::net::TcpStream;

use super::{invariant_check::InvariantCheck, isolated_process, raw_bytes};
use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{FIREFOX, KEY, SHOP, TestServer, page},
};

/// Covers G2 and G3: silent visitors and crawlers use memory only while they are connected and never touch the
/// database.
#[test]
fn silent_visitors_create_no_rows_and_leak_no_memory() {
    isolated_process::run("bad_input::g_exhaustion::silent_visitors_create_no_rows_and_leak_no_memory", async || {
        let server = TestServer::with_timers(|timers| timers.grace = 50).await;
        let after = InvariantCheck::start(&server).await;
        let ann = server.sign_in("ann").await;
        let mut dashboard = server.dashboard(&ann).await;
        // Visitors from the previous round stay on the board for a while and are marked as having left.
        let here = |dashboard: &load::Agent| dashboard.board.rows.values().filter(|row| row.left_at.is_none()).count();
        let there = here(&dashboard);
        let browsers = [FIREFOX, "Mozilla/5.0 (compatible; Googlebot/2.1)", "HeadlessChrome"];
        let comes = async |n: usize| {
            let mut hello = hello(KEY, SHOP, page(&format!("/silent/{n}")), None);
            hello.activity.input = n.is_multiple_of(browsers.len());
            with_deadline("a visitor", Visitor::connect(&server.ws(), hello, browsers[n % browsers.len()]))
                .await
                .unwrap()
        };
        // Connects once before measuring so that one-time allocations are not counted.
        drop(comes(0).await);
        let before = isolated_process::memory();
        for round in 0..2 {
            let mut silent = Vec::new();
            for n in 0..150 {
                silent.push(comes(n).await);
                let head = reqwest::Client::new().head(server.http("/concierge/v1/frame?key=shop")).send().await;
                assert_eq!(head.unwrap().status(), 200);
            }
            let rows = dashboard
                .until("one row per real visitor", |agent| Some(here(agent)).filter(|rows| *rows >= there + 50))
                .await;
            assert!(rows <= there + 51, "{round}: {rows}");
            silent.into_iter().for_each(Visitor::drop_connection);
            dashboard
                .until("the visitors to leave", |agent| {
                    agent
                        .board
                        .rows
                        .values()
                        .filter(|row| row.page.url.contains("/silent/"))
                        .all(|row| row.left_at.is_some())
                        .then_some(())
                })
                .await;
        }
        let grown = isolated_process::memory().saturating_sub(before);
        assert!(grown < isolated_process::MAY_GROW, "{grown} bytes");
        let page = super::page(&server, Some(&ann), "/history/visitors").await.body;
        assert!(!page.contains("/silent/"), "{page}");
        after.assert_invariants().await;
    });
}

/// Covers G4: a visitor who keeps starting new chats is rate-limited.
#[tokio::test(flavor = "multi_thread")]
async fn chats_begun_by_one_visitor_are_rate_limited() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let chats = server.engine.store().report().await.unwrap().chats;
    let mut visitor = server.visitor("/again").await;
    let refused = with_deadline("a refusal", async {
        loop {
            visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
            let answered = visitor.until("a chat or a refusal", |visitor| {
                let is_live = visitor.chat.as_ref().is_some_and(|chat| chat.state.is_live());
                is_live.then_some(None).or(visitor.refused.first().cloned().map(Some))
            });
            if let Some(refused) = answered.await {
                return refused;
            }
            visitor.send_frame(&FromVisitor::End).await.unwrap();
            let is_over =
                |visitor: &Visitor| visitor.chat.as_ref().is_none_or(|chat| !chat.state.is_live()).then_some(());
            visitor.until("the end", is_over).await;
        }
    })
    .await;
    assert!(matches!(refused, Refusal::TooMany { retry_after: 3_500..=3_600 }), "{refused:?}");
    assert_eq!(server.engine.store().report().await.unwrap().chats, chats + 5);
    // Other visitors can still start chats.
    let mut other = server.visitor("/another").await;
    other.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    other.until("a chat", |visitor| visitor.chat.clone()).await;
    after.assert_invariants().await;
}

/// Covers G5: a long chat is sent in multiple frames.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_chat_is_sent_in_chunks() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (_visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/long").await;
    let said = (0..250).map(|n| {
        let (author, client_id) =
            (protocol::chat::Author::Agent(ann.me.agent), protocol::id::ClientId(uuid::Uuid::now_v7()));
        let (organization, now) = (ann.me.organization, server.engine.now());
        server.engine.store().send_message(engine::store::NewMessage {
            organization,
            chat,
            author,
            client_id,
            body: protocol::chat::Body::Text(n.to_string()),
            now,
        })
    });
    futures::future::try_join_all(said).await.unwrap();
    dashboard.send_frame(&FromAgent::Open { chat, head: 0 }).await.unwrap();
    let mut pieces = Vec::new();
    with_deadline("all entries", async {
        while pieces.iter().sum::<usize>() < 250 {
            if let protocol::agent::ToAgent::Entries { entries, .. } = dashboard.next().await.unwrap() {
                pieces.push(entries.len());
            }
        }
    })
    .await;
    assert!(pieces.iter().all(|piece| *piece <= limits::ENTRIES_IN_A_FRAME), "{pieces:?}");
    after.assert_invariants().await;
}

/// Covers G10: when file descriptors run out, existing connections stay open, and new ones wait until some are
/// available.
#[test]
fn without_file_descriptors_new_connections_wait() {
    isolated_process::run_with_descriptors(
        "200",
        "bad_input::g_exhaustion::without_file_descriptors_new_connections_wait",
        async || {
            let server = TestServer::start().await;
            let after = InvariantCheck::start(&server).await;
            // Uses up the file descriptors of this process, which owns both ends of every connection.
            let mut held = Vec::new();
            while let Ok(file) = std::fs::File::open("/dev/null") {
                held.push(file);
            }
            held.truncate(held.len() - 3);
            let mut at_the_door = Vec::new();
            while let Ok(stream) = TcpStream::connect(server.address()).await {
                at_the_door.push(stream);
            }
            assert!(!at_the_door.is_empty() && std::fs::File::open("/dev/null").is_err(), "no file descriptor is left");
            assert!(server.is_running());
            drop((held, at_the_door));
            // New connections are accepted again.
            drop(raw_bytes::upgrade(&server, None).await);
            after.assert_invariants().await;
        },
    );
}
