//! Agents who are away: by their own word, or idle.

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
async fn away_is_the_agents_not_the_devices_and_outlives_reload_and_restart() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut bob, ann) = (test.dashboard(&test.bob).await, test.dashboard(&test.ann).await);
    let words = AwayReason::Other("Fetching parcels".into());
    test.engine.set_availability(&test.ann, Some(words.clone())).await.expect("away");
    bob.until(|frame| availability_of(&test.ann)(frame).and_then(reason).filter(|reason| *reason == words)).await;
    drop(ann);
    // Another device, and a colleague who comes later, know it at once.
    let mut ann = test.dashboard(&test.ann).await;
    assert_eq!(ann.until(availability_of(&test.ann)).await, there(&test).await[0].availability);
    let test = test.restarts(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    assert_eq!(reason(ann.until(availability_of(&test.ann)).await), Some(words));
    test.engine.set_availability(&test.ann, None).await.expect("back");
    ann.until(|frame| availability_of(&test.ann)(frame).filter(Availability::is_available)).await;
}

#[tokio::test]
async fn a_reason_has_bounds_and_nobody_says_idle_of_himself() {
    let test = TestEngine::open(Timers::default()).await;
    let send_message = async |reason| test.engine.set_availability(&test.ann, Some(reason)).await;
    assert_eq!(send_message(AwayReason::Other(" ".into())).await, Err(Refusal::Empty));
    let long = "ä".repeat(AWAY_CHARS + 1);
    assert_eq!(send_message(AwayReason::Other(long)).await, Err(Refusal::TooLong { limit: 60 }));
    assert_eq!(send_message(AwayReason::Idle).await, Err(Refusal::Forbidden));
    assert_eq!(send_message(AwayReason::Other("ä".repeat(AWAY_CHARS))).await, Ok(()));
}

#[tokio::test]
async fn who_is_idle_is_away_until_a_hand_moves_and_who_is_at_lunch_stays_there() {
    let test = TestEngine::open(Timers { agent_idle: 50, ..Timers::default() }).await;
    let mut bob = test.dashboard(&test.bob).await;
    let mut ann = test.dashboard(&test.ann).await;
    test.engine.set_availability(&test.bob, Some(AwayReason::Lunch)).await.expect("away");
    ann.handle_frame(FromAgent::Input).await.expect("heard");
    bob.handle_frame(FromAgent::Input).await.expect("heard");
    ann.until(|frame| availability_of(&test.ann)(frame).filter(Availability::is_idle)).await;
    ann.handle_frame(FromAgent::Input).await.expect("heard");
    ann.until(|frame| availability_of(&test.ann)(frame).filter(Availability::is_available)).await;
    bob.catches_up().await;
    let bobs = there(&test).await.into_iter().find(|one| one.agent == test.bob.agent).expect("there");
    assert_eq!(reason(bobs.availability), Some(AwayReason::Lunch));
}

#[tokio::test]
async fn who_is_away_is_not_called_to_chats_that_wait_but_hears_of_them_when_he_is_back() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    test.engine.set_availability(&test.ann, Some(AwayReason::Break)).await.expect("away");
    let (mut vera, _) = test.tab(None).await;
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    let (chat, _) = bob.is_told(waiting).await;
    // Another device of hers is not told either.
    let mut other = test.dashboard(&test.ann).await;
    for connection in [&mut ann, &mut other] {
        let told = connection.catches_up().await;
        assert!(!told.iter().any(|frame| matches!(frame, ToAgent::Notice(_))), "{told:?}");
    }
    // With nobody of the team available, everybody who is available is called, and still not she.
    test.engine.set_availability(&test.bob, Some(AwayReason::Meeting)).await.expect("away");
    let mut cara = test.dashboard(&test.cara).await;
    let (mut willy, _) = test.tab(None).await;
    willy.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    cara.is_told(waiting).await;
    assert!(!ann.catches_up().await.iter().any(|frame| matches!(frame, ToAgent::Notice(_))));
    test.engine.set_availability(&test.ann, None).await.expect("back");
    assert_eq!(ann.is_told(waiting).await.0, chat, "the one that waits longest first");
}
