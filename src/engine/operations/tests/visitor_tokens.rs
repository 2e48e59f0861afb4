//! Tests for visitors' tokens: they change without any tab losing its visitor, and they expire.

use protocol::{id::VisitorId, refusal::Refusal};

use super::*;
use crate::{operations::arrivals::hash, store::NewVisitor};

const HOUR: protocol::Millis = 60 * 60 * 1_000;

impl TestEngine {
    /// Stores a visitor who was last here this many hours ago, and returns their token.
    async fn visitor_of_before(&self, hours: protocol::Millis, secret: u8) -> (VisitorId, VisitorToken) {
        let (id, token) = (VisitorId(Uuid::now_v7()), VisitorToken([secret; 32]));
        let now = self.engine.now() - hours * HOUR;
        let new = NewVisitor { id, organization: self.ann.organization, token_hash: hash(&token), now };
        self.engine.store().persist_visitor(new).await.expect("stored");
        (id, token)
    }
}

#[tokio::test]
async fn old_token_is_replaced_and_every_tab_is_told_the_same_one() {
    let test = TestEngine::open(Timers::default()).await;
    let (vera, old) = test.visitor_of_before(25, 1).await;
    let (one, first) = test.tab(Some(old.clone())).await;
    assert_ne!(first.token, old);
    // The answer may have been lost, and other tabs still have the old token.
    let (two, second) = test.tab(Some(old.clone())).await;
    let (three, third) = test.tab(Some(first.token.clone())).await;
    let (four, fourth) = test.tab(Some(old.clone())).await;
    for (tab, welcome) in [(&one, &first), (&two, &second), (&three, &third), (&four, &fourth)] {
        assert_eq!((tab.visitor, &welcome.token), (vera, &first.token));
        assert_eq!(tab.visit(), one.visit());
    }
    for token in [&old, &first.token] {
        assert_eq!(test.engine.may_rate(token).await, Ok(false), "files and ratings accept both for a while");
    }
}

#[tokio::test]
async fn previous_token_ends_a_grace_after_the_new_one_was_used() {
    let test = TestEngine::open(Timers::default()).await;
    let (vera, old) = test.visitor_of_before(25, 1).await;
    let (_, first) = test.tab(Some(old.clone())).await;
    test.engine.store().retire_previous_token(vera, test.engine.now() - 1).await.expect("retired");
    assert_eq!(test.engine.may_rate(&old).await, Err(Refusal::NotSignedIn));
    let (stranger, welcome) = test.tab(Some(old.clone())).await;
    assert!(stranger.visitor != vera && welcome.token != old && welcome.token != first.token);
    let (tab, welcome) = test.tab(Some(first.token.clone())).await;
    assert_eq!((tab.visitor, welcome.token), (vera, first.token));
}

#[tokio::test]
async fn tabs_that_connect_at_the_same_time_stay_the_same_visitor() {
    let test = TestEngine::open(Timers::default()).await;
    let (vera, old) = test.visitor_of_before(25, 1).await;
    let tab = || test.tab(Some(old.clone()));
    let tabs = tokio::join!(tab(), tab(), tab(), tab());
    let tabs = [tabs.0, tabs.1, tabs.2, tabs.3];
    let (_, next) = test.tab(Some(old.clone())).await;
    for (tab, welcome) in tabs {
        assert_eq!(tab.visitor, vera);
        assert!([&old, &next.token].contains(&&welcome.token), "a tab has either the old or the new token");
    }
}

#[tokio::test]
async fn inviting_a_visitor_does_not_bring_the_old_token_back() {
    let test = TestEngine::open(Timers::default()).await;
    let (vera, old) = test.visitor_of_before(25, 1).await;
    let (mut tab, welcome) = test.tab(Some(old)).await;
    test.invite_visitor(&mut tab).await;
    tab.handle_frame(FromVisitor::Interacted).await.expect("frame accepted");
    let (again, same) = test.tab(Some(welcome.token.clone())).await;
    assert_eq!((again.visitor, same.token), (vera, welcome.token));
}

#[tokio::test]
async fn young_token_stays_and_an_unused_one_ends() {
    let test = TestEngine::open(Timers::default()).await;
    let (vera, young) = test.visitor_of_before(23, 1).await;
    let (tab, welcome) = test.tab(Some(young.clone())).await;
    assert_eq!((tab.visitor, welcome.token), (vera, young));
    let (vito, unused) = test.visitor_of_before(365 * 24 + 1, 2).await;
    assert_eq!(test.engine.may_rate(&unused).await, Err(Refusal::NotSignedIn));
    let (tab, welcome) = test.tab(Some(unused.clone())).await;
    assert!(tab.visitor != vito && welcome.token != unused, "the visitor counts as new");
    // A visitor who is not stored keeps the token for as long as the visit lasts.
    let (guest, welcome) = test.tab(None).await;
    let (again, same) = test.tab(Some(welcome.token.clone())).await;
    assert_eq!((again.visitor, same.token), (guest.visitor, welcome.token));
}
