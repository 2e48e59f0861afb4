//! Agents who sleep, drop, are full, or may not any more: scenarios 8, 9, 10 and 19.

use engine::store::To;
use load::{Agent, Lost};
use protocol::{
    chat::{AgentLink, Body, ChatEvent, ChatState},
    close_reason::CloseReason,
    id::ChatId,
    invitation::Answer,
    notice::Notice,
    refusal::Refusal,
    status::Status,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt, soon},
    test_server::{SignedIn, TestServer},
};

async fn asks(server: &TestServer, path: &str) -> (load::Visitor, ChatId) {
    let mut visitor = server.visitor(path).await;
    visitor.tell(&FromVisitor::AskForPerson).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;
    (visitor, chat)
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_8_a_sleeping_inviter_keeps_the_chat_for_a_while_and_then_the_team_has_it() {
    let server = TestServer::with_timers(|timers| timers.reservation = 300).await;
    let (ann, ben) = (server.signs_in("ann").await, server.signs_in("ben").await);
    let mut anns = server.dashboard(&ann).await;
    let mut bens = server.dashboard(&ben).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = anns.row_on("/boots").await.visit;
    server.engine.invite(&ann.me, visit, "May I help?".into()).await.unwrap();
    let invitation = visitor.is_invited().await;
    // The laptop sleeps.
    let board = anns.vanishes();
    visitor.answers(invitation, Answer::Accept).await.unwrap();
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
    assert_eq!(bens.until("the call to the team", called).await, chat.id);
    let joined = |visitor: &load::Visitor| {
        visitor.entries.iter().any(|entry| matches!(entry.body, Body::Event(ChatEvent::Joined(_))))
    };
    assert!(!joined(&visitor), "nobody has joined before a claim");
    server.engine.claim(&ben.me, chat.id).await.unwrap();
    visitor
        .until("Ben", |visitor| (joined(visitor) && visitor.chat.as_ref()?.agent.as_ref()?.name == "Ben").then_some(()))
        .await;
    // She wakes: the chat is Ben's, and nothing calls her to it.
    let mut anns = server.dashboard_again(&ann, board).await;
    let row = anns.sees(visit, Status::InProgress).await;
    assert_eq!(row.chat.unwrap().agent, Some(ben.me.agent));
    assert!(anns.notices.iter().all(|notice| !matches!(notice, Notice::Accepted { .. } | Notice::Waiting { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_9_an_agent_who_drops_is_waited_for_and_then_replaced_first_in_line() {
    let set = |timers: &mut engine::Timers| {
        (timers.agent_reconnecting, timers.agent_lost, timers.agent_reassign) = (50, 300, 1_500);
    };
    let server = TestServer::with_timers(set).await;
    let (ben, cara) = (server.signs_in("ben").await, server.signs_in("cara").await);
    let bens = server.dashboard(&ben).await;
    let mut caras = server.dashboard(&cara).await;
    let (mut visitor, chat) = asks(&server, "/boots").await;
    server.engine.claim(&ben.me, chat).await.unwrap();
    let link =
        |wanted| move |visitor: &load::Visitor| visitor.chat.as_ref().filter(|chat| chat.link == wanted).map(|_| ());
    let board = bens.vanishes();
    visitor.until("the loss", link(AgentLink::Lost)).await;
    visitor.says("Are you there?").await.unwrap();

    // Back in time: nothing is lost.
    let mut bens = server.dashboard_again(&ben, board).await;
    bens.until("his chat, with what was said meanwhile", |agent| {
        agent.chats.get(&chat).filter(|chat| chat.unread == 1).map(|_| ())
    })
    .await;
    visitor.until("the link again", link(AgentLink::Ok)).await;

    // And once more, for good: first in line for the team, and his no more.
    drop(bens);
    let waits = |notice: &Notice| matches!(notice, Notice::Waiting { chat: one, again: true, .. } if *one == chat);
    caras.until("the call", |agent| agent.notices.iter().any(waits).then_some(())).await;
    server.engine.claim(&cara.me, chat).await.unwrap();
    let mut bens = server.dashboard(&ben).await;
    bens.opens(chat).await.unwrap();
    bens.until("the chat, to be read", |agent| {
        agent.chats.get(&chat).filter(|one| one.chat.agent == Some(cara.me.agent)).map(|_| ())
    })
    .await;
    bens.says(chat, "I am back").await.unwrap();
    let refused = bens.until("why not", |agent| agent.refused.first().cloned()).await;
    assert_eq!(refused, Refusal::Changed { agent: Some(cara.me.agent) });
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_10_an_agent_at_the_limit_gets_no_chat_by_any_way() {
    let server = TestServer::with_timers(|timers| {
        (timers.agent_reconnecting, timers.agent_lost, timers.agent_reassign) = (50, 100, 600_000);
    })
    .await;
    let (ann, ben, cara) = (server.signs_in("ann").await, server.signs_in("ben").await, server.signs_in("cara").await);
    let mut bens = server.dashboard(&ben).await;
    let mut visitors = Vec::new();
    for path in ["/a", "/b", "/c"] {
        let (visitor, chat) = asks(&server, path).await;
        server.engine.claim(&ben.me, chat).await.unwrap();
        visitors.push(visitor);
    }
    let full = Err(Refusal::Full { limit: 3 });
    // Claimed.
    let (_fourth, chat) = asks(&server, "/d").await;
    assert_eq!(server.engine.claim(&ben.me, chat).await, full);
    // Handed over: by an agent not, by who supervises and insists, yes; here nobody insists.
    let caras = server.dashboard(&cara).await;
    server.engine.claim(&cara.me, chat).await.unwrap();
    let to_ben = To::Agent { agent: ben.me.agent, insist: false };
    let handed = server.engine.hand_over(&cara.me, chat, cara.me.agent, to_ben, "").await;
    assert_eq!(handed, Err(Refusal::AgentFull { agent: ben.me.agent, limit: 3 }));
    let handed = server.engine.hand_over(&ann.me, chat, cara.me.agent, to_ben, "").await;
    assert_eq!(handed, Err(Refusal::AgentFull { agent: ben.me.agent, limit: 3 }));
    // Taken over, when its agent is lost.
    drop(caras);
    let lost = bens.until("Cara lost", |agent| {
        let chats = agent.board.rows.values().filter_map(|row| row.chat.clone());
        chats.into_iter().find(|one| one.id == chat && one.link == AgentLink::Lost)
    });
    let lost = lost.await;
    assert_eq!(server.engine.take_over(&ben.me, chat, cara.me.agent, lost.version).await, full);
    // Offered: see engine::operations::tests::routing, where a team offers its chats in turn.
    let row = bens
        .until("the row", |agent| agent.board.rows.values().find(|row| row.page.url.ends_with("/d")).cloned())
        .await;
    assert_eq!(row.chat.unwrap().agent, Some(cara.me.agent));
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_19_a_new_password_or_the_end_of_an_account_closes_every_socket() {
    let server = TestServer::start().await;
    let (ann, ben, cara) = (server.signs_in("ann").await, server.signs_in("ben").await, server.signs_in("cara").await);
    let again = server.signs_in("ben").await;
    let mut bens = [server.dashboard(&ben).await, server.dashboard(&again).await];
    let mut caras = server.dashboard(&cara).await;
    let mut anns = server.dashboard(&ann).await;
    let began = std::time::Instant::now();
    server.engine.store().set_password("ben@acme.test", &engine::sessions::hash_password("another one")).await.unwrap();
    for dashboard in &mut bens {
        assert_eq!(ends(dashboard).await, CloseReason::SignedOut.code());
    }
    server.engine.store().set_active("cara@acme.test", false).await.unwrap();
    assert_eq!(ends(&mut caras).await, CloseReason::SignedOut.code());
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    for gone in [&ben, &again, &cara] {
        assert_eq!(turned(&server, gone).await, 401);
    }
    anns.tell(&protocol::agent::FromAgent::Beat).await.unwrap();
    soon("ann is still there", async {
        while !matches!(anns.next().await.unwrap(), protocol::agent::ToAgent::Beat { .. }) {}
    })
    .await;
}

async fn ends(dashboard: &mut Agent) -> u16 {
    soon("the close", async {
        loop {
            match dashboard.next().await {
                Ok(_) => {}
                Err(Lost::Closed(code)) => return code,
                Err(lost) => panic!("{lost}"),
            }
        }
    })
    .await
}

async fn turned(server: &TestServer, who: &SignedIn) -> u16 {
    match Agent::arrive(&server.ws(), &server.origin(), &who.cookie, None).await {
        Err(Lost::Turned(status)) => status,
        Err(lost) => panic!("{lost}"),
        Ok(_) => 101,
    }
}
