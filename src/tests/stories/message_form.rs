//! The message form: no agent is available, so the visitor leaves a message, and an agent finds it after the visitor
//! has left.

use protocol::{
    chat::{Body, ChatEvent, ChatState},
    contact::ContactRequest,
    refusal::Refusal,
    status::Status,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

fn leave(name: &str, email: &str) -> FromVisitor {
    FromVisitor::LeaveContact { name: name.into(), email: email.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unserved_visitor_leaves_a_message_answered_by_mail() {
    let server = TestServer::with_timers(|timers| (timers.unclaimed_form, timers.grace) = (100, 50)).await;
    let mut visitor = server.visitor("/boots").await;
    let mut other = server.visitor("/tents").await;
    visitor.send_message("Do you ship to Norway?").await.unwrap();
    visitor
        .until("the form", |visitor| {
            visitor.chat.as_ref().filter(|chat| chat.contact == ContactRequest::Requested).map(|chat| chat.state)
        })
        .await;
    visitor.send_frame(&leave("", "vera")).await.unwrap();
    visitor.until("a refusal", |visitor| visitor.refused.contains(&Refusal::NotAnEmail).then_some(())).await;
    visitor.send_frame(&leave("", "vera@home.test")).await.unwrap();
    visitor
        .until("the contact to be stored", |visitor| {
            visitor.chat.as_ref().filter(|chat| chat.contact == ContactRequest::Provided).map(drop)
        })
        .await;
    visitor.disconnect().await;

    // Ann starts work. The visitor has left, but the row is still there, now with the email address.
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let row = dashboard
        .until("the departure", |agent| agent.board.rows.get(&visit).filter(|row| row.left_at.is_some()).cloned())
        .await;
    assert_eq!(
        (row.name.as_deref(), row.status(crate::test_server::now())),
        (Some("vera@home.test"), Status::Unclaimed)
    );
    let chat = row.chat.expect("the row has a chat").id;
    dashboard.open_chat(chat).await.unwrap();
    dashboard
        .until("the message", |agent| agent.messages(chat).contains(&(true, "Do you ship to Norway?")).then_some(()))
        .await;
    assert!(dashboard.entries[&chat].iter().any(|entry| entry.body == Body::Event(ChatEvent::ContactLeft)));
    server.engine.claim(&ann.me, chat).await.unwrap();
    let email = dashboard.until("the chat", |agent| agent.chats.get(&chat)?.visitor_email.clone()).await;
    assert_eq!(protocol::contact::mailto(&email), "mailto:vera@home.test");
    server.engine.end(&ann.me, chat).await.unwrap();
    dashboard
        .until("the end", |agent| agent.chats.get(&chat).filter(|chat| chat.chat.state == ChatState::Ended).map(drop))
        .await;

    // Another visitor does not see the chat.
    other.wait_until_synced().await;
    assert!(other.chat.is_none() && other.entries.is_empty());
}
