//! Tests for agents who lose their connection, reach their chat limit, or are signed out.

use protocol::{
    agent::ToAgent,
    chat::{AgentConnectivity, Body, ChatEvent, ChatState},
    refusal::Refusal,
    status::Status,
};

use super::*;
use crate::{
    people::AgentForm,
    store::{Actor, PersonSettings},
};

fn link(frame: ToVisitor) -> Option<AgentConnectivity> {
    if let ToVisitor::Chat(Some(chat)) = frame { Some(chat.link) } else { None }
}

/// Covers scenario 9: the agent is lost, the visitor is told, and the chat returns to its previous place in the team's
/// queue.
#[tokio::test]
async fn the_chat_of_a_lost_agent_goes_back_to_the_team() {
    let timers = Timers { agent_reconnecting: 20, agent_lost: 60, agent_reassign: 1_000, ..Timers::default() };
    let test = TestEngine::open(timers).await;
    let mut bob = test.dashboard(&test.bob).await;
    let ann = test.dashboard(&test.ann).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let asked_at = test.engine.entries(&test.ann, chat, 0).await.expect("entries read")[0].at;
    let (mut later, _) = test.tab(None).await;
    later.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    drop(ann);
    vera.wait_for(|frame| (link(frame) == Some(AgentConnectivity::Lost)).then_some(())).await;
    let event = vera.wait_for(|frame| match frame {
        ToVisitor::Entries(entries) => entries.into_iter().map(|entry| entry.body).next(),
        _ => None,
    });
    assert_eq!(event.await, Body::Event(ChatEvent::AgentLost(test.ann.agent)));
    bob.wait_for_notice(|notice| waiting(notice).filter(|call| *call == (chat, true))).await;
    let board = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((board.state, board.since), (ChatState::Unclaimed, asked_at), "its previous place in the queue");
    test.engine.claim(&test.bob, chat).await.expect("claimed");

    // Ann is back. The chat now belongs to Bob, so she may only read it.
    let mut ann = test.dashboard(&test.ann).await;
    let chats = ann.wait_for(|frame| if let ToAgent::Chats(chats) = frame { Some(chats) } else { None }).await;
    assert_eq!(chats, []);
    let client_id = ClientId(Uuid::now_v7());
    ann.handle_frame(FromAgent::SendMessage { chat, client_id, text: "I am back.".into() })
        .await
        .expect("frame accepted");
    let refused = ann.wait_for(|frame| match frame {
        ToAgent::Refused { client_id: Some(id), refusal } if id == client_id => Some(refusal),
        _ => None,
    });
    assert_eq!(refused.await, Refusal::ChatChanged { agent: Some(test.bob.agent) });
}

/// Covers scenario 9: an agent who reconnects in time keeps the chat and misses no messages.
#[tokio::test]
async fn agent_reconnecting_in_time_keeps_the_chat() {
    let test = TestEngine::open(Timers { agent_reconnecting: 20, agent_lost: 60, ..Timers::default() }).await;
    let ann = test.dashboard(&test.ann).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    drop(ann);
    vera.wait_for(|frame| (link(frame) == Some(AgentConnectivity::Lost)).then_some(())).await;
    vera.send_message("Are you there?").await;
    let mut ann = test.dashboard(&test.ann).await;
    let chats = ann.wait_for(|frame| if let ToAgent::Chats(chats) = frame { Some(chats) } else { None }).await;
    assert_eq!(chats.iter().map(|one| (one.chat.id, one.unread)).collect::<Vec<_>>(), [(chat, 1)]);
    vera.wait_for(|frame| (link(frame) == Some(AgentConnectivity::Ok)).then_some(())).await;
    ann.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    let all = ann.wait_for(|frame| match frame {
        ToAgent::Entries { entries, .. } => Some(entries).filter(|entries| entries[0].seq == 1),
        _ => None,
    });
    assert_eq!(texts(&all.await), ["Are you there?"]);
    assert_eq!(test.status(vera.visit()).await, Some(Status::InProgress));
}

