//! Cases O1 to O10: message delivery under abuse. Each message is stored exactly once, and a client that asks for
//! something impossible gets a well-defined response.

use engine::store::TransferTarget;
use load::Visitor;
use protocol::{
    agent::FromAgent,
    chat::{Body, ChatState},
    id::ClientId,
    refusal::Refusal,
    visitor::FromVisitor,
};
use uuid::Uuid;

use super::invariant_check::InvariantCheck;
use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{KEY, SHOP, TestServer, page},
};

/// Covers O1 and O2: the same client id is sent 100 times concurrently from ten tabs. This creates a single message,
/// and every attempt gets the same response.
#[tokio::test(flavor = "multi_thread")]
async fn one_client_id_is_stored_once_from_many_tabs() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (visitor, _chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let client_id = ClientId(Uuid::now_v7());
    let mut tabs = vec![visitor];
    for _ in 0..9 {
        tabs.push(server.tab("/boots", Some(tabs[0].token())).await);
    }
    let once = FromVisitor::SendMessage { client_id, text: "Once".into() };
    let sends = tabs.iter_mut().map(async |tab| {
        for _ in 0..10 {
            tab.send_frame(&once).await.unwrap();
        }
        tab.until("ten answers", |tab| (tab.acknowledged.len() == 10).then(|| tab.acknowledged.clone())).await
    });
    let answers: Vec<_> = futures::future::join_all(sends).await.into_iter().flatten().collect();
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
    assert_eq!(answers.len(), 100);
    tabs[3].send_frame(&FromVisitor::SendMessage { client_id, text: "Twice".into() }).await.unwrap();
    tabs[3].until("a refusal", |tab| tab.refused.contains(&Refusal::ClientIdReused).then_some(())).await;
    for tab in &mut tabs {
        tab.wait_until_synced().await;
        assert_eq!(tab.messages(), [(true, "Once")]);
    }
    after.assert_invariants().await;
}

/// Covers O3: a client resumes from a sequence number that does not exist.
#[tokio::test(flavor = "multi_thread")]
async fn a_resume_beyond_the_head_gets_everything() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_claimed_chat(&ann, &mut visitor, visit).await;
    visitor.send_message("Hello").await.unwrap();
    visitor.until("the message", |visitor| (visitor.messages() == [(true, "Hello")]).then_some(())).await;
    let has_it = |visitor: &Visitor| (visitor.messages() == [(true, "Hello")]).then_some(());
    for head in [u32::MAX, 1_000] {
        let mut hello = load::visitor::hello(KEY, SHOP, page("/boots"), Some(visitor.token()));
        hello.head = head;
        let mut tab =
            with_deadline("a tab", Visitor::connect(&server.ws(), hello, crate::test_server::FIREFOX)).await.unwrap();
        tab.until("all entries", has_it).await;
        tab.entries.clear();
        tab.send_frame(&FromVisitor::Resume(head)).await.unwrap();
        tab.until("all entries to arrive again", has_it).await;
        let mut other = server.dashboard(&ann).await;
        other.send_frame(&FromAgent::Open { chat, head }).await.unwrap();
        other
            .until("all entries on the dashboard", |agent| (agent.messages(chat) == [(true, "Hello")]).then_some(()))
            .await;
    }
    // A dashboard that tries to resume a board that never existed gets the current one.
    let never = protocol::board::Board { epoch: 7, seq: u64::MAX, ..Default::default() };
    let mut other = server.reconnect_dashboard(&ann, never).await;
    other.until("the board", |agent| agent.board.rows.contains_key(&visit).then_some(())).await;
    after.assert_invariants().await;
}

