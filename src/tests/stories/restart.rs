//! The server restarts: scenario 11.

use protocol::{chat::ChatState, close_reason::CloseReason, status::Status};

use crate::{
    house::House,
    waiting::{AtTheDesk, OnThePage},
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_11_open_invitations_and_chats_are_there_after_a_restart() {
    let house = House::open().await;
    let ann = house.signs_in("ann").await;
    let mut desk = house.dashboard(&ann).await;
    let mut chatting = house.visitor("/boots").await;
    let mut invited = house.visitor("/packs").await;
    let visit = desk.row_on("/boots").await.visit;
    let chat = house.chatting(&ann, &mut chatting, visit).await;
    let said = chatting.says("Are you there?").await.unwrap();
    chatting.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    let other = desk.row_on("/packs").await.visit;
    house.engine.invite(&ann.me, other, "May I help?".into()).await.unwrap();
    let invitation = invited.is_invited().await;
    let (chatting_token, invited_token) = (chatting.token(), invited.token());

    let (house, code) = tokio::join!(house.restarts(), chatting.is_sent_away());
    assert_eq!(code, CloseReason::Restarting { within: 0 }.code());
    assert!(chatting.close_reason.is_some_and(CloseReason::come_back));

    // The session outlives the server, and both sides are where they were.
    let mut desk = house.dashboard(&ann).await;
    let mut chatting = house.tab("/boots", Some(chatting_token)).await;
    let here = chatting.until("the chat", |visitor| visitor.chat.clone()).await;
    assert_eq!((here.id, here.state), (chat, ChatState::InProgress));
    chatting
        .until("what was said", |visitor| visitor.messages().contains(&(true, "Are you there?")).then_some(()))
        .await;
    let mut invited = house.tab("/packs", Some(invited_token)).await;
    assert_eq!(invited.is_invited().await, invitation);
    desk.sees(visit, Status::InProgress).await;
    desk.sees(other, Status::AgentRequested).await;
    desk.opens(chat).await.unwrap();
    desk.says(chat, "I am.").await.unwrap();
    chatting.until("the answer", |visitor| visitor.messages().contains(&(false, "I am.")).then_some(())).await;
}
