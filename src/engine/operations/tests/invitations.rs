//! Tests for invitations, from a visitor on the board to a chat.

use protocol::{
    agent::{FromAgent, ToAgent},
    chat::{Body, ChatEvent, ChatState},
    id::ClientId,
    invitation::{Answer, InvitationState},
    notice::Notice,
    presence::TabActivity,
    refusal::Refusal,
    status::Status,
    visitor::{FromVisitor, ToVisitor},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::*;

fn shown(frame: ToVisitor) -> Option<protocol::invitation::VisitorInvitation> {
    if let ToVisitor::Invitation(shown) = frame { shown } else { None }
}

#[tokio::test]
async fn accepted_invitation_becomes_a_chat() {
    let test = TestEngine::open(Timers::default()).await;
    let engine = &test.engine;
    let (mut vera, welcome) = test.tab(None).await;
    let visit = vera.visit();
    let row = test.row(visit).await.expect("row exists");
    assert_eq!((row.page.url.as_str(), row.browser.as_str()), ("https://shop.test/boots", "Firefox 143 · Linux"));
    let mut ann = test.dashboard(&test.ann).await;

    // Covers scenario 1.
    let invitation = engine.invite(&test.ann, visit, " How can I help? ".into()).await.expect("invited");
    let second = engine.invite(&test.bob, visit, "Hello".into()).await;
    assert!(matches!(second, Err(Refusal::AlreadyInvited { by, .. }) if by == test.ann.agent), "{second:?}");
    let prompt = vera.wait_for(shown).await;
    assert_eq!((prompt.id, prompt.text.as_str(), prompt.by.name.as_str()), (invitation, "How can I help?", "Ann"));
    vera.handle_frame(FromVisitor::Seen(invitation)).await.expect("frame accepted");
    let row = test.row(visit).await.expect("row exists");
    assert_eq!(row.invitation.map(|had| had.state), Some(InvitationState::Seen));

    // Covers scenarios 2 and 3: two tabs accept, and two agents claim.
    let (mut other_tab, _) = test.tab(Some(welcome.token)).await;
    vera.answer_invitation(invitation, Answer::Accept).await;
    other_tab.answer_invitation(invitation, Answer::Accept).await;
    let chat = ann.wait_for_notice(accepted).await;
    assert_eq!(engine.board(&test.ann).await.rows.len(), 1);
    assert!(matches!(engine.claim(&test.bob, chat).await, Err(Refusal::Reserved { .. })));
    engine.claim(&test.ann, chat).await.expect("claimed");
    let late = engine.claim(&test.bob, chat).await;
    assert!(matches!(late, Err(Refusal::AlreadyClaimed { by, .. }) if by == test.ann.agent), "{late:?}");

    // A message from the agent reaches both tabs.
    let client_id = ClientId(Uuid::now_v7());
    ann.handle_frame(FromAgent::SendMessage { chat, client_id, text: "Forty-two.".into() })
        .await
        .expect("frame accepted");
    for tab in [&mut vera, &mut other_tab] {
        let heard = tab.wait_for(|frame| match frame {
            ToVisitor::Entries(entries) => entries.into_iter().find(|entry| entry.client_id == Some(client_id)),
            _ => None,
        });
        assert_eq!(heard.await.body, Body::Text("Forty-two.".into()));
    }
    engine.end(&test.ann, chat).await.expect("ended");
    let row = test.row(visit).await.expect("row exists");
    assert_eq!(row.chat.map(|chat| chat.state), Some(ChatState::Ended));
    drop((vera, other_tab, ann));
    engine.stop().await;
}

/// Covers scenario 13: an invitation expires.
#[tokio::test]
async fn unanswered_invitation_expires_and_its_agent_is_notified() {
    let test = TestEngine::open(Timers { invitation_lifetime: 20, ..Timers::default() }).await;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, _) = test.tab(None).await;
    let (_other, _) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut vera).await;
    let ended = ann.wait_for_notice(|notice| match notice {
        Notice::Unanswered { invitation, left, .. } => Some((invitation, left)),
        _ => None,
    });
    assert_eq!(ended.await, (invitation, false));
    let again = test.engine.invite(&test.bob, vera.visit(), "Hello".into()).await;
    assert!(matches!(again, Err(Refusal::Quiet { .. })), "quiet for ten minutes after an unanswered invitation");
}

/// Covers scenario 4: a visitor who accepts is never turned away.
#[tokio::test]
async fn late_acceptance_starts_a_chat_for_the_whole_team() {
    for is_withdrawn in [true, false] {
        let lifetime = if is_withdrawn { 600_000 } else { 20 };
        let test = TestEngine::open(Timers { invitation_lifetime: lifetime, ..Timers::default() }).await;
        let (mut ann, mut bob) = (test.dashboard(&test.ann).await, test.dashboard(&test.bob).await);
        let (mut vera, _) = test.tab(None).await;
        let invitation = test.invite_visitor(&mut vera).await;
        if is_withdrawn {
            test.engine.withdraw(&test.ann, invitation).await.expect("withdrawn");
        }
        vera.wait_for(|frame| matches!(frame, ToVisitor::Invitation(None)).then_some(())).await;
        vera.answer_invitation(invitation, Answer::Accept).await;
        let late = ann.wait_for_notice(|notice| match notice {
            Notice::Accepted { chat, late, .. } => Some((chat, late)),
            _ => None,
        });
        let (chat, late) = late.await;
        assert!(late);
        assert_eq!(bob.wait_for_notice(waiting).await, (chat, false), "not reserved for anyone");
        assert_eq!(test.status(vera.visit()).await, Some(Status::Unclaimed));
        let entries = test.engine.entries(&test.bob, chat, 0).await.expect("entries read");
        assert_eq!(entries[0].body, Body::Event(ChatEvent::Accepted { by: test.ann.agent, late: true }));
        test.engine.claim(&test.bob, chat).await.expect("claimed");
        let frames = ann.receive_pending().await;
        let is_waiting = |frame: &ToAgent| matches!(frame, ToAgent::Notice(Notice::Waiting { .. }));
        assert!(!frames.iter().any(is_waiting), "the inviter has already received the acceptance notice");
    }
}

