//! The server restarts while invitations and chats are open: scenario 11.

use protocol::{chat::ChatState, close_reason::CloseReason, status::Status};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_11_open_invitations_and_chats_survive_a_restart() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut chatting = server.visitor("/boots").await;
    let mut invited = server.visitor("/packs").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_claimed_chat(&ann, &mut chatting, visit).await;
    let said = chatting.send_message("Are you there?").await.unwrap();
    chatting.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    let other = dashboard.wait_for_row("/packs").await.visit;
    server.engine.invite(&ann.me, other, "How can I help?".into()).await.unwrap();
    let invitation = invited.wait_for_invitation().await;
    let (chatting_token, invited_token) = (chatting.token(), invited.token());

    let (server, code) = tokio::join!(server.restart(), chatting.wait_for_close());
    assert_eq!(code, CloseReason::Restarting { within: 0 }.code());
    assert!(chatting.close_reason.is_some_and(CloseReason::may_reconnect));

    // The session survives the restart, and both sides pick up where they left off.
    let mut dashboard = server.dashboard(&ann).await;
    let mut chatting = server.tab("/boots", Some(chatting_token)).await;
    let here = chatting.until("the chat", |visitor| visitor.chat.clone()).await;
    assert_eq!((here.id, here.state), (chat, ChatState::InProgress));
    chatting
        .until("the earlier message", |visitor| visitor.messages().contains(&(true, "Are you there?")).then_some(()))
        .await;
    let mut invited = server.tab("/packs", Some(invited_token)).await;
    assert_eq!(invited.wait_for_invitation().await, invitation);
    dashboard.wait_for_status(visit, Status::InProgress).await;
    dashboard.wait_for_status(other, Status::AgentRequested).await;
    dashboard.open_chat(chat).await.unwrap();
    dashboard.send_message(chat, "I am.").await.unwrap();
    chatting.until("the answer", |visitor| visitor.messages().contains(&(false, "I am.")).then_some(())).await;
}
