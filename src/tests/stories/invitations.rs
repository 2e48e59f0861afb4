//! Inviting visitors and claiming chats: scenarios 1, 2, 4, and 13.

use protocol::{
    chat::{Body, ChatEvent, ChatState},
    invitation::{Answer, InvitationState},
    notice::Notice,
    refusal::Refusal,
    status::Status,
    visitor::FromVisitor,
};

use crate::{
    client_ext::{AgentExt, VisitorExt, expect_one_ok},
    test_server::{TestServer, now},
};

#[tokio::test(flavor = "multi_thread")]
async fn scenario_1_of_two_concurrent_invitations_the_loser_learns_the_winner() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut board = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = board.wait_for_row("/boots").await.visit;

    let began = now();
    let (first, second) = tokio::join!(
        server.engine.invite(&ann.me, visit, "Ann here".into()),
        server.engine.invite(&ben.me, visit, "Ben here".into())
    );
    let (ann_won, invitation, refused) = expect_one_ok(first, second);
    let winner = if ann_won { ann.me.agent } else { ben.me.agent };
    match refused {
        Refusal::AlreadyInvited { by, at } => assert!(by == winner && (began..=now()).contains(&at), "{by} at {at}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(visitor.wait_for_invitation().await, invitation);
    let row = board.wait_for_status(visit, Status::AgentRequested).await;
    assert_eq!(row.invitation.unwrap().by, winner);
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_2_of_two_concurrent_claims_the_loser_learns_the_winner() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut board = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = board.wait_for_row("/boots").await.visit;
    visitor.send_frame(&FromVisitor::AskForPerson).await.unwrap();
    let chat = visitor.until("the chat", |visitor| visitor.chat.as_ref().map(|chat| chat.id)).await;

    let (first, second) = tokio::join!(server.engine.claim(&ann.me, chat), server.engine.claim(&ben.me, chat));
    let (ann_won, (), refused) = expect_one_ok(first, second);
    let winner = if ann_won { ann.me.agent } else { ben.me.agent };
    assert_eq!(refused, Refusal::AlreadyClaimed { chat, by: winner });
    let row = board.wait_for_status(visit, Status::InProgress).await;
    assert_eq!(row.chat.unwrap().agent, Some(winner));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_sent_delivered_seen_and_accepted_and_the_inviter_claims() {
    let server = TestServer::start().await;
    let (ann, ben) = (server.sign_in("ann").await, server.sign_in("ben").await);
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let invitation = server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    assert_eq!(visitor.wait_for_invitation().await, invitation);

    for (frame, state) in [
        (FromVisitor::Delivered(invitation), InvitationState::Delivered),
        (FromVisitor::Seen(invitation), InvitationState::Seen),
    ] {
        visitor.send_frame(&frame).await.unwrap();
        dashboard
            .until(state.as_str(), |agent| {
                agent.board.rows[&visit].invitation.as_ref().filter(|invitation| invitation.state == state).map(|_| ())
            })
            .await;
    }
    visitor.answer_invitation(invitation, Answer::Accept).await.unwrap();
    let (chat, reserved_until) = dashboard
        .until("the inviter's notice", |agent| {
            agent.notices.iter().find_map(|notice| match notice {
                Notice::Accepted { chat, reserved_until, late: false, .. } => Some((*chat, *reserved_until)),
                _ => None,
            })
        })
        .await;
    assert!(reserved_until > now());
    // For the first few seconds, the chat is reserved for the agent who sent the invitation.
    assert!(
        matches!(server.engine.claim(&ben.me, chat).await, Err(Refusal::Reserved { agent, .. }) if agent == ann.me.agent)
    );
    server.engine.claim(&ann.me, chat).await.unwrap();
    visitor
        .until("the agent in the chat", |visitor| {
            visitor.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress).and_then(|chat| chat.agent.clone())
        })
        .await;
    dashboard.wait_for_status(visit, Status::InProgress).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_4_accepting_after_withdrawal_still_starts_a_chat() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let invitation = server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    visitor.wait_for_invitation().await;
    server.engine.withdraw(&ann.me, invitation).await.unwrap();

    visitor.answer_invitation(invitation, Answer::Accept).await.unwrap();
    let chat = visitor.until("the chat from the late acceptance", |visitor| visitor.chat.clone()).await;
    assert_eq!(chat.state, ChatState::Unclaimed);
    visitor
        .until("the chat to be marked as late", |visitor| {
            visitor
                .entries
                .iter()
                .find(|entry| matches!(entry.body, Body::Event(ChatEvent::Accepted { late: true, .. })))
                .map(|_| ())
        })
        .await;
    assert_eq!(visitor.refused, []);
    dashboard.wait_for_status(visit, Status::Unclaimed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_4_accepting_after_expiry_still_starts_a_chat() {
    let server = TestServer::with_timers(|timers| timers.invitation_lifetime = 100).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut visitor = server.visitor("/boots").await;
    let visit = dashboard.wait_for_row("/boots").await.visit;
    let invitation = server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    dashboard
        .until("the expiry", |agent| {
            agent.notices.iter().find(|notice| matches!(notice, Notice::Unanswered { left: false, .. })).map(|_| ())
        })
        .await;

    visitor.answer_invitation(invitation, Answer::Accept).await.unwrap();
    visitor.until("the chat from the late acceptance", |visitor| visitor.chat.clone()).await;
    dashboard.wait_for_status(visit, Status::Unclaimed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_13_one_expired_invitation_changes_one_row() {
    let server = TestServer::with_timers(|timers| timers.invitation_seen_lifetime = 150).await;
    let ann = server.sign_in("ann").await;
    let mut dashboard = server.dashboard(&ann).await;
    let mut seen = server.visitor("/boots").await;
    let mut unseen = server.visitor("/packs").await;
    let (row, other) = (dashboard.wait_for_row("/boots").await, dashboard.wait_for_row("/packs").await);
    for visit in [row.visit, other.visit] {
        server.engine.invite(&ann.me, visit, "How can I help?".into()).await.unwrap();
    }
    unseen.wait_for_invitation().await;
    let invitation = seen.wait_for_invitation().await;
    let before = dashboard.wait_for_status(other.visit, Status::AgentRequested).await;
    dashboard.wait_for_status(row.visit, Status::AgentRequested).await;

    seen.send_frame(&FromVisitor::Seen(invitation)).await.unwrap();
    dashboard.wait_for_status(row.visit, Status::Online).await;
    let is_end = |notice: &&Notice| matches!(notice, Notice::Unanswered { .. });
    dashboard.until("the notice", |agent| agent.notices.iter().find(is_end).map(|_| ())).await;
    let ended: Vec<_> = dashboard.notices.iter().filter(|notice| matches!(notice, Notice::Unanswered { .. })).collect();
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(dashboard.board.rows[&other.visit], before);
    // The database agrees with the board.
    let open = server.engine.store().open_invitations().await.unwrap();
    assert_eq!(open.len(), 1);
}
