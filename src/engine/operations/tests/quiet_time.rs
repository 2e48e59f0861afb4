//! Who is left alone, and who is turned away.

use protocol::{board::Board, invitation::Answer, refusal::Refusal, status::Status};

use super::*;

#[tokio::test]
async fn another_site_is_turned_away_and_our_own_frame_is_not() {
    let test = TestEngine::open(Timers::default()).await;
    for (host, turned_away) in [("https://evil.test", true), ("null", true), ("https://shop.test", false), ("", false)]
    {
        let hello = Hello { host: host.into(), ..test.a_hello(None) };
        assert_eq!(test.says_hello(hello).await.err(), turned_away.then_some(CloseReason::WrongSite), "{host}");
    }
}

#[tokio::test]
async fn nobody_takes_all_tabs_alone() {
    let test = TestEngine::open(Timers::default()).await;
    let (_first, welcome) = test.tab(None).await;
    let mut tabs = Vec::new();
    let turned_away = loop {
        match test.says_hello(test.a_hello(Some(welcome.token.clone()))).await {
            Ok(tab) => tabs.push(tab),
            Err(close_reason) => break close_reason,
        }
    };
    assert!(matches!(turned_away, CloseReason::TooMany { .. }), "{turned_away:?}");
    assert_eq!(tabs.len(), 50);
    assert!(test.says_hello(test.a_hello(None)).await.is_ok(), "another visitor");
    tabs.pop();
    assert!(test.says_hello(test.a_hello(Some(welcome.token))).await.is_ok());
}

/// Scenario 18, and a dashboard that follows by batches.
#[tokio::test]
async fn a_denial_is_told_and_keeps_everybody_away() {
    let test = TestEngine::open(Timers::default()).await;
    let engine = &test.engine;
    let mut ann = test.dashboard(&test.ann).await;
    let (mut vera, welcome) = test.tab(None).await;
    let (mut other_tab, _) = test.tab(Some(welcome.token)).await;
    let invitation = test.invited(&mut vera).await;
    vera.answers(invitation, Answer::Deny).await;
    let quiet = |frame| if let ToVisitor::Quiet { until } = frame { Some(until) } else { None };
    let until = other_tab.until(quiet).await;
    for who in [&test.ann, &test.bob] {
        assert_eq!(engine.invite(who, vera.visit(), "Hello".into()).await, Err(Refusal::Quiet { until }));
    }
    // The same no from the other tab is the same no.
    other_tab.answers(invitation, Answer::Deny).await;
    assert_eq!(other_tab.until(quiet).await, until);

    let board = std::cell::RefCell::new(None::<Board>);
    let row = ann.until(|frame| {
        let mut board = board.borrow_mut();
        match frame {
            ToAgent::Snapshot(piece) => *board = Some(piece.part.into()),
            ToAgent::Batch(batch) => board.as_mut().expect("a snapshot comes first").apply(batch).expect("no gap"),
            _ => {}
        }
        let row = board.as_ref()?.rows.get(&vera.visit())?;
        (row.status(engine.now()) == Status::UserDenied).then(|| row.clone())
    });
    assert_eq!(row.await.quiet_until, Some(until), "the agent sees until when");
}

/// Scenario 18, after the server's restart: one who had never done anything but to deny is known by it.
#[tokio::test]
async fn a_denial_outlives_the_server() {
    let test = TestEngine::open(Timers::default()).await;
    let (mut vera, welcome) = test.tab(None).await;
    assert!(!welcome.persisted);
    let invitation = test.invited(&mut vera).await;
    vera.answers(invitation, Answer::Deny).await;
    let before = test.row(vera.visit()).await.expect("a row");
    assert_eq!(before.status(test.engine.now()), Status::UserDenied);
    drop(vera);

    let test = test.restarts(Timers::default()).await;
    let (mut vera, again) = test.tab(Some(welcome.token.clone())).await;
    assert_eq!((again.persisted, again.quiet_until), (true, before.quiet_until));
    let frames = vera.catches_up().await;
    assert!(!frames.iter().any(|frame| matches!(frame, ToVisitor::Invitation(Some(_)))));
    let row = test.row(vera.visit()).await.expect("a row");
    assert_eq!(row.status(test.engine.now()), Status::UserDenied);
    assert_eq!((row.visit, row.since, row.quiet_until), (before.visit, before.since, before.quiet_until));
    let until = before.quiet_until.expect("quiet");
    let asked = test.engine.invite(&test.bob, vera.visit(), "Hello".into()).await;
    assert_eq!(asked, Err(Refusal::Quiet { until }));
}

/// The quiet is for the rest of the visit, in the database too.
#[tokio::test]
async fn a_quiet_that_runs_out_in_the_same_visit_goes_on() {
    let test = TestEngine::open(Timers { quiet_after_deny: 30, ..Timers::default() }).await;
    let (mut vera, welcome) = test.tab(None).await;
    let invitation = test.invited(&mut vera).await;
    vera.answers(invitation, Answer::Deny).await;
    let quiet = |frame| if let ToVisitor::Quiet { until } = frame { Some(until) } else { None };
    let first = vera.until(quiet).await;
    let second = vera.until(quiet).await;
    assert!(second >= first + 29 * 60_000, "until a new visit could begin");
    assert_eq!(test.status(vera.visit()).await, Some(Status::UserDenied));
    drop(vera);
    let test = test.restarts(Timers::default()).await;
    let (vera, again) = test.tab(Some(welcome.token)).await;
    assert_eq!(again.quiet_until, Some(second));
    assert_eq!(test.status(vera.visit()).await, Some(Status::UserDenied));
}

/// Scenario 17: whatever a browser says of itself, times are the server's.
#[tokio::test]
async fn a_visitor_brings_no_time_with_him() {
    let test = TestEngine::open(Timers::default()).await;
    let before = test.engine.now();
    let (vera, welcome) = test.tab(None).await;
    let row = test.row(vera.visit()).await.expect("a row");
    for time in [row.since, welcome.now] {
        assert!((before..=test.engine.now()).contains(&time));
    }
}
