//! The invitation policy as enforced by the server: scenarios 14 and 18.

use protocol::{
    invitation::{Answer, InvitationState},
    notice::Notice,
    presence::TabActivity,
    refusal::Refusal,
    status::Status,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt},
    test_server::{TestServer, now},
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_18_after_a_denial_no_page_or_tab_is_invited() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let mut other_tab = server.tab("/packs", Some(visitor.token())).await;
    let visit = dashboard.until("the row", |agent| agent.board.rows.keys().next().copied()).await;
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = visitor.wait_for_invitation().await;
    other_tab.wait_for_invitation().await;
    visitor.answer_invitation(invitation, Answer::Deny).await.unwrap();

    let until = dashboard
        .until("the notice that the visitor denied", |agent| {
            agent.notices.iter().find_map(|notice| match notice {
                Notice::Denied { quiet_until, .. } => Some(*quiet_until),
                _ => None,
            })
        })
        .await;
    assert!(until >= now() + 29 * 60_000);
    let row = dashboard.wait_for_status(visit, Status::UserDenied).await;
    assert_eq!(row.quiet_until, Some(until), "the agent sees when the quiet period ends");
    for who in [&ann, &ben] {
        assert_eq!(server.engine.invite(&who.me, visit, "Really not?".into()).await, Err(Refusal::Quiet { until }));
    }
    other_tab.until("the quiet period in the other tab", |tab| tab.quiet_until).await;
    assert_eq!(other_tab.until("the prompt to disappear", |tab| tab.invitation.is_none().then_some(())).await, ());
    let mut next_page = server.tab("/checkout", Some(visitor.token())).await;
    assert_eq!(next_page.quiet_until, Some(until));
    next_page.wait_until_synced().await;
    assert_eq!(next_page.invitation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_14_an_invitation_while_typing_is_seen_after_leaving_the_field() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/checkout").await;
    let visit = dashboard.wait_for_row("/checkout").await.visit;
    let types = TabActivity { visible: true, typing_in_form: true, input: true };
    visitor.send_frame(&FromVisitor::Activity(types)).await.unwrap();
    server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    let invitation = visitor.wait_for_invitation().await;
    // The badge does not count as the prompt, so the countdown, which starts when the invitation is seen, is not
    // running yet.
    visitor.send_frame(&FromVisitor::Delivered(invitation)).await.unwrap();
    let as_it_is = |wanted| {
        move |agent: &load::Agent| {
            agent.board.rows.get(&visit)?.invitation.clone().filter(|invitation| invitation.state == wanted)
        }
    };
    let delivered = dashboard.until("the delivery", as_it_is(InvitationState::Delivered)).await;
    assert_eq!(delivered.expires_at - delivered.sent_at, 600_000);
    visitor.send_frame(&FromVisitor::Activity(TabActivity { typing_in_form: false, ..types })).await.unwrap();
    visitor.send_frame(&FromVisitor::Seen(invitation)).await.unwrap();
    let seen = dashboard.until("the invitation to be seen", as_it_is(InvitationState::Seen)).await;
    assert!(seen.expires_at < delivered.expires_at, "the countdown has started");
}
