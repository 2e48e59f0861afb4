//! Tests for a concierge's invitation policy: its quiet periods, and the pages on which visitors are never invited.

use protocol::{invitation::InvitationState, refusal::Refusal};

use super::*;
use crate::store::InvitationPolicy;

fn page(path: &str) -> Page {
    Page { url: format!("{SHOP}{path}"), title: path.into() }
}

fn invitation(frame: ToVisitor) -> Option<Option<InvitationId>> {
    if let ToVisitor::Invitation(invitation) = frame { Some(invitation.map(|one| one.id)) } else { None }
}

#[tokio::test]
async fn no_invitation_on_an_excluded_page() {
    let invitation_policy =
        InvitationPolicy { excluded_paths: vec!["/checkout/*".into()], ..InvitationPolicy::default() };
    let test = TestEngine::with(Timers::default(), invitation_policy).await;
    let (mut vera, _) = test.tab(None).await;
    vera.handle_frame(FromVisitor::Page(page("/checkout/pay"))).await.expect("frame accepted");
    let refused = test.engine.invite(&test.ann, vera.visit(), "How can I help?".into()).await;
    assert_eq!(refused, Err(Refusal::NoPromptHere));
    vera.handle_frame(FromVisitor::Page(page("/boots"))).await.expect("frame accepted");
    let asked = test.invite_visitor(&mut vera).await;
    assert_eq!(vera.wait_for(invitation).await, Some(asked));
    // On the excluded page the prompt disappears, but the invitation stays open.
    vera.handle_frame(FromVisitor::Page(page("/checkout/pay"))).await.expect("frame accepted");
    assert_eq!(vera.wait_for(invitation).await, None);
    assert_eq!(test.status(vera.visit()).await, Some(Status::AgentRequested));
    vera.handle_frame(FromVisitor::Page(page("/thanks"))).await.expect("frame accepted");
    assert_eq!(vera.wait_for(invitation).await, Some(asked));
}

#[tokio::test]
async fn tab_opened_on_an_excluded_page_shows_no_prompt() {
    let invitation_policy = InvitationPolicy { excluded_paths: vec!["/boots".into()], ..InvitationPolicy::default() };
    let test = TestEngine::with(Timers::default(), invitation_policy).await;
    let (mut vera, welcome) = test.tab(None).await;
    vera.handle_frame(FromVisitor::Page(page("/"))).await.expect("frame accepted");
    let asked = test.invite_visitor(&mut vera).await;
    let (mut other, _) = test.tab(Some(welcome.token)).await;
    let frames = other.receive_pending().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ToVisitor::Invitation(Some(_)))), "{frames:?}");
    other.handle_frame(FromVisitor::Page(page("/socks"))).await.expect("frame accepted");
    assert_eq!(other.wait_for(invitation).await, Some(asked));
}

#[tokio::test]
async fn concierge_overrides_the_quiet_periods() {
    let invitation_policy = InvitationPolicy {
        quiet_after_deny: Some(3 * 60 * 60_000),
        quiet_after_unanswered: Some(2 * 60 * 60_000),
        ..InvitationPolicy::default()
    };
    let test = TestEngine::with(Timers { invitation_lifetime: 30, ..Timers::default() }, invitation_policy).await;
    let begun = test.engine.now();
    let (mut vera, _) = test.tab(None).await;
    test.invite_visitor(&mut vera).await;
    let expired = test.wait_for_row(vera.visit(), |row| row.quiet_until.is_some()).await;
    assert!(expired.quiet_until.is_some_and(|until| until >= begun + 2 * 60 * 60_000), "{expired:?}");

    let test = TestEngine::with(Timers::default(), test.invitation_policy.clone()).await;
    let (mut vera, _) = test.tab(None).await;
    let asked = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(asked, Answer::Deny).await;
    let denied = test.wait_for_row(vera.visit(), |row| row.quiet_until.is_some()).await;
    assert!(denied.quiet_until.is_some_and(|until| until >= begun + 3 * 60 * 60_000), "{denied:?}");
    assert_eq!(denied.invitation.map(|one| one.state), Some(InvitationState::Denied));
}
