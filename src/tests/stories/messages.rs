//! Messages are stored before they get their tick, shown exactly once on every screen, and kept in order regardless of
//! the sender's clock (scenario 17).

use protocol::{agent::FromAgent, chat::Body, id::ClientId, refusal::Refusal, visitor::FromVisitor};
use uuid::Uuid;

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::{TestServer, now},
};

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_both_ways_and_duplicates_are_stored_once() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    dashboard.open_chat(chat).await.unwrap();

    let client_id = ClientId(Uuid::now_v7());
    let once = FromVisitor::SendMessage { client_id, text: "<b>Do they run small?</b>".into() };
    visitor.send_frame(&once).await.unwrap();
    visitor.send_frame(&once).await.unwrap();
    visitor.until("two acknowledgements", |visitor| (visitor.acknowledged.len() == 2).then_some(())).await;
    assert_eq!(visitor.acknowledged[0], visitor.acknowledged[1]);
    visitor.send_frame(&FromVisitor::SendMessage { client_id, text: "Other words".into() }).await.unwrap();
    visitor.until("a refusal", |visitor| visitor.refused.contains(&Refusal::ClientIdReused).then_some(())).await;

    dashboard
        .until("the question", |agent| {
            agent.messages(chat).contains(&(true, "<b>Do they run small?</b>")).then_some(())
        })
        .await;
    dashboard.send_message(chat, "True to size.").await.unwrap();
    visitor.until("the answer", |visitor| visitor.messages().contains(&(false, "True to size.")).then_some(())).await;
    dashboard
        .until("both messages on the agent's own screen", |agent| {
            agent
                .entries
                .get(&chat)
                .filter(|entries| !entries.is_empty() && agent.messages(chat).len() == 2)
                .map(|_| ())
        })
        .await;
    assert_eq!(visitor.messages().len(), 2);
    let places: Vec<_> = visitor.entries.iter().map(|entry| entry.seq).collect();
    assert!(places.windows(2).all(|pair| pair[1] == pair[0] + 1), "{places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_and_oversized_messages_are_refused() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_unclaimed_chat(&ann, &mut visitor, visit).await;
    visitor.send_message(" \u{a0}\n").await.unwrap();
    visitor.send_message(&"x".repeat(4_001)).await.unwrap();
    visitor.until("both refusals", |visitor| (visitor.refused.len() == 2).then_some(())).await;
    assert_eq!(visitor.refused, [Refusal::Empty, Refusal::TooLong { limit: 4_000 }]);
    let fits = "ü".repeat(4_000);
    let said = visitor.send_message(&fits).await.unwrap();
    visitor
        .until("the message that fits", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied())
        .await;

    // An agent who is not in the chat cannot write in it.
    let ben = server.sign_in("ben").await;
    let mut other = server.dashboard(&ben).await;
    other
        .send_frame(&FromAgent::SendMessage { chat, client_id: ClientId(Uuid::now_v7()), text: "Hello".into() })
        .await
        .unwrap();
    other.until("a refusal", |agent| (!agent.refused.is_empty()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_edit_and_deletion_reach_the_visitor() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let said = dashboard.send_message(chat, "They run smal.").await.unwrap();
    let (_, of) = dashboard
        .until("the tick", |agent| agent.acknowledged.iter().find(|(client_id, _)| *client_id == said).copied())
        .await;
    dashboard.send_frame(&FromAgent::Change { chat, of, text: Some("They run small.".into()) }).await.unwrap();
    let has_body = |body: Body| {
        move |visitor: &load::Visitor| visitor.entries.iter().any(|entry| entry.body == body).then_some(())
    };
    visitor.until("the edit", has_body(Body::Edited { of, text: "They run small.".into() })).await;
    dashboard.send_frame(&FromAgent::Change { chat, of, text: None }).await.unwrap();
    visitor.until("the deletion", has_body(Body::Deleted { of })).await;
    // A tab that connects later receives the deletion but none of the deleted text.
    let mut again = server.tab("/boots", Some(visitor.token())).await;
    again.until("the deletion", has_body(Body::Deleted { of })).await;
    assert!(!format!("{:?}", again.entries).contains("run sma"), "{:?}", again.entries);

    // Agents cannot change a visitor's messages.
    visitor.send_message("Thanks").await.unwrap();
    let mine = visitor.until("the tick", |visitor| visitor.acknowledged.first().map(|(_, seq)| *seq)).await;
    dashboard.send_frame(&FromAgent::Change { chat, of: mine, text: None }).await.unwrap();
    dashboard.until("a refusal", |agent| agent.refused.contains(&Refusal::NotFound).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_17_a_wrong_client_clock_changes_nothing() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    dashboard.open_chat(chat).await.unwrap();

    // A widget's client ids contain timestamps from its own clock, which is first thirty years ahead and then set to
    // 1970.
    let begun = now();
    for (seconds, text) in [(begun as u64 / 1_000 + 946_080_000, "From the future"), (1, "From the past")] {
        let made = uuid::Timestamp::from_unix(uuid::NoContext, seconds, 0);
        let client_id = ClientId(Uuid::new_v7(made));
        visitor.send_frame(&FromVisitor::SendMessage { client_id, text: text.into() }).await.unwrap();
        visitor
            .until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == client_id).copied())
            .await;
    }
    dashboard.until("both", |agent| (agent.messages(chat).len() == 2).then_some(())).await;
    assert_eq!(
        dashboard.messages(chat),
        [(true, "From the future"), (true, "From the past")],
        "in the order of arrival"
    );
    let said = dashboard.entries[&chat].iter().filter(|entry| entry.client_id.is_some());
    assert!(said.into_iter().all(|entry| (begun..=now()).contains(&entry.at)), "by the server's clock");
}

/// Seventeen of the longest messages are more than a socket's queue takes at once.
#[tokio::test(flavor = "multi_thread")]
async fn chat_of_many_long_messages_opens_for_agent_and_visitor() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let (mut visitor, chat) = server.visitor_in_claimed_chat(&ann, &mut dashboard, "/boots").await;
    let long = "𝒳".repeat(4_000);
    for _ in 0..40 {
        let said = dashboard.send_message(chat, &long).await.unwrap();
        dashboard.until("the tick", |agent| agent.acknowledged.iter().find(|(id, _)| *id == said).map(|_| ())).await;
    }
    visitor.until("all of them", |visitor| (visitor.messages().len() == 40).then_some(())).await;
    let mut again = server.dashboard(&ann).await;
    again.open_chat(chat).await.unwrap();
    again.until("all of them", |agent| (agent.messages(chat).len() == 40).then_some(())).await;
    let mut reloaded = server.tab("/boots", Some(visitor.token())).await;
    reloaded.until("all of them", |visitor| (visitor.messages().len() == 40).then_some(())).await;
    assert_eq!(reloaded.head(), again.entries[&chat].last().unwrap().seq);
}
