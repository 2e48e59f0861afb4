//! Tests for transferring a chat to a colleague or a team: who may do it, and who sees the note.

use protocol::{
    availability::AwayReason,
    chat::{ChatEvent, ChatState},
    refusal::Refusal,
};

use super::*;
use crate::store::TransferTarget;

fn to(who: &Principal) -> TransferTarget {
    TransferTarget::Agent { agent: who.agent, insist: false }
}

fn insisting(who: &Principal) -> TransferTarget {
    TransferTarget::Agent { agent: who.agent, insist: true }
}

fn supervisor(who: &Principal) -> Principal {
    Principal { role: Role::Supervisor, ..who.clone() }
}

#[tokio::test]
async fn transfer_to_a_colleague_carries_a_note_for_agents_only() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let (me, note) = (test.ann.agent, "canary-7f: wants a refund");
    test.engine.hand_over(&test.ann, chat, me, to(&test.bob), note).await.expect("handed over");
    let handed = bob.wait_for_notice(|notice| match notice {
        Notice::HandedOver { chat, from, note } => Some((chat, from, note)),
        _ => None,
    });
    assert_eq!(handed.await, (chat, test.ann.agent, note.to_owned()));
    ann.wait_for(|frame| (frame == ToAgent::ChatGone(chat)).then_some(())).await;
    let line = Body::Event(ChatEvent::HandedOver { from: test.ann.agent, to: test.bob.agent });
    for who in [&test.ann, &test.bob] {
        let entries = test.engine.entries(who, chat, 0).await.expect("entries read");
        assert_eq!(entries.last().map(|entry| &entry.body), Some(&line), "visible to both agents");
    }
    // Covers D9: the visitor finds out who is taking over the chat but never sees the note.
    let frames = vera.receive_pending().await;
    let lines =
        frames.iter().filter_map(|frame| if let ToVisitor::Entries(entries) = frame { Some(entries) } else { None });
    assert!(lines.flatten().any(|entry| entry.body == line));
    assert!(!format!("{frames:?}").contains("canary"));
    assert_eq!(test.engine.add_note(&test.ann, chat, "no longer mine", false).await, Err(Refusal::Forbidden));
}

/// Covers scenario 10 for transfers.
#[tokio::test]
async fn transfer_to_an_unavailable_agent_needs_a_supervisor() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let me = test.ann.agent;
    let hand = async |by: &Principal, target: TransferTarget| test.engine.hand_over(by, chat, me, target, "").await;
    let bob = test.bob.agent;
    assert_eq!(hand(&test.ann, to(&test.bob)).await, Err(Refusal::AgentAway { agent: bob }), "not connected");
    let _bobs = test.dashboard(&test.bob).await;
    test.engine.set_availability(&test.bob, Some(AwayReason::Meeting)).await.expect("set to away");
    assert_eq!(hand(&test.ann, to(&test.bob)).await, Err(Refusal::AgentAway { agent: bob }));
    test.engine.set_availability(&test.bob, None).await.expect("set to available");
    let mut others = Vec::new();
    for _ in 0..2 {
        let (mut tab, _) = test.tab(None).await;
        tab.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
        let other = test.row(tab.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
        test.engine.claim(&test.bob, other).await.expect("claimed");
        others.push(tab);
    }
    assert_eq!(hand(&test.ann, to(&test.bob)).await, Err(Refusal::AgentFull { agent: bob, limit: 2 }));
    assert_eq!(hand(&test.ann, insisting(&test.bob)).await, Err(Refusal::Forbidden));
    let nobody = TransferTarget::Agent { agent: protocol::id::AgentId(Uuid::now_v7()), insist: false };
    assert_eq!(hand(&test.ann, nobody).await, Err(Refusal::NotFound));
    assert_eq!(hand(&test.cara, to(&test.cara)).await, Err(Refusal::Forbidden), "not the chat's agent");
    hand(&supervisor(&test.cara), insisting(&test.bob)).await.expect("handed over");
    assert_eq!(hand(&test.ann, to(&test.bob)).await, Err(Refusal::ChatChanged { agent: Some(bob) }));
}

#[tokio::test]
async fn chat_transferred_to_a_team_is_first_in_its_queue() {
    let test = TestEngine::open(Timers::default()).await;
    let support = test.engine.store().add_team(test.ann.organization, "Support").await.expect("team added");
    test.engine.store().join_team(test.cara.agent, support).await.expect("member added");
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let asked_at = test.engine.entries(&test.ann, chat, 0).await.expect("entries read")[0].at;
    let mut cara = test.dashboard(&test.cara).await;
    let me = test.ann.agent;
    test.engine.hand_over(&test.ann, chat, me, TransferTarget::Team(support), "A return").await.expect("handed over");
    assert_eq!(cara.wait_for_notice(waiting).await.0, chat);
    let row = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((row.state, row.team, row.agent, row.since), (ChatState::Unclaimed, Some(support), None, asked_at));
    test.engine.claim(&test.cara, chat).await.expect("claimed");
    let notes = test.engine.notes(&test.cara, chat).await.expect("notes read");
    assert_eq!(notes.iter().map(|note| (note.number, note.text.as_str())).collect::<Vec<_>>(), [(1, "A return")]);
    let other = TransferTarget::Team(protocol::id::TeamId(Uuid::now_v7()));
    let handed = test.engine.hand_over(&test.cara, chat, test.cara.agent, other, "").await;
    assert_eq!(handed, Err(Refusal::NotFound));
}
