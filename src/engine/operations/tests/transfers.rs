//! Handing a chat on: to a colleague, to a team; who may, and who reads what of it.

use protocol::{
    availability::AwayReason,
    chat::{ChatEvent, ChatState},
    refusal::Refusal,
};

use super::*;
use crate::store::To;

fn to(who: &Principal) -> To {
    To::Agent { agent: who.agent, insist: false }
}

fn insisting(who: &Principal) -> To {
    To::Agent { agent: who.agent, insist: true }
}

fn supervisor(who: &Principal) -> Principal {
    Principal { role: Role::Supervisor, ..who.clone() }
}

#[tokio::test]
async fn a_chat_goes_to_a_colleague_with_a_note_that_only_agents_read() {
    let house = House::open(Timers::default()).await;
    let (mut ann, mut bob) = (house.dashboard(&house.ann).await, house.dashboard(&house.bob).await);
    let (mut vera, _) = house.tab(None).await;
    let chat = house.chat(&mut vera).await;
    let (me, note) = (house.ann.agent, "canary-7f: wants a refund");
    house.engine.hand_over(&house.ann, chat, me, to(&house.bob), note).await.expect("handed over");
    let handed = bob.is_told(|notice| match notice {
        Notice::HandedOver { chat, from, note } => Some((chat, from, note)),
        _ => None,
    });
    assert_eq!(handed.await, (chat, house.ann.agent, note.to_owned()));
    ann.until(|frame| (frame == ToAgent::ChatGone(chat)).then_some(())).await;
    let line = Body::Event(ChatEvent::HandedOver { from: house.ann.agent, to: house.bob.agent });
    for who in [&house.ann, &house.bob] {
        let entries = house.engine.entries(who, chat, 0).await.expect("entries");
        assert_eq!(entries.last().map(|entry| &entry.body), Some(&line), "both read it");
    }
    // Security D9: the visitor reads who comes, and nothing of the note, also when he comes back.
    let frames = vera.catches_up().await;
    let lines =
        frames.iter().filter_map(|frame| if let ToVisitor::Entries(entries) = frame { Some(entries) } else { None });
    assert!(lines.flatten().any(|entry| entry.body == line));
    assert!(!format!("{frames:?}").contains("canary"));
    assert_eq!(house.engine.add_note(&house.ann, chat, "mine no more", false).await, Err(Refusal::Forbidden));
}

/// Scenario 10, by the way of a transfer.
#[tokio::test]
async fn nobody_gets_a_chat_who_is_away_not_there_or_full_unless_a_supervisor_insists() {
    let house = House::open(Timers::default()).await;
    let (mut vera, _) = house.tab(None).await;
    let chat = house.chat(&mut vera).await;
    let me = house.ann.agent;
    let hand = async |by: &Principal, target: To| house.engine.hand_over(by, chat, me, target, "").await;
    let bob = house.bob.agent;
    assert_eq!(hand(&house.ann, to(&house.bob)).await, Err(Refusal::AgentAway { agent: bob }), "not there");
    let _bobs = house.dashboard(&house.bob).await;
    house.engine.set_availability(&house.bob, Some(AwayReason::Meeting)).await.expect("away");
    assert_eq!(hand(&house.ann, to(&house.bob)).await, Err(Refusal::AgentAway { agent: bob }));
    house.engine.set_availability(&house.bob, None).await.expect("back");
    let mut others = Vec::new();
    for _ in 0..2 {
        let (mut tab, _) = house.tab(None).await;
        tab.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
        let other = house.row(tab.visit()).await.and_then(|row| row.chat).expect("a chat").id;
        house.engine.claim(&house.bob, other).await.expect("claimed");
        others.push(tab);
    }
    assert_eq!(hand(&house.ann, to(&house.bob)).await, Err(Refusal::AgentFull { agent: bob, limit: 2 }));
    assert_eq!(hand(&house.ann, insisting(&house.bob)).await, Err(Refusal::Forbidden));
    let nobody = To::Agent { agent: protocol::id::AgentId(Uuid::now_v7()), insist: false };
    assert_eq!(hand(&house.ann, nobody).await, Err(Refusal::NotFound));
    assert_eq!(hand(&house.cara, to(&house.cara)).await, Err(Refusal::Forbidden), "not hers to give");
    hand(&supervisor(&house.cara), insisting(&house.bob)).await.expect("insisted");
    assert_eq!(hand(&house.ann, to(&house.bob)).await, Err(Refusal::Changed { agent: Some(bob) }));
}

#[tokio::test]
async fn a_chat_goes_to_a_team_and_waits_there_first_in_line() {
    let house = House::open(Timers::default()).await;
    let support = house.engine.store().add_team(house.ann.organization, "Support").await.expect("a team");
    house.engine.store().join_team(house.cara.agent, support).await.expect("a member");
    let (mut vera, _) = house.tab(None).await;
    let chat = house.chat(&mut vera).await;
    let asked_at = house.engine.entries(&house.ann, chat, 0).await.expect("entries")[0].at;
    let mut cara = house.dashboard(&house.cara).await;
    let me = house.ann.agent;
    house.engine.hand_over(&house.ann, chat, me, To::Team(support), "A return").await.expect("handed over");
    assert_eq!(cara.is_told(waiting).await.0, chat);
    let row = house.row(vera.visit()).await.and_then(|row| row.chat).expect("a chat");
    assert_eq!((row.state, row.team, row.agent, row.since), (ChatState::Unclaimed, Some(support), None, asked_at));
    house.engine.claim(&house.cara, chat).await.expect("claimed");
    let notes = house.engine.notes(&house.cara, chat).await.expect("notes");
    assert_eq!(notes.iter().map(|note| (note.number, note.text.as_str())).collect::<Vec<_>>(), [(1, "A return")]);
    let other = To::Team(protocol::id::TeamId(Uuid::now_v7()));
    let handed = house.engine.hand_over(&house.cara, chat, house.cara.agent, other, "").await;
    assert_eq!(handed, Err(Refusal::NotFound));
}
