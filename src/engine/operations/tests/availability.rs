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

async fn there(house: &House) -> Vec<Colleague> {
    house.engine.colleagues(&house.cara).await
}

#[tokio::test]
async fn away_is_the_agents_not_the_devices_and_outlives_reload_and_restart() {
    let house = House::open(Timers::default()).await;
    let (mut bob, ann) = (house.dashboard(&house.bob).await, house.dashboard(&house.ann).await);
    let words = AwayReason::Other("Fetching parcels".into());
    house.engine.set_availability(&house.ann, Some(words.clone())).await.expect("away");
    bob.until(|frame| availability_of(&house.ann)(frame).and_then(reason).filter(|reason| *reason == words)).await;
    drop(ann);
    // Another device, and a colleague who comes later, know it at once.
    let mut ann = house.dashboard(&house.ann).await;
    assert_eq!(ann.until(availability_of(&house.ann)).await, there(&house).await[0].availability);
    let house = house.restarts(Timers::default()).await;
    let mut ann = house.dashboard(&house.ann).await;
    assert_eq!(reason(ann.until(availability_of(&house.ann)).await), Some(words));
    house.engine.set_availability(&house.ann, None).await.expect("back");
    ann.until(|frame| availability_of(&house.ann)(frame).filter(Availability::is_available)).await;
}

#[tokio::test]
async fn a_reason_has_bounds_and_nobody_says_idle_of_himself() {
    let house = House::open(Timers::default()).await;
    let send_message = async |reason| house.engine.set_availability(&house.ann, Some(reason)).await;
    assert_eq!(send_message(AwayReason::Other(" ".into())).await, Err(Refusal::Empty));
    let long = "ä".repeat(AWAY_CHARS + 1);
    assert_eq!(send_message(AwayReason::Other(long)).await, Err(Refusal::TooLong { limit: 60 }));
    assert_eq!(send_message(AwayReason::Idle).await, Err(Refusal::Forbidden));
    assert_eq!(send_message(AwayReason::Other("ä".repeat(AWAY_CHARS))).await, Ok(()));
}

#[tokio::test]
async fn who_is_idle_is_away_until_a_hand_moves_and_who_is_at_lunch_stays_there() {
    let house = House::open(Timers { agent_idle: 50, ..Timers::default() }).await;
    let mut bob = house.dashboard(&house.bob).await;
    let mut ann = house.dashboard(&house.ann).await;
    house.engine.set_availability(&house.bob, Some(AwayReason::Lunch)).await.expect("away");
    ann.handle_frame(FromAgent::Input).await.expect("heard");
    bob.handle_frame(FromAgent::Input).await.expect("heard");
    ann.until(|frame| availability_of(&house.ann)(frame).filter(Availability::is_idle)).await;
    ann.handle_frame(FromAgent::Input).await.expect("heard");
    ann.until(|frame| availability_of(&house.ann)(frame).filter(Availability::is_available)).await;
    bob.catches_up().await;
    let bobs = there(&house).await.into_iter().find(|one| one.agent == house.bob.agent).expect("there");
    assert_eq!(reason(bobs.availability), Some(AwayReason::Lunch));
}

#[tokio::test]
async fn who_is_away_is_not_called_to_chats_that_wait_but_hears_of_them_when_he_is_back() {
    let house = House::open(Timers::default()).await;
    let (mut ann, mut bob) = (house.dashboard(&house.ann).await, house.dashboard(&house.bob).await);
    house.engine.set_availability(&house.ann, Some(AwayReason::Break)).await.expect("away");
    let (mut vera, _) = house.tab(None).await;
    vera.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    let (chat, _) = bob.is_told(waiting).await;
    // Another device of hers is not told either.
    let mut other = house.dashboard(&house.ann).await;
    for connection in [&mut ann, &mut other] {
        let told = connection.catches_up().await;
        assert!(!told.iter().any(|frame| matches!(frame, ToAgent::Notice(_))), "{told:?}");
    }
    // With nobody of the team available, everybody who is available is called, and still not she.
    house.engine.set_availability(&house.bob, Some(AwayReason::Meeting)).await.expect("away");
    let mut cara = house.dashboard(&house.cara).await;
    let (mut willy, _) = house.tab(None).await;
    willy.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    cara.is_told(waiting).await;
    assert!(!ann.catches_up().await.iter().any(|frame| matches!(frame, ToAgent::Notice(_))));
    house.engine.set_availability(&house.ann, None).await.expect("back");
    assert_eq!(ann.is_told(waiting).await.0, chat, "the one that waits longest first");
}
