//! Tests for agents who have set themselves to away or are idle.

use protocol::{
    availability::{Availability, AwayReason, Colleague},
    limits::AWAY_CHARS,
    refusal::Refusal,
};

use super::*;

fn availability_of(who: &Principal) -> impl Fn(ToAgent) -> Option<Availability> {
    let agent = who.agent;
    move |frame| match frame {
        ToAgent::Colleagues(some) => some.into_iter().find(|one| one.agent == agent).map(|one| one.availability),
        _ => None,
    }
}

fn reason(availability: Availability) -> Option<AwayReason> {
    if let Availability::Away { reason, .. } = availability { Some(reason) } else { None }
}

async fn there(test: &TestEngine) -> Vec<Colleague> {
    test.engine.colleagues(&test.cara).await
}

#[tokio::test]
async fn away_status_is_per_agent_and_survives_reload_and_restart() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut bob, ann) = (test.dashboard(&test.bob).await, test.dashboard(&test.ann).await);
    let words = AwayReason::Other("Fetching parcels".into());
    test.engine.set_availability(&test.ann, Some(words.clone())).await.expect("set to away");
    bob.wait_for(|frame| availability_of(&test.ann)(frame).and_then(reason).filter(|reason| *reason == words)).await;
    drop(ann);
    // Ann's other device and a colleague who connects later both see it immediately.
    let mut ann = test.dashboard(&test.ann).await;
    assert_eq!(ann.wait_for(availability_of(&test.ann)).await, there(&test).await[0].availability);
    let test = test.restart(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    assert_eq!(reason(ann.wait_for(availability_of(&test.ann)).await), Some(words));
    test.engine.set_availability(&test.ann, None).await.expect("set to available");
    ann.wait_for(|frame| availability_of(&test.ann)(frame).filter(Availability::is_available)).await;
}

#[tokio::test]
async fn away_reason_is_bounded_and_idle_cannot_be_chosen() {
    let test = TestEngine::open(Timers::default()).await;
    let send_message = async |reason| test.engine.set_availability(&test.ann, Some(reason)).await;
    assert_eq!(send_message(AwayReason::Other(" ".into())).await, Err(Refusal::Empty));
    let long = "ä".repeat(AWAY_CHARS + 1);
    assert_eq!(send_message(AwayReason::Other(long)).await, Err(Refusal::TooLong { limit: 60 }));
    assert_eq!(send_message(AwayReason::Idle).await, Err(Refusal::Forbidden));
    assert_eq!(send_message(AwayReason::Other("ä".repeat(AWAY_CHARS))).await, Ok(()));
}

#[tokio::test]
async fn input_ends_idle_but_not_a_chosen_away_reason() {
    let test = TestEngine::open(Timers { agent_idle: 50, ..Timers::default() }).await;
    let mut bob = test.dashboard(&test.bob).await;
    let mut ann = test.dashboard(&test.ann).await;
    test.engine.set_availability(&test.bob, Some(AwayReason::Lunch)).await.expect("set to away");
    ann.handle_frame(FromAgent::Input).await.expect("frame accepted");
    bob.handle_frame(FromAgent::Input).await.expect("frame accepted");
    ann.wait_for(|frame| availability_of(&test.ann)(frame).filter(Availability::is_idle)).await;
    ann.handle_frame(FromAgent::Input).await.expect("frame accepted");
    ann.wait_for(|frame| availability_of(&test.ann)(frame).filter(Availability::is_available)).await;
    bob.receive_pending().await;
    let bobs = there(&test).await.into_iter().find(|one| one.agent == test.bob.agent).expect("agent connected");
    assert_eq!(reason(bobs.availability), Some(AwayReason::Lunch));
}

#[tokio::test]
async fn away_agent_is_notified_of_waiting_chats_only_on_return() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    test.engine.set_availability(&test.ann, Some(AwayReason::Break)).await.expect("set to away");
    let (mut vera, _) = test.tab(None).await;
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let (chat, _) = bob.wait_for_notice(waiting).await;
    // Ann's other device does not get a notice either.
    let mut other = test.dashboard(&test.ann).await;
    for connection in [&mut ann, &mut other] {
        let frames = connection.receive_pending().await;
        assert!(!frames.iter().any(|frame| matches!(frame, ToAgent::Notice(_))), "{frames:?}");
    }
    // When no one in the team is available, all available agents are notified, but Ann still is not.
    test.engine.set_availability(&test.bob, Some(AwayReason::Meeting)).await.expect("set to away");
    let (mut cara, mut dora) = (test.dashboard(&test.cara).await, test.dashboard(&test.dora).await);
    let (mut willy, _) = test.tab(None).await;
    willy.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    dora.wait_for_notice(waiting).await;
    for connection in [&mut ann, &mut cara] {
        let frames = connection.receive_pending().await;
        assert!(!frames.iter().any(|frame| matches!(frame, ToAgent::Notice(_))), "{frames:?}");
    }
    test.engine.set_availability(&test.ann, None).await.expect("set to available");
    assert_eq!(ann.wait_for_notice(waiting).await.0, chat, "the longest-waiting chat first");
}
