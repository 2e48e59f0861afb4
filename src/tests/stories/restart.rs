//! The server restarts: scenario 11.

use protocol::{chat::ChatState, close_reason::CloseReason, status::Status};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_11_open_invitations_and_chats_are_there_after_a_restart() {
    let server = TestServer::start().await;
    let ann = server.signs_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut chatting = server.visitor("/boots").await;
    let mut invited = server.visitor("/packs").await;
    let visit = dashboard.row_on("/boots").await.visit;
    let chat = server.chatting(&ann, &mut chatting, visit).await;
    let said = chatting.says("Are you there?").await.unwrap();
    chatting.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    let other = dashboard.row_on("/packs").await.visit;
    server.engine.invite(&ann.me, other, "May I help?".into()).await.unwrap();
    let invitation = invited.is_invited().await;
    let (chatting_token, invited_token) = (chatting.token(), invited.token());

    let (server, code) = tokio::join!(server.restarts(), chatting.is_sent_away());
    assert_eq!(code, CloseReason::Restarting { within: 0 }.code());
    assert!(chatting.close_reason.is_some_and(CloseReason::come_back));

    // The session outlives the server, and both sides are where they were.
    let mut dashboard = server.dashboard(&ann).await;
    let mut chatting = server.tab("/boots", Some(chatting_token)).await;
    let here = chatting.until("the chat", |visitor| visitor.chat.clone()).await;
    assert_eq!((here.id, here.state), (chat, ChatState::InProgress));
    chatting
        .until("what was said", |visitor| visitor.messages().contains(&(true, "Are you there?")).then_some(()))
        .await;
    let mut invited = server.tab("/packs", Some(invited_token)).await;
    assert_eq!(invited.is_invited().await, invitation);
    dashboard.sees(visit, Status::InProgress).await;
    dashboard.sees(other, Status::AgentRequested).await;
    dashboard.opens(chat).await.unwrap();
    dashboard.says(chat, "I am.").await.unwrap();
    chatting.until("the answer", |visitor| visitor.messages().contains(&(false, "I am.")).then_some(())).await;
}
