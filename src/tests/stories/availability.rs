//! Availability: every agent can see who is accepting chats, and this information survives a restart.

use protocol::{
    availability::{Availability, AwayReason},
    notice::Notice,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::TestServer,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_away_agent_gets_no_chats_on_any_device_or_after_restart() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut bens = server.dashboard(&ben).await;
    server.engine.set_availability(&ann.me, Some(AwayReason::Lunch)).await.unwrap();
    drop(bens);
    let server = server.restart().await;

    bens = server.dashboard(&ben).await;
    let mut devices = [server.dashboard(&ann).await, server.dashboard(&ann).await];
    bens.until("Ann, at lunch", |agent| {
        let hers = agent.colleagues.get(&ann.me.agent)?;
        matches!(hers.availability, Availability::Away { reason: AwayReason::Lunch, .. }).then_some(())
    })
    .await;
    let mut visitor = server.visitor("/boots").await;
    visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    let is_called = |agent: &load::Agent| {
        agent.notices.iter().any(|notice| matches!(notice, Notice::Waiting { chat: one, .. } if *one == chat))
    };
    bens.until("the notice", |agent| is_called(agent).then_some(())).await;
    for device in &mut devices {
        device.until("the row", |agent| agent.board.rows.values().find(|row| row.chat.is_some()).map(|_| ())).await;
        assert!(!is_called(device), "Ann is away");
    }
    // After claiming the chat, Ben is shown to Ann as having one chat.
    server.engine.claim(&ben.me, chat).await.unwrap();
    let counted = |agent: &load::Agent| agent.colleagues.get(&ben.me.agent).filter(|one| one.chats == 1).map(|_| ());
    devices[0].until("Ben in a chat", counted).await;
}
