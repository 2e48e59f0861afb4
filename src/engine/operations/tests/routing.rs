//! Chats that wait are offered to one agent after the other, where their team wants it.

use protocol::{availability::AwayReason, chat::ChatState, refusal::Refusal};

use super::*;
use crate::{routing::Routing, store::Actor};

async fn routed(timers: Timers, routing: Routing) -> TestEngine {
    let test = TestEngine::open(timers).await;
    let now = test.engine.now();
    test.engine.store().set_routing(Actor::from(&test.ann), test.team, routing, now).await.expect("set");
    test
}

#[expect(clippy::needless_pass_by_value, reason = "stands for a closure")]
fn offered(notice: Notice) -> Option<ChatId> {
    if let Notice::Offered { chat, .. } = notice { Some(chat) } else { None }
}

async fn asks(test: &TestEngine) -> (VisitorConnection, ChatId) {
    let (mut connection, _) = test.tab(None).await;
    connection.handle_frame(FromVisitor::AskForPerson).await.expect("heard");
    let chat = test.row(connection.visit()).await.and_then(|row| row.chat).expect("a chat").id;
    (connection, chat)
}

fn notices(frames: Vec<ToAgent>) -> Vec<Notice> {
    frames
        .into_iter()
        .filter_map(|frame| if let ToAgent::Notice(notice) = frame { Some(notice) } else { None })
        .collect()
}

#[tokio::test]
async fn offered_in_turn_then_to_the_next_then_to_everyone() {
    let test = routed(Timers { offer: 80, ..Timers::default() }, Routing::RoundRobin).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let mut cara = test.dashboard(&test.cara).await;
    let (mut vera, chat) = asks(&test).await;
    // The visitor is not told of somebody who need not come.
    let expected = vera.until(|frame| if let ToVisitor::Chat(Some(chat)) = frame { Some(chat.agent) } else { None });
    assert_eq!(expected.await, None);
    let first = test.row(vera.visit()).await.and_then(|row| row.chat).expect("a chat").reserved_for;
    assert_eq!(ann.is_told(offered).await, chat);
    assert_eq!(first, Some(test.ann.agent), "nobody had one yet: she was there first");
    assert_eq!(bob.is_told(offered).await, chat);
    assert_eq!(ann.is_told(waiting).await, (chat, false), "nobody is left: everyone");
    assert_eq!(bob.is_told(waiting).await, (chat, false));
    assert!(notices(cara.catches_up().await).is_empty(), "she is in no team");
    test.engine.claim(&test.ann, chat).await.expect("claimed");
}

#[tokio::test]
async fn an_offer_is_claimed_declined_or_passed_on_and_goes_to_nobody_who_is_away_or_full() {
    let test = routed(Timers::default(), Routing::RoundRobin).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let (_vera, chat) = asks(&test).await;
    assert_eq!(ann.is_told(offered).await, chat);
    assert!(matches!(
        test.engine.claim(&test.bob, chat).await,
        Err(Refusal::Reserved { agent, .. }) if agent == test.ann.agent
    ));
    assert_eq!(test.engine.decline(&test.bob, chat).await, Err(Refusal::Changed { agent: None }), "not his to decline");
    test.engine.decline(&test.ann, chat).await.expect("declined");
    assert_eq!(bob.is_told(offered).await, chat);
    test.engine.claim(&test.bob, chat).await.expect("claimed");

    // Her turn; going away passes it on at once.
    let (_willy, chat) = asks(&test).await;
    assert_eq!(ann.is_told(offered).await, chat);
    test.engine.set_availability(&test.ann, Some(AwayReason::Lunch)).await.expect("away");
    assert_eq!(bob.is_told(offered).await, chat);
    test.engine.claim(&test.bob, chat).await.expect("claimed");

    // Scenario 10, by the way of an offer: she is away, he has as many as he may.
    let (xenia, chat) = asks(&test).await;
    assert_eq!(test.row(xenia.visit()).await.and_then(|row| row.chat).expect("a chat").reserved_for, None);
    assert_eq!(bob.is_told(waiting).await, (chat, false));
    assert!(notices(ann.catches_up().await).iter().all(|notice| offered(notice.clone()) != Some(chat)));
}

#[tokio::test]
async fn the_least_busy_is_offered_first_and_the_inviter_before_all() {
    let timers = Timers { reservation: 100, ..Timers::default() };
    let test = routed(timers, Routing::LeastBusy).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let (_vera, chat) = asks(&test).await;
    assert_eq!(ann.is_told(offered).await, chat);
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    // Ann invites: hers alone, and only then offered, to Bob, who has fewer.
    let (mut willy, _) = test.tab(None).await;
    let invitation = test.invited(&mut willy).await;
    willy.answers(invitation, Answer::Accept).await;
    let chat = ann.is_told(accepted).await;
    let row = test.row(willy.visit()).await.and_then(|row| row.chat).expect("a chat");
    assert_eq!((row.reserved_for, row.offered), (Some(test.ann.agent), false));
    assert_eq!(bob.is_told(offered).await, chat);
    let row = test.row(willy.visit()).await.and_then(|row| row.chat).expect("a chat");
    assert_eq!((row.reserved_for, row.offered, row.state), (Some(test.bob.agent), true, ChatState::Unclaimed));
}

#[tokio::test]
async fn an_offer_outlives_a_restart_and_who_comes_back_is_told_of_it() {
    let test = routed(Timers::default(), Routing::RoundRobin).await;
    let ann = test.dashboard(&test.ann).await;
    let (_vera, chat) = asks(&test).await;
    drop(ann);
    let test = test.restarts(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    assert_eq!(ann.is_told(offered).await, chat);
    test.engine.claim(&test.ann, chat).await.expect("claimed");
}
