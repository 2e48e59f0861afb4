//! Agents who disconnect, reach their chat limit, or lose access: scenarios 8, 9, 10, and 19.

use engine::store::TransferTarget;
use load::{Agent, ConnectionError};
use protocol::{
    chat::{AgentConnectivity, Body, ChatEvent, ChatState},
    close_reason::CloseReason,
    id::ChatId,
    invitation::Answer,
    notice::Notice,
    refusal::Refusal,
    status::Status,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt, with_deadline},
    test_server::{SignedIn, TestServer},
};

async fn start_waiting_chat(server: &TestServer, path: &str) -> (load::Visitor, ChatId) {
    let mut visitor = server.visitor(path).await;
    visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    (visitor, chat)
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_8_an_absent_inviters_reservation_expires_to_the_team() {
    let server = TestServer::with_timers(|timers| timers.reservation = 300).await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut anns = server.dashboard(&ann).await;
    let mut bens = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = anns.wait_for_row("/boots").await.visit;
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = visitor.wait_for_invitation().await;
    // Ann's laptop goes to sleep.
    let board = anns.drop_connection();
    visitor.answer_invitation(invitation, Answer::Accept).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.clone()).await;
    assert_eq!(
        (chat.state, chat.agent.unwrap().name.as_str()),
        (ChatState::Unclaimed, "Ann"),
        "connecting, not joined"
    );
    let called = |agent: &Agent| {
        agent.notices.iter().find_map(|notice| match notice {
            Notice::Waiting { chat, .. } => Some(*chat),
            _ => None,
        })
    };
    assert_eq!(bens.until("the team's notice", called).await, chat.id);
    let joined = |visitor: &load::Visitor| {
        visitor.entries.iter().any(|entry| matches!(entry.body, Body::Event(ChatEvent::Joined(_))))
    };
    assert!(!joined(&visitor), "no agent has joined before the chat is claimed");
    server.engine.claim(&ben.me, chat.id).await.unwrap();
    visitor
        .until("Ben", |visitor| (joined(visitor) && visitor.chat.as_ref()?.agent.as_ref()?.name == "Ben").then_some(()))
        .await;
    // When Ann reconnects, the chat belongs to Ben, and no notice asks Ann to claim it.
    let mut anns = server.reconnect_dashboard(&ann, board).await;
    let row = anns.wait_for_status(visit, Status::InProgress).await;
    assert_eq!(row.chat.unwrap().agent, Some(ben.me.agent));
    assert!(anns.notices.iter().all(|notice| !matches!(notice, Notice::Accepted { .. } | Notice::Waiting { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_9_a_lost_agents_chat_is_requeued_first_after_a_delay() {
    let set = |timers: &mut engine::Timers| {
        (timers.agent_reconnecting, timers.agent_lost, timers.agent_reassign) = (50, 300, 1_500);
    };
    let server = TestServer::with_timers(set).await;
    let (ben, cara) = (server.sign_in("ben").await, server.sign_in("cara").await);
    let bens = server.dashboard(&ben).await;
    let mut caras = server.dashboard(&cara).await;
    let (mut visitor, chat) = start_waiting_chat(&server, "/boots").await;
    server.engine.claim(&ben.me, chat).await.unwrap();
    let link =
        |wanted| move |visitor: &load::Visitor| visitor.chat.as_ref().filter(|chat| chat.link == wanted).map(|_| ());
    let board = bens.drop_connection();
    visitor.until("the agent to be shown as lost", link(AgentConnectivity::Lost)).await;
    visitor.send_message("Are you there?").await.unwrap();

    // Ben is back in time, so nothing is lost.
    let mut bens = server.reconnect_dashboard(&ben, board).await;
    bens.until("Ben's chat with the new message", |agent| {
        agent.chats.get(&chat).filter(|chat| chat.unread == 1).map(|_| ())
    })
    .await;
    visitor.until("the agent to reconnect", link(AgentConnectivity::Ok)).await;

    // Ben disconnects permanently. The chat is requeued and no longer belongs to Ben.
    drop(bens);
    let waits = |notice: &Notice| matches!(notice, Notice::Waiting { chat: one, again: true, .. } if *one == chat);
    caras.until("the notice", |agent| agent.notices.iter().any(waits).then_some(())).await;
    server.engine.claim(&cara.me, chat).await.unwrap();
    let mut bens = server.dashboard(&ben).await;
    bens.open_chat(chat).await.unwrap();
    bens.until("the chat as an observer", |agent| {
        agent.chats.get(&chat).filter(|one| one.chat.agent == Some(cara.me.agent)).map(|_| ())
    })
    .await;
    bens.send_message(chat, "I am back").await.unwrap();
    let refused = bens.until("the refusal", |agent| agent.refused.first().cloned()).await;
    assert_eq!(refused, Refusal::ChatChanged { agent: Some(cara.me.agent) });
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_10_an_agent_at_the_limit_gets_no_more_chats() {
    let server = TestServer::with_timers(|timers| {
        (timers.agent_reconnecting, timers.agent_lost, timers.agent_reassign) = (50, 100, 600_000);
    })
    .await;
    let (ann, ben, cara) = (server.sign_in("ann").await, server.sign_in("ben").await, server.sign_in("cara").await);
    let mut bens = server.dashboard(&ben).await;
    let mut visitors = Vec::new();
    for path in ["/a", "/b", "/c"] {
        let (visitor, chat) = start_waiting_chat(&server, path).await;
        server.engine.claim(&ben.me, chat).await.unwrap();
        visitors.push(visitor);
    }
    let full = Err(Refusal::ChatLimitReached { limit: 3 });
    // The limit applies when claiming a chat.
    let (_fourth, chat) = start_waiting_chat(&server, "/d").await;
    assert_eq!(server.engine.claim(&ben.me, chat).await, full);
    // It also applies to transfers. Only a supervisor who insists may exceed the limit, and no one insists here.
    let caras = server.dashboard(&cara).await;
    server.engine.claim(&cara.me, chat).await.unwrap();
    let to_ben = TransferTarget::Agent { agent: ben.me.agent, insist: false };
    let handed = server.engine.hand_over(&cara.me, chat, cara.me.agent, to_ben, "").await;
    assert_eq!(handed, Err(Refusal::AgentFull { agent: ben.me.agent, limit: 3 }));
    let handed = server.engine.hand_over(&ann.me, chat, cara.me.agent, to_ben, "").await;
    assert_eq!(handed, Err(Refusal::AgentFull { agent: ben.me.agent, limit: 3 }));
    // It also applies when taking over the chat of an agent who has lost their connection.
    drop(caras);
    let lost = bens.until("Cara's connection to be lost", |agent| {
        let chats = agent.board.rows.values().filter_map(|row| row.chat.clone());
        chats.into_iter().find(|one| one.id == chat && one.link == AgentConnectivity::Lost)
    });
    let lost = lost.await;
    assert_eq!(server.engine.take_over(&ben.me, chat, cara.me.agent, lost.version).await, full);
    // Offers made by routing are tested in `engine::operations::tests::routing`.
    let row = bens
        .until("the row", |agent| agent.board.rows.values().find(|row| row.page.url.ends_with("/d")).cloned())
        .await;
    assert_eq!(row.chat.unwrap().agent, Some(cara.me.agent));
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_19_a_new_password_or_deactivation_closes_every_socket() {
    let server = TestServer::start().await;
    let (ann, ben, cara) = (server.sign_in("ann").await, server.sign_in("ben").await, server.sign_in("cara").await);
    let again = server.sign_in("ben").await;
    let mut bens = [server.dashboard(&ben).await, server.dashboard(&again).await];
    let mut caras = server.dashboard(&cara).await;
    let mut anns = server.dashboard(&ann).await;
    let began = std::time::Instant::now();
    server.engine.store().set_password("ben@acme.test", &engine::sessions::hash_password("another one")).await.unwrap();
    for dashboard in &mut bens {
        assert_eq!(wait_for_agent_close(dashboard).await, CloseReason::SignedOut.code());
    }
    server.engine.store().set_active("cara@acme.test", false).await.unwrap();
    assert_eq!(wait_for_agent_close(&mut caras).await, CloseReason::SignedOut.code());
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    for gone in [&ben, &again, &cara] {
        assert_eq!(upgrade_status(&server, gone).await, 401);
    }
    anns.send_frame(&protocol::agent::FromAgent::Heartbeat).await.unwrap();
    with_deadline("the heartbeat reply to Ann", async {
        while !matches!(anns.next().await.unwrap(), protocol::agent::ToAgent::Heartbeat { .. }) {}
    })
    .await;
}

async fn wait_for_agent_close(dashboard: &mut Agent) -> u16 {
    with_deadline("the socket to close", async {
        loop {
            match dashboard.next().await {
                Ok(_) => {}
                Err(ConnectionError::Closed(code)) => return code,
                Err(lost) => panic!("{lost}"),
            }
        }
    })
    .await
}

async fn upgrade_status(server: &TestServer, who: &SignedIn) -> u16 {
    match Agent::connect(&server.ws(), &server.origin(), &who.cookie, None).await {
        Err(ConnectionError::Rejected(status)) => status,
        Err(lost) => panic!("{lost}"),
        Ok(_) => 101,
    }
}
