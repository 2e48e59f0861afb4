//! Scenario 11: the server restarts with open invitations and chats; timers are rebuilt, both sides resume.

use protocol::{chat::ChatState, invitation::Answer, refusal::Refusal, status::Status};

use super::*;

#[tokio::test]
async fn both_sides_resume() {
    let house = House::open(Timers::default()).await;
    let (mut vera, vera_token) = house.tab(None).await;
    let chat = house.chat(&mut vera).await;
    vera.says("Are you there?").await;
    let (mut willy, willy_token) = house.tab(None).await;
    let invitation = house.invited(&mut willy).await;
    let (in_chat, invited) = (vera.visit(), willy.visit());
    let mut ann = house.dashboard(&house.ann).await;
    let house = house.restarts(Timers::default()).await;
    for close_reason in [vera.end().await, willy.end().await, ann.end().await] {
        assert!(matches!(close_reason, CloseReason::Restarting { within } if within > 0), "{close_reason:?}");
    }
    drop((vera, willy, ann));
    assert_eq!(house.status(in_chat).await, Some(Status::InProgress));
    assert_eq!(house.status(invited).await, Some(Status::AgentRequested));

    let mut ann = house.dashboard(&house.ann).await;
    let chats = ann.until(|frame| if let ToAgent::Chats(chats) = frame { Some(chats) } else { None }).await;
    assert_eq!(chats.iter().map(|one| one.chat.id).collect::<Vec<_>>(), [chat]);
    let (mut vera, _) = house.tab(Some(vera_token.token)).await;
    assert_eq!(vera.visit(), in_chat);
    let client_id = ClientId(Uuid::now_v7());
    ann.handle_frame(FromAgent::SendMessage { chat, client_id, text: "I am.".into() }).await.expect("heard");
    let said = std::cell::RefCell::new(Vec::new());
    vera.until(|frame| {
        if let ToVisitor::Entries(entries) = frame {
            said.borrow_mut().extend(entries);
        }
        (said.borrow().last()?.client_id == Some(client_id)).then_some(())
    })
    .await;
    assert_eq!(texts(&said.borrow()), ["Are you there?", "I am."]);
    let (mut willy, _) = house.tab(Some(willy_token.token)).await;
    willy.answers(invitation, Answer::Accept).await;
    assert_eq!(ann.is_told(accepted).await, house.row(invited).await.and_then(|row| row.chat).expect("a chat").id);
    assert_eq!(house.engine.board(&house.ann).await.rows.len(), 2);
}

#[tokio::test]
async fn the_timers_of_what_stood_open_go_on() {
    let house = House::open(Timers { invitation_lifetime: 2_000, ..Timers::default() }).await;
    let (mut vera, _) = house.tab(None).await;
    let chat = house.chat(&mut vera).await;
    let (mut willy, _) = house.tab(None).await;
    house.invited(&mut willy).await;
    let (in_chat, invited) = (vera.visit(), willy.visit());
    drop((vera, willy));
    let timers = Timers { agent_silent: 10, agent_lost: 20, agent_returned: 30, ..Timers::default() };
    let house = house.restarts(timers).await;
    // Ann does not come back, and the invitation's time runs out by the clock on the wall.
    let row = house.sees(in_chat, |row| row.chat.as_ref().is_some_and(|chat| chat.state == ChatState::Unclaimed)).await;
    assert_eq!(row.chat.map(|had| had.id), Some(chat));
    house.sees(invited, |row| row.invitation.is_none()).await;
    let asked = house.engine.invite(&house.bob, invited, "Hello".into()).await;
    assert!(matches!(asked, Err(Refusal::Quiet { .. } | Refusal::VisitorLeft)), "{asked:?}");
}

/// A remembered visitor who was only looking is in the same visit as before.
#[tokio::test]
async fn a_visit_goes_on_over_the_restart() {
    let house = House::open(Timers::default()).await;
    let (mut vera, welcome) = house.tab(None).await;
    vera.handle_frame(FromVisitor::Acted).await.expect("heard");
    let before = house.row(vera.visit()).await.expect("a row");
    drop(vera);
    let house = house.restarts(Timers::default()).await;
    assert_eq!(house.row(before.visit).await, None, "nothing stood open");
    let (vera, _) = house.tab(Some(welcome.token.clone())).await;
    assert_eq!(house.row(vera.visit()).await.map(|row| (row.visit, row.since)), Some((before.visit, before.since)));
    drop(vera);
    let house = house.restarts(Timers { new_visit_after: 0, ..Timers::default() }).await;
    let (vera, _) = house.tab(Some(welcome.token)).await;
    assert_ne!(vera.visit(), before.visit, "after the gap it is another");
    house.is(vera.visit(), Status::Online).await;
}
