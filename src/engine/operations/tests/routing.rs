//! Tests for routing: if a team is configured that way, its unclaimed chats are offered to one agent after another.

use protocol::{availability::AwayReason, chat::ChatState, refusal::Refusal};

use super::*;
use crate::{routing::Routing, store::Actor};

async fn routed(timers: Timers, routing: Routing) -> TestEngine {
    let test = TestEngine::open(timers).await;
    let now = test.engine.now();
    test.engine.store().set_routing(Actor::from(&test.ann), test.team, routing, now).await.expect("routing set");
    test
}

#[expect(clippy::needless_pass_by_value, reason = "passed as a closure")]
fn offered(notice: Notice) -> Option<ChatId> {
    if let Notice::Offered { chat, .. } = notice { Some(chat) } else { None }
}

async fn asks(test: &TestEngine) -> (VisitorConnection, ChatId) {
    let (mut connection, _) = test.tab(None).await;
    connection.handle_frame(FromVisitor::AskForPerson).await.expect("frame accepted");
    let chat = test.row(connection.visit()).await.and_then(|row| row.chat).expect("chat exists").id;
    (connection, chat)
}

fn notices(frames: Vec<ToAgent>) -> Vec<Notice> {
    frames
        .into_iter()
        .filter_map(|frame| if let ToAgent::Notice(notice) = frame { Some(notice) } else { None })
        .collect()
}

#[tokio::test]
async fn chat_is_offered_in_turn_then_to_everyone() {
    let test = routed(Timers { offer: 80, ..Timers::default() }, Routing::RoundRobin).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let mut cara = test.dashboard(&test.cara).await;
    let (mut vera, chat) = asks(&test).await;
    // An agent can decline an offer, so the visitor is not told who has it.
    let expected = vera.wait_for(|frame| if let ToVisitor::Chat(Some(chat)) = frame { Some(chat.agent) } else { None });
    assert_eq!(expected.await, None);
    let first = test.row(vera.visit()).await.and_then(|row| row.chat).expect("chat exists").reserved_for;
    assert_eq!(ann.wait_for_notice(offered).await, chat);
    assert_eq!(first, Some(test.ann.agent), "no agent has had a chat yet, and Ann was there first");
    assert_eq!(bob.wait_for_notice(offered).await, chat);
    assert_eq!(ann.wait_for_notice(waiting).await, (chat, false), "no agent is left, so the chat is open to everyone");
    assert_eq!(bob.wait_for_notice(waiting).await, (chat, false));
    assert!(notices(cara.receive_pending().await).is_empty(), "not in any team");
    test.engine.claim(&test.ann, chat).await.expect("claimed");
}

#[tokio::test]
async fn offer_skips_away_and_full_agents_and_moves_on_when_declined() {
    let test = routed(Timers::default(), Routing::RoundRobin).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let (_vera, chat) = asks(&test).await;
    assert_eq!(ann.wait_for_notice(offered).await, chat);
    assert!(matches!(
        test.engine.claim(&test.bob, chat).await,
        Err(Refusal::Reserved { agent, .. }) if agent == test.ann.agent
    ));
    assert_eq!(
        test.engine.decline(&test.bob, chat).await,
        Err(Refusal::ChatChanged { agent: None }),
        "not offered to Bob"
    );
    test.engine.decline(&test.ann, chat).await.expect("declined");
    assert_eq!(bob.wait_for_notice(offered).await, chat);
    test.engine.claim(&test.bob, chat).await.expect("claimed");

    // It is Ann's turn. When she sets herself to away, the offer moves on immediately.
    let (_willy, chat) = asks(&test).await;
    assert_eq!(ann.wait_for_notice(offered).await, chat);
    test.engine.set_availability(&test.ann, Some(AwayReason::Lunch)).await.expect("set to away");
    assert_eq!(bob.wait_for_notice(offered).await, chat);
    test.engine.claim(&test.bob, chat).await.expect("claimed");

    // Covers scenario 10 for offers: Ann is away, and Bob is at the chat limit.
    let (xenia, chat) = asks(&test).await;
    assert_eq!(test.row(xenia.visit()).await.and_then(|row| row.chat).expect("chat exists").reserved_for, None);
    assert_eq!(bob.wait_for_notice(waiting).await, (chat, false));
    assert!(notices(ann.receive_pending().await).iter().all(|notice| offered(notice.clone()) != Some(chat)));
}

#[tokio::test]
async fn chat_is_offered_to_the_inviter_then_to_the_least_busy() {
    let timers = Timers { reservation: 100, ..Timers::default() };
    let test = routed(timers, Routing::LeastBusy).await;
    let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
    let (_vera, chat) = asks(&test).await;
    assert_eq!(ann.wait_for_notice(offered).await, chat);
    test.engine.claim(&test.ann, chat).await.expect("claimed");
    // Ann sends the invitation, so the chat is first reserved for her and then offered to Bob, who has fewer chats.
    let (mut willy, _) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut willy).await;
    willy.answer_invitation(invitation, Answer::Accept).await;
    let chat = ann.wait_for_notice(accepted).await;
    let row = test.row(willy.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((row.reserved_for, row.offered), (Some(test.ann.agent), false));
    assert_eq!(bob.wait_for_notice(offered).await, chat);
    let row = test.row(willy.visit()).await.and_then(|row| row.chat).expect("chat exists");
    assert_eq!((row.reserved_for, row.offered, row.state), (Some(test.bob.agent), true, ChatState::Unclaimed));
}

#[tokio::test]
async fn offer_survives_a_restart_and_reaches_the_returning_agent() {
    let test = routed(Timers::default(), Routing::RoundRobin).await;
    let ann = test.dashboard(&test.ann).await;
    let (_vera, chat) = asks(&test).await;
    drop(ann);
    let test = test.restart(Timers::default()).await;
    let mut ann = test.dashboard(&test.ann).await;
    assert_eq!(ann.wait_for_notice(offered).await, chat);
    test.engine.claim(&test.ann, chat).await.expect("claimed");
}