/// Covers scenario 10: an agent at the chat limit cannot claim another chat.
#[tokio::test]
async fn an_agent_at_the_limit_is_refused_with_the_reason() {
    let test = TestEngine::open(Timers { agent_load_window: 600_000, ..Timers::default() }).await;
    let mut tabs = Vec::new();
    for _ in 0..2 {
        let (mut tab, _) = test.tab(None).await;
        test.chat(&mut tab).await;
        tabs.push(tab);
    }
    let (mut third, _) = test.tab(None).await;
    third.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let chat = test.row(third.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
    assert_eq!(test.engine.claim(&test.ann, chat).await, Err(Refusal::ChatLimitReached { limit: 2 }));
    assert_eq!(test.status(third.visit()).await, Some(Status::Unclaimed));
    // Chats without recent messages do not count toward the limit.
    let test = test.restart(Timers { agent_load_window: 0, ..Timers::default() }).await;
    test.engine.claim(&test.ann, chat).await.expect("claimed");
}

/// Covers scenario 19: every socket of the session is closed, and no others.
#[tokio::test]
async fn sign_out_password_change_and_deactivation_close_sockets() {
    let test = TestEngine::open(Timers::default()).await;
    let store = test.engine.store();
    let (mut one, mut two) = (test.dashboard(&test.ann).await, test.dashboard(&test.ann).await);
    let (mut bob, mut cara) = (test.dashboard(&test.bob).await, test.dashboard(&test.cara).await);
    store.end_session(test.ann.session).await.expect("signed out");
    assert_eq!((one.end().await, two.end().await), (CloseReason::SignedOut, CloseReason::SignedOut));
    cara.receive_pending().await;
    bob.receive_pending().await;
    store.set_password("bob@shop.test", "another").await.expect("password set");
    assert_eq!(bob.end().await, CloseReason::SignedOut);
    cara.receive_pending().await;
    store.set_active("car@shop.test", false).await.expect("deactivated");
    assert_eq!(cara.end().await, CloseReason::SignedOut);
}

/// The principal was looked up before the upgrade; the role may have changed before the hello.
#[tokio::test]
async fn hello_after_a_demotion_gets_the_role_of_this_moment() {
    let test = TestEngine::open(Timers::default()).await;
    let role_of = async |who: &Principal| {
        let mut dashboard = test.dashboard(who).await;
        let role = |frame| if let ToAgent::Welcome { directory, .. } = frame { Some(directory.role) } else { None };
        dashboard.wait_for(role).await
    };
    assert_eq!(role_of(&test.dora).await, Role::Admin);
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let form = |role: &str| AgentForm { name: "X".into(), role: role.into(), max_chats: "2".into(), teams: vec![] };
    test.engine.change_agent(&test.dora, test.cara.agent, &form("admin")).await.expect("Cara is admin");
    assert_eq!(role_of(&test.cara).await, Role::Admin);
    let cara = Principal { role: Role::Admin, ..test.cara.clone() };
    test.engine.change_agent(&cara, test.dora.agent, &form("agent")).await.expect("Dora is no admin");
    assert_eq!(role_of(&test.dora).await, Role::Agent);
    let mut dora = test.dashboard(&test.dora).await;
    dora.handle_frame(FromAgent::Open { chat, head: 0 }).await.expect("frame accepted");
    dora.wait_for(|frame| (frame == ToAgent::AccessLost(chat)).then_some(())).await;
    test.engine.set_agent_active(&test.dora, test.bob.agent, false).await.expect("deactivated");
    let refused = test.engine.connect_agent(test.bob.clone(), None).await.map(drop);
    assert_eq!(refused, Err(CloseReason::SignedOut));
}

/// A change by another process, of which nobody here is told.
#[tokio::test]
async fn session_check_finds_a_change_of_role_or_teams() {
    let test = TestEngine::open(Timers::default()).await;
    let store = test.engine.store();
    let (bob, dora) = (test.dashboard(&test.bob).await, test.dashboard(&test.dora).await);
    let (bobs, doras) = (bob.session_check(), dora.session_check());
    assert_eq!((bobs.close_reason().await, doras.close_reason().await), (None, None));
    let by = || Actor { organization: test.ann.organization, agent: None, name: "Command line".into() };
    let settings = |role, teams| PersonSettings { name: "X".into(), role, max_chats: 2, teams };
    let change = async |who: &Principal, to| store.change_person(by(), who.agent, to, test.engine.now()).await;
    change(&test.bob, settings(Role::Agent, vec![test.team])).await.expect("changed");
    assert_eq!(bobs.close_reason().await, None, "neither role nor teams have changed");
    change(&test.bob, settings(Role::Agent, vec![])).await.expect("changed");
    assert!(matches!(bobs.close_reason().await, Some(CloseReason::Restarting { .. })));
    change(&test.cara, settings(Role::Admin, vec![])).await.expect("changed");
    change(&test.dora, settings(Role::Supervisor, vec![])).await.expect("changed");
    assert!(matches!(doras.close_reason().await, Some(CloseReason::Restarting { .. })));
    store.set_active("dor@shop.test", false).await.expect("deactivated");
    assert_eq!(doras.close_reason().await, Some(CloseReason::SignedOut));
}