/// Covers O4: a message is sent, the connection drops before the tick arrives, and the message is resent after the
/// server has restarted.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_resent_after_a_restart_is_stored_once() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut visitor = server.visitor("/boots").await;
    let said = FromVisitor::SendMessage { client_id: ClientId(Uuid::now_v7()), text: "Once".into() };
    visitor.send_frame(&said).await.unwrap();
    visitor.until("the tick", |visitor| visitor.acknowledged.first().copied()).await;
    let token = visitor.token();
    visitor.drop_connection();
    let server = server.restart().await;
    let mut again = server.tab("/boots", Some(token)).await;
    again.send_frame(&said).await.unwrap();
    again.until("the same tick", |visitor| visitor.acknowledged.first().copied()).await;
    let chat = again.until("the chat", |visitor| visitor.chat.clone()).await.id;
    let kept = server.engine.entries(&ann.me, chat, 0).await.unwrap();
    assert_eq!(kept.iter().filter(|entry| matches!(entry.body, Body::Text(_))).count(), 1, "{kept:?}");
    server.check_database().await;
}

/// Covers O8: the database server restarts repeatedly while a visitor is writing. Acknowledged messages stay stored,
/// refused ones are resent, and in the end every message is stored exactly once, in order.
#[tokio::test(flavor = "multi_thread")]
async fn messages_during_database_failover_are_stored_once_or_refused() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_unclaimed_chat(&ann, &mut visitor, visit).await;
    server.engine.claim(&ann.me, chat).await.unwrap();
    let texts: Vec<String> = (0..30).map(|number| format!("Message {number}")).collect();
    for text in &texts {
        let client_id = ClientId(Uuid::now_v7());
        let say = FromVisitor::SendMessage { client_id, text: text.clone() };
        visitor.send_frame(&say).await.unwrap();
        if !server.database().terminate_connections().await {
            return;
        }
        loop {
            let refused = visitor.refused.len();
            let answered = |visitor: &Visitor| {
                let has_tick = visitor.acknowledged.iter().any(|(id, _)| *id == client_id);
                (has_tick || visitor.refused.len() > refused).then_some(has_tick)
            };
            if visitor.until("a tick or a refusal", answered).await {
                break;
            }
            visitor.send_frame(&say).await.unwrap();
        }
    }
    let kept = server.engine.entries(&ann.me, chat, 0).await.unwrap();
    let kept = kept.into_iter().filter_map(|entry| match entry.body {
        Body::Text(text) => Some(text),
        _ => None,
    });
    let kept: Vec<_> = kept.collect();
    assert_eq!(kept, texts);
    visitor.until("all messages", |visitor| (visitor.messages().len() == texts.len()).then_some(())).await;
    assert!(server.is_running());
}

/// Covers O5: a chat is ended, taken over, and handed over, all at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_end_takeover_and_transfer_agree_on_one_result() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let _bens = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_claimed_chat(&ben, &mut visitor, visit).await;
    let row = dashboard
        .until("row", |agent| agent.board.rows[&visit].chat.clone().filter(|chat| chat.state == ChatState::InProgress))
        .await;
    let engine = &server.engine;
    let to = TransferTarget::Agent { agent: ann.me.agent, insist: true };
    let (ended, taken, handed) = tokio::join!(
        engine.end(&ben.me, chat),
        engine.take_over(&ann.me, chat, ben.me.agent, row.version),
        engine.hand_over(&ben.me, chat, ben.me.agent, to, ""),
    );
    let last = dashboard.until("the result", |agent| {
        let chat = agent.board.rows.get(&visit)?.chat.clone()?;
        (chat.state == ChatState::Ended || chat.agent == Some(ann.me.agent)).then_some(chat)
    });
    let last = last.await;
    let is_over = ended.is_ok();
    assert_eq!(is_over, last.state == ChatState::Ended, "{ended:?} {taken:?} {handed:?} {last:?}");
    // An ended chat cannot be taken over. After a takeover, the previous agent can neither end the chat nor hand it
    // over.
    assert!(!(taken.is_ok() && handed.is_ok()), "{taken:?} {handed:?}");
    assert!([ended, taken, handed].iter().filter(|done| done.is_ok()).count() <= 2);
    after.assert_invariants().await;
}