/// Covers scenarios 14 and 15: in a hidden tab, the invitation counts as delivered. It counts as seen once the tab is
/// visible.
#[tokio::test]
async fn invitation_in_a_hidden_tab_is_delivered_but_not_seen() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, _) = test.tab(None).await;
    let state = async |connection: &VisitorConnection| {
        test.row(connection.visit()).await.and_then(|row| row.invitation).expect("invitation exists").state
    };
    let typing = TabActivity { typing_in_form: true, ..VISIBLE };
    vera.handle_frame(FromVisitor::Activity(typing)).await.expect("frame accepted");
    let invitation = test.invite_visitor(&mut vera).await;
    assert_eq!(vera.wait_for(shown).await.id, invitation, "the widget shows it as a badge");
    vera.handle_frame(FromVisitor::Delivered(invitation)).await.expect("frame accepted");
    assert_eq!(state(&vera).await, InvitationState::Delivered);
    vera.handle_frame(FromVisitor::Activity(TabActivity { visible: false, ..VISIBLE })).await.expect("frame accepted");
    vera.handle_frame(FromVisitor::Seen(invitation)).await.expect("frame accepted");
    assert_eq!(state(&vera).await, InvitationState::Delivered, "the tab is hidden");
    let before = test.row(vera.visit()).await.and_then(|row| row.invitation).expect("invitation exists").expires_at;
    vera.handle_frame(FromVisitor::Activity(VISIBLE)).await.expect("frame accepted");
    vera.handle_frame(FromVisitor::Seen(invitation)).await.expect("frame accepted");
    let seen = test.row(vera.visit()).await.and_then(|row| row.invitation).expect("invitation exists");
    assert_eq!(seen.state, InvitationState::Seen);
    assert!(seen.expires_at < before, "expires 90 s after it was seen");
}

/// Covers scenario 16: an automated browser has no row on the board or in the database, and it cannot be invited.
#[tokio::test]
async fn automated_browser_has_no_row_before_its_first_input() {
    let test = TestEngine::open(Timers::default()).await;
    let mut hello = test.hello_from(None);
    hello.automated = true;
    hello.activity.input = false;
    let mut robot = test.connect(hello).await.expect("connected");
    let token = robot.wait_for(|frame| match frame {
        ToVisitor::Welcome(welcome) => Some(welcome.token),
        _ => None,
    });
    let token: [u8; 32] = Sha256::digest(token.await.0).into();
    robot.receive_pending().await;
    assert_eq!(test.row(robot.visit()).await, None);
    let invited = test.engine.invite(&test.ann, robot.visit(), "Hello".into()).await;
    assert_eq!(invited, Err(Refusal::NotFound));
    assert!(test.engine.store().visitor_by_token(token).await.expect("read").is_none());
    robot.handle_frame(FromVisitor::Activity(VISIBLE)).await.expect("frame accepted");
    assert_eq!(test.status(robot.visit()).await, Some(Status::Online));
    assert!(test.engine.store().visitor_by_token(token).await.expect("read").is_none(), "not stored until it acts");
    robot.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    assert!(test.engine.store().visitor_by_token(token).await.expect("read").is_some());
}

/// Covers scenarios 5 and 7: the next page shows the prompt as part of the same visit.
#[tokio::test]
async fn prompt_follows_to_the_next_page_and_a_left_tab_may_return() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut vera).await;
    vera.handle_frame(FromVisitor::Leaving).await.expect("frame accepted");
    let (mut next_page, again) = test.tab(Some(welcome.token.clone())).await;
    assert!(again.persisted && again.token == welcome.token);
    assert_eq!((next_page.wait_for(shown).await.id, next_page.visit()), (invitation, vera.visit()));
    drop(vera);
    assert_eq!(test.status(next_page.visit()).await, Some(Status::AgentRequested));
    let (mut third, _) = test.tab(Some(welcome.token)).await;
    assert_eq!(third.wait_for(shown).await.id, invitation);
    assert_eq!(test.engine.board(&test.ann).await.rows.len(), 1);
}

/// Covers scenario 6: an invited visitor closes the last tab.
#[tokio::test]
async fn closing_the_last_tab_while_invited_counts_as_leaving() {
    let test = TestEngine::open(Timers { grace: 20, ..Timers::default() }).await;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, welcome) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut vera).await;
    drop(vera);
    let left = ann.wait_for_notice(|notice| match notice {
        Notice::Unanswered { invitation, left, .. } => Some((invitation, left)),
        _ => None,
    });
    assert_eq!(left.await, (invitation, true));
    let (mut again, _) = test.tab(Some(welcome.token)).await;
    let frames = again.receive_pending().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ToVisitor::Invitation(Some(_)))), "no prompt is shown");
}
