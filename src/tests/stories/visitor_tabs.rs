//! One visitor with multiple tabs and page loads: scenarios 3, 5, 6, 7, and 15.

use load::Agent;
use protocol::{
    chat::ChatState,
    invitation::{Answer, InvitationState},
    notice::Notice,
    presence::TabActivity,
    status::Status,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::{TestServer, page},
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_3_accepting_in_two_tabs_starts_one_chat_in_both() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut one = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let mut other = server.tab("/packs", Some(one.token())).await;
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = one.wait_for_invitation().await;
    assert_eq!(other.wait_for_invitation().await, invitation);

    let (first, second) = tokio::join!(
        one.answer_invitation(invitation, Answer::Accept),
        other.answer_invitation(invitation, Answer::Accept)
    );
    first.unwrap();
    second.unwrap();
    let chat = one.until("the chat in the first tab", |tab| tab.chat.as_ref().map(|chat| chat.id)).await;
    assert_eq!(other.until("the chat in the second tab", |tab| tab.chat.as_ref().map(|chat| chat.id)).await, chat);
    one.wait_until_synced().await;
    other.wait_until_synced().await;
    assert!(one.refused.is_empty() && other.refused.is_empty());
    assert_eq!(server.engine.store().live_chats().await.unwrap().len(), 1);
    dashboard.wait_for_status(visit, Status::Unclaimed).await;
    assert_eq!(dashboard.board.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_5_an_invitation_follows_to_the_next_page() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = visitor.wait_for_invitation().await;
    visitor.send_frame(&FromVisitor::Seen(invitation)).await.unwrap();
    let seen = dashboard
        .until("the invitation to be seen", |agent| {
            agent.board.rows[&visit].invitation.clone().filter(|invitation| invitation.state == InvitationState::Seen)
        })
        .await;

    // The visitor navigates within a single-page app …
    visitor.navigate(page("/boots/ridgeline")).await.unwrap();
    assert_eq!(dashboard.wait_for_row("/boots/ridgeline").await.visit, visit);
    // … and then with a full page load.
    let token = visitor.token();
    visitor.disconnect().await;
    let mut visitor = server.tab("/checkout", Some(token)).await;
    assert_eq!(visitor.wait_for_invitation().await, invitation);
    let row = dashboard.wait_for_row("/checkout").await;
    assert_eq!(row.visit, visit);
    assert_eq!(row.invitation.unwrap().expires_at, seen.expires_at, "the countdown continues");
    assert!(
        !dashboard.notices.iter().any(|notice| matches!(notice, Notice::Denied { .. } | Notice::Unanswered { .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_6_leaving_while_invited_ends_the_invitation() {
    let server = TestServer::with_timers(|timers| timers.grace = 100).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    visitor.wait_for_invitation().await;
    let token = visitor.token();
    visitor.disconnect().await;

    dashboard
        .until("the notice that the visitor left", |agent| {
            agent.notices.iter().find(|notice| matches!(notice, Notice::Unanswered { left: true, .. })).map(|_| ())
        })
        .await;
    dashboard.wait_for_status(visit, Status::Ended).await;
    let mut again = server.tab("/boots", Some(token)).await;
    again.wait_until_synced().await;
    assert_eq!(again.invitation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_7_a_reload_resumes_the_same_chat_and_row() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let chat = server.start_claimed_chat(&ann, &mut visitor, visit).await;
    let said = visitor.send_message("Do they run small?").await.unwrap();
    visitor.until("the tick", |visitor| visitor.acknowledged.iter().find(|(id, _)| *id == said).copied()).await;
    let token = visitor.token();
    visitor.drop_connection();

    let mut visitor = server.tab("/boots", Some(token)).await;
    let here = visitor.until("the same chat", |visitor| visitor.chat.clone()).await;
    assert_eq!((here.id, here.state), (chat, ChatState::InProgress));
    visitor
        .until("the message", |visitor| visitor.messages().contains(&(true, "Do they run small?")).then_some(()))
        .await;
    dashboard.wait_for_status(visit, Status::InProgress).await;
    assert_eq!(dashboard.board.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_15_an_invitation_in_a_hidden_tab_is_seen_once_visible() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let hidden = TabActivity { visible: false, typing_in_form: false, input: false };
    visitor.send_frame(&FromVisitor::Activity(hidden)).await.unwrap();
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = visitor.wait_for_invitation().await;
    // If the widget in a hidden tab claims that the invitation was seen, the server ignores it.
    visitor.send_frame(&FromVisitor::Seen(invitation)).await.unwrap();
    let is = |state: InvitationState| {
        move |agent: &Agent| agent.board.rows[&visit].invitation.clone().filter(|invitation| invitation.state == state)
    };
    let delivered = dashboard.until("the delivery", is(InvitationState::Delivered)).await;

    visitor.send_frame(&FromVisitor::Activity(TabActivity { visible: true, ..hidden })).await.unwrap();
    visitor.send_frame(&FromVisitor::Seen(invitation)).await.unwrap();
    let seen = dashboard.until("the invitation to be seen", is(InvitationState::Seen)).await;
    assert!(seen.expires_at < delivered.expires_at, "the countdown starts when the invitation is seen");
}
