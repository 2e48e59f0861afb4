//! Tests for quiet periods after a denial, and for refused connections.

use protocol::{board::Board, invitation::Answer, refusal::Refusal, status::Status};

use super::*;

#[tokio::test]
async fn unlisted_site_is_refused_and_our_own_frame_is_accepted() {
    let test = TestEngine::open(Timers::default()).await;
    for (host, turned_away) in [("https://evil.test", true), ("null", true), ("https://shop.test", false), ("", false)]
    {
        let hello = Hello { host: host.into(), ..test.hello_from(None) };
        assert_eq!(test.connect(hello).await.err(), turned_away.then_some(CloseReason::WrongSite), "{host}");
    }
}

#[tokio::test]
async fn open_tabs_of_one_visitor_are_limited() {
    let test = TestEngine::open(Timers::default()).await;
    let (_first, welcome) = test.tab(None).await;
    let mut tabs = Vec::new();
    let turned_away = loop {
        match test.connect(test.hello_from(Some(welcome.token.clone()))).await {
            Ok(tab) => tabs.push(tab),
            Err(close_reason) => break close_reason,
        }
    };
    assert!(matches!(turned_away, CloseReason::TooMany { .. }), "{turned_away:?}");
    assert_eq!(tabs.len(), 50);
    assert!(test.connect(test.hello_from(None)).await.is_ok(), "another visitor");
    tabs.pop();
    assert!(test.connect(test.hello_from(Some(welcome.token))).await.is_ok());
}

/// Covers scenario 18 with a dashboard that follows the board's batches.
#[tokio::test]
async fn denial_is_announced_and_blocks_further_invitations() {
    let test = TestEngine::open(Timers::default()).await;
    let engine = &test.engine;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, welcome) = test.tab(None).await;
    let (mut other_tab, _) = test.tab(Some(welcome.token)).await;
    let invitation = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(invitation, Answer::Deny).await;
    let quiet = |frame| if let ToVisitor::Quiet { until } = frame { Some(until) } else { None };
    let until = other_tab.wait_for(quiet).await;
    for who in [&test.ann, &test.bob] {
        assert_eq!(engine.invite(who, vera.visit(), "Hello".into()).await, Err(Refusal::Quiet { until }));
    }
    // Denying again from the other tab changes nothing.
    other_tab.answer_invitation(invitation, Answer::Deny).await;
    assert_eq!(other_tab.wait_for(quiet).await, until);

    let board = std::cell::RefCell::new(None::<Board>);
    let row = ann.wait_for(|frame| {
        let mut board = board.borrow_mut();
        match frame {
            ToAgent::Snapshot(piece) => *board = Some(piece.part.into()),
            ToAgent::Batch(batch) => board.as_mut().expect("snapshot came first").apply(batch).expect("no gap"),
            _ => {}
        }
        let row = board.as_ref()?.rows.get(&vera.visit())?;
        (row.status(engine.now()) == Status::UserDenied).then(|| row.clone())
    });
    assert_eq!(row.await.quiet_until, Some(until), "the agent sees when the quiet period ends");
}

/// Covers scenario 18 across a restart: if denying was the visitor's only action, that alone is enough for the visitor
/// to be stored.
#[tokio::test]
async fn denial_survives_a_restart() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    assert!(!welcome.persisted);
    let invitation = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(invitation, Answer::Deny).await;
    let before = test.row(vera.visit()).await.expect("row exists");
    assert_eq!(before.status(test.engine.now()), Status::UserDenied);
    drop(vera);

    let test = test.restart(Timers::default()).await;
    let (mut vera, again) = test.tab(Some(welcome.token.clone())).await;
    assert_eq!((again.persisted, again.quiet_until), (true, before.quiet_until));
    let frames = vera.receive_pending().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ToVisitor::Invitation(Some(_)))));
    let row = test.row(vera.visit()).await.expect("row exists");
    assert_eq!(row.status(test.engine.now()), Status::UserDenied);
    assert_eq!((row.visit, row.since, row.quiet_until), (before.visit, before.since, before.quiet_until));
    let until = before.quiet_until.expect("quiet period set");
    let asked = test.engine.invite(&test.bob, vera.visit(), "Hello".into()).await;
    assert_eq!(asked, Err(Refusal::Quiet { until }));
}

/// The quiet period lasts for the rest of the visit, in the database as well.
#[tokio::test]
async fn quiet_period_that_ends_in_the_same_visit_is_extended() {
    let test = TestEngine::open(Timers { quiet_after_deny: 30, ..Timers::default() }).await;
    let (mut vera, welcome) = test.tab(None).await;
    let invitation = test.invite_visitor(&mut vera).await;
    vera.answer_invitation(invitation, Answer::Deny).await;
    let quiet = |frame| if let ToVisitor::Quiet { until } = frame { Some(until) } else { None };
    let first = vera.wait_for(quiet).await;
    let second = vera.wait_for(quiet).await;
    assert!(second >= first + 29 * 60_000, "lasts until a new visit could begin");
    assert_eq!(test.status(vera.visit()).await, Some(Status::UserDenied));
    drop(vera);
    let test = test.restart(Timers::default()).await;
    let (vera, again) = test.tab(Some(welcome.token)).await;
    assert_eq!(again.quiet_until, Some(second));
    assert_eq!(test.status(vera.visit()).await, Some(Status::UserDenied));
}

/// Covers scenario 17: all timestamps come from the server, no matter what the browser sends.
#[tokio::test]
async fn timestamps_come_from_the_server_clock() {
    let test = TestEngine::open(Timers::default()).await;
    let before = test.engine.now();
    let (vera, welcome) = test.tab(None).await;
    let row = test.row(vera.visit()).await.expect("row exists");
    for time in [row.since, welcome.now] {
        assert!((before..=test.engine.now()).contains(&time));
    }
}
