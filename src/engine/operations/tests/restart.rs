//! Covers scenario 11: the server restarts while invitations and chats are open. Timers are restored, and both sides
//! resume.

use protocol::{chat::ChatState, invitation::Answer, refusal::Refusal, status::Status};

use super::*;

#[tokio::test]
async fn both_sides_resume() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, vera_token) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    vera.send_message("Are you there?").await;
    let (mut willy, willy_token) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut willy).await;
    let (in_chat, invited) = (vera.visit(), willy.visit());
    let mut ann = test.dashboard(&test.ann).await;
    let test = test.restart(Timers::default()).await;
    for close_reason in [vera.end().await, willy.end().await, ann.end().await] {
        assert!(matches!(close_reason, CloseReason::Restarting { within } if within > 0), "{close_reason:?}");
    }
    drop((vera, willy, ann));
    assert_eq!(test.status(in_chat).await, Some(Status::InProgress));
    assert_eq!(test.status(invited).await, Some(Status::AgentRequested));

    let mut ann = test.dashboard(&test.ann).await;
    let chats = ann.wait_for(|frame| if let ToAgent::Chats(chats) = frame { Some(chats) } else { None }).await;
    assert_eq!(chats.iter().map(|one| one.chat.id).collect::<Vec<_>>(), [chat]);
    let (mut vera, _) = test.tab(Some(vera_token.token)).await;
    assert_eq!(vera.visit(), in_chat);
    let client_id = ClientId(Uuid::now_v7());
    ann.handle_frame(FromAgent::SendMessage { chat, client_id, text: "I am.".into() }).await.expect("frame accepted");
    let said = std::cell::RefCell::new(Vec::new());
    vera.wait_for(|frame| {
        if let ToVisitor::Entries(entries) = frame {
            said.borrow_mut().extend(entries);
        }
        (said.borrow().last()?.client_id == Some(client_id)).then_some(())
    })
    .await;
    assert_eq!(texts(&said.borrow()), ["Are you there?", "I am."]);
    let (mut willy, _) = test.tab(Some(willy_token.token)).await;
    willy.answer_invitation(invitation, Answer::Accept).await;
    assert_eq!(
        ann.wait_for_notice(accepted).await,
        test.row(invited).await.and_then(|row| row.chat).expect("chat exists").id
    );
    assert_eq!(test.engine.board(&test.ann).await.rows.len(), 2);
}

#[tokio::test]
async fn timers_of_open_work_continue_after_a_restart() {
    let test = TestEngine::open(Timers { invitation_lifetime: 2_000, ..Timers::default() }).await;
    let (mut vera, _) = test.tab(None).await;
    let chat = test.chat(&mut vera).await;
    let (mut willy, _) = test.tab(None).await;
    test.invite_visitor(&mut willy).await;
    let (in_chat, invited) = (vera.visit(), willy.visit());
    drop((vera, willy));
    let timers = Timers { agent_reconnecting: 10, agent_lost: 20, agent_reassign: 30, ..Timers::default() };
    let test = test.restart(timers).await;
    // Ann does not reconnect. The invitation expires by wall-clock time, which also counts the time spent restarting.
    let row = test
        .wait_for_row(in_chat, |row| row.chat.as_ref().is_some_and(|chat| chat.state == ChatState::Unclaimed))
        .await;
    assert_eq!(row.chat.map(|had| had.id), Some(chat));
    test.wait_for_row(invited, |row| row.invitation.is_none()).await;
    let asked = test.engine.invite(&test.bob, invited, "Hello".into()).await;
    assert!(matches!(asked, Err(Refusal::Quiet { .. } | Refusal::VisitorLeft)), "{asked:?}");
}

/// A stored visitor without an open invitation or chat continues the same visit.
#[tokio::test]
async fn visit_continues_across_a_restart() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    vera.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    let before = test.row(vera.visit()).await.expect("row exists");
    drop(vera);
    let test = test.restart(Timers::default()).await;
    assert_eq!(test.row(before.visit).await, None, "no open invitation or chat");
    let (vera, _) = test.tab(Some(welcome.token.clone())).await;
    assert_eq!(test.row(vera.visit()).await.map(|row| (row.visit, row.since)), Some((before.visit, before.since)));
    drop(vera);
    let test = test.restart(Timers { new_visit_after: 0, ..Timers::default() }).await;
    let (vera, _) = test.tab(Some(welcome.token)).await;
    assert_ne!(vera.visit(), before.visit, "a new visit after the gap");
    test.wait_for_status(vera.visit(), Status::Online).await;
}
