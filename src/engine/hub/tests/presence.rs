//! Tests for tabs, presence, and returning visitors.

use protocol::{
    id::{VisitId, VisitorId},
    page::Page,
    presence::Presence,
    status::Status,
};

use super::{
    super::event::{Arrival, Effect, Event, KnownVisitor, TakenPageView},
    HIDDEN, MINUTE, SECOND, SEEN, Story, arrival, id,
};

#[test]
fn a_visitor_is_online_then_idle_and_online_again() {
    let mut story = Story::begin();
    story.arrive(arrival(1, 1));
    assert_eq!(story.status(), Status::Online);
    assert_eq!(story.wait(5 * MINUTE - 1).presence(), Presence::Active);
    assert_eq!(story.wait(1).presence(), Presence::Idle);
    assert_eq!(story.status(), Status::Inactive);
    story.activity(1, SEEN);
    assert_eq!(story.status(), Status::Online);
}

/// Input from before the socket was open also counts as input from a person, even in an automated browser.
#[test]
fn bot_with_input_before_connecting_has_a_row_at_once() {
    let mut story = Story::begin();
    story.arrive(Arrival { is_automated: true, activity: SEEN, ..arrival(1, 1) });
    assert_eq!(story.status(), Status::Online);
}

#[test]
fn visitor_is_hidden_after_a_minute_unless_another_tab_is_visible() {
    let mut story = Story::begin();
    story.arrive(arrival(1, 1));
    story.arrive(arrival(2, 1));
    assert_eq!(story.rows().len(), 1, "two tabs, one visit");
    story.activity(1, HIDDEN);
    assert_eq!(story.wait(2 * MINUTE).presence(), Presence::Active);
    story.activity(2, HIDDEN);
    assert_eq!(story.wait(MINUTE - 1).presence(), Presence::Active);
    assert_eq!(story.wait(1).presence(), Presence::Hidden);
    story.activity(1, SEEN);
    assert_eq!(story.presence(), Presence::Active);
    // Only the hidden tab remains.
    story.apply(Event::TabGone { connection: 1 });
    assert_eq!(story.wait(MINUTE).presence(), Presence::Hidden);
}

#[test]
fn a_page_load_is_not_a_departure() {
    let mut story = Story::begin();
    let before = story.arrive(arrival(1, 1));
    story.apply(Event::TabGone { connection: 1 });
    assert_eq!(story.presence(), Presence::Disconnected);
    assert_eq!(story.wait(15 * SECOND - 1).presence(), Presence::Disconnected);
    let after = story.arrive(arrival(2, 1));
    assert_eq!((after.visit, after.token_is_known), (before.visit, true));
    assert_eq!(story.wait(15 * SECOND).status(), Status::Online);
}

#[test]
fn replaced_token_no_longer_leads_to_the_visit() {
    let mut story = Story::begin();
    let known = || {
        let visitor = VisitorId(id(1));
        Some(KnownVisitor { visitor, name: None, quiet_until: None, visit: None })
    };
    let before = story.arrive(Arrival { known: known(), ..arrival(1, 1) });
    let after = story.arrive(Arrival { known: known(), ..arrival(2, 2) });
    assert_eq!((after.visit, after.visitor), (before.visit, before.visitor));
    let stranger = story.arrive(arrival(3, 1));
    assert!(stranger.visit != before.visit && !stranger.token_is_known);
    assert_eq!(story.arrive(arrival(4, 2)).visit, before.visit);
}

#[test]
fn visitor_has_left_after_the_grace_and_the_row_is_removed() {
    let mut story = Story::begin();
    let first = story.arrive(arrival(1, 1));
    story.wait(MINUTE).apply(Event::TabGone { connection: 1 });
    assert_eq!(story.wait(15 * SECOND).status(), Status::Ended);
    assert_eq!(story.row().left_at, Some(MINUTE), "the time of departure, not the time when it was noticed");
    assert_eq!(story.wait(2 * MINUTE - 1).rows().len(), 1);
    assert_eq!(story.wait(1).rows().len(), 0);
    // A visitor who returns after ten minutes continues the visit. After half an hour, a new visit begins.
    story.wait(10 * MINUTE);
    assert_eq!(story.arrive(arrival(2, 1)).visit, first.visit);
    assert_eq!(story.status(), Status::Online);
    story.apply(Event::TabGone { connection: 2 });
    story.wait(15 * SECOND).wait(30 * MINUTE);
    let again = story.arrive(arrival(3, 1));
    assert!(again.visit != first.visit && !again.token_is_known);
}

#[test]
fn mobile_visitor_has_a_longer_grace() {
    let mut story = Story::begin();
    story.arrive(Arrival { is_mobile: true, ..arrival(1, 1) });
    story.apply(Event::TabGone { connection: 1 });
    assert_eq!(story.wait(45 * SECOND - 1).presence(), Presence::Disconnected);
    assert_eq!(story.wait(1).presence(), Presence::Left);
}

/// Covers scenario 16: automated visitors who have not interacted never get a row.
#[test]
fn bot_has_no_row_before_its_first_input() {
    let mut story = Story::begin();
    story.arrive(Arrival { is_automated: true, ..arrival(1, 1) });
    assert!(story.wait(MINUTE).rows().is_empty());
    story.activity(1, HIDDEN);
    assert!(story.rows().is_empty());
    story.activity(1, SEEN);
    assert_eq!(story.status(), Status::Online);
}

#[test]
fn known_visitor_is_found_without_a_cached_token() {
    let mut story = Story::begin();
    let known =
        KnownVisitor { visitor: VisitorId(id(9)), name: Some("Vera".into()), quiet_until: Some(MINUTE), visit: None };
    let one = story.arrive(Arrival { known: Some(known), ..arrival(1, 1) });
    assert_eq!((one.visitor, one.persisted, one.quiet_until), (VisitorId(id(9)), true, Some(MINUTE)));
    assert_eq!(story.row().name.as_deref(), Some("Vera"));
}

#[test]
fn page_views_are_bounded_and_written_for_persisted_visitors_only() {
    let mut story = Story::begin();
    let one = story.arrive(arrival(1, 1));
    for number in 0..80 {
        let page = Page { url: format!("https://shop.test/{number}"), title: String::new() };
        story.now += 1_000;
        story.apply(Event::Moved { connection: 1, page });
    }
    assert_eq!(story.state.page_views(one.visit).map(|page_views| page_views.len()), Some(50));
    assert!(story.state.take_page_views(story.now).is_empty());
    story.apply(Event::VisitorPersisted { visitor: one.visitor });
    assert_eq!(story.state.take_page_views(story.now).len(), 50);
    assert!(story.state.take_page_views(story.now).is_empty());
}

#[test]
fn page_views_are_at_least_a_second_apart_and_end_with_the_current_page() {
    let mut story = Story::begin();
    let one = story.arrive(arrival(1, 1));
    story.apply(Event::VisitorPersisted { visitor: one.visitor });
    let mut written = Vec::new();
    for number in 0..1_000 {
        story.now += 30;
        let page = Page { url: format!("https://shop.test/{number}"), title: String::new() };
        story.apply(Event::Moved { connection: 1, page });
        // More often than page views are really written.
        if number % 7 == 0 {
            written.extend(story.state.take_page_views(story.now));
        }
    }
    let shown = story.state.page_views(one.visit).expect("the visit exists");
    assert!(
        shown.back().is_some_and(|last| last.page.url.ends_with("/999")),
        "agents see the page before it is recorded"
    );
    story.wait(1_000);
    written.extend(story.state.take_page_views(story.now));
    assert!((29..=33).contains(&written.len()), "{}", written.len());
    assert!(written.is_sorted_by(|one, next| next.view.at - one.view.at >= 1_000), "{written:?}");
    assert_eq!(written.last().map(|taken| taken.view.page.url.as_str()), Some("https://shop.test/999"));
    assert_eq!(story.row().page.url, "https://shop.test/999");
}

#[test]
fn flood_of_pages_changes_the_row_once_a_second_and_ends_with_the_current_page() {
    let mut story = Story::begin();
    story.arrive(arrival(1, 1));
    story.now += MINUTE;
    let moves = |story: &mut Story, count: i64, apart: i64| {
        let mut changes = 0;
        for number in 0..count {
            // A change of the title alone counts too.
            let url = format!("https://shop.test/{}", number / 2);
            story.now += apart;
            let effects = story.apply(Event::Moved { connection: 1, page: Page { url, title: number.to_string() } });
            changes += effects.iter().filter(|effect| matches!(effect, Effect::Changed(_))).count();
        }
        changes
    };
    assert_eq!(moves(&mut story, 10, 1), 10, "a short burst of pages is shown at once");
    let changes = moves(&mut story, 3_000, 10);
    assert!((28..=32).contains(&changes), "{changes} in 30 s");
    assert_eq!(story.wait(1_000).row().page.title, "2999");
    // Nothing waits once the visitor is back on the page that the board shows.
    let shown = story.row().page;
    story.apply(Event::Moved { connection: 1, page: Page { url: "https://shop.test/x".into(), title: String::new() } });
    story.apply(Event::Moved { connection: 1, page: shown.clone() });
    assert_eq!(story.wait(1_000).row().page, shown);
    story.wait(MINUTE);
    assert_eq!(moves(&mut story, 10, 1), 10);
}

/// The longest URLs and titles, on as many pages as possible.
#[test]
fn page_views_of_a_silent_visitor_are_bounded_in_bytes() {
    let mut story = Story::begin();
    let one = story.arrive(arrival(1, 1));
    for number in 0..80 {
        let page = Page { url: format!("https://shop.test/{number:02000}"), title: "𝒳".repeat(300) };
        story.now += 1_000;
        story.apply(Event::Moved { connection: 1, page });
    }
    let kept = story.state.page_views(one.visit).expect("the visit exists");
    let bytes: usize = kept.iter().map(|view| view.page.url.len() + view.page.title.len()).sum();
    assert!((1..=10_000).contains(&bytes), "{bytes}");
    assert!(kept.back().is_some_and(|last| last.page.url.ends_with("79")), "the last ones are kept");
    // The title of the last page may grow after it was counted.
    let long =
        Page { url: kept.back().map(|last| last.page.url.clone()).unwrap_or_default(), title: "y".repeat(1_200) };
    story.apply(Event::Moved { connection: 1, page: long });
    story.apply(Event::VisitorPersisted { visitor: one.visitor });
    let written = story.state.take_page_views(story.now);
    let bytes: usize =
        written.iter().map(|TakenPageView { view, .. }| view.page.url.len() + view.page.title.len()).sum();
    assert!(!written.is_empty() && bytes <= 10_000, "{bytes}");
}

/// A server restart does not end a visit.
#[test]
fn visit_in_the_database_is_continued() {
    let mut story = Story::begin();
    story.now = 10 * MINUTE;
    let known = KnownVisitor {
        visitor: VisitorId(id(9)),
        name: None,
        quiet_until: None,
        visit: Some((VisitId(id(77)), 4 * MINUTE)),
    };
    let admitted = story.arrive(Arrival { known: Some(known), ..arrival(1, 1) });
    assert_eq!((admitted.visit, admitted.visitor), (VisitId(id(77)), VisitorId(id(9))));
    assert_eq!(story.row().since, 4 * MINUTE);
}

/// The visitor leaves the page, and the browser then restores it from its back/forward cache with a new socket.
#[test]
fn leaving_tab_reconnects_as_a_new_tab() {
    let mut story = Story::begin();
    let before = story.arrive(arrival(1, 1));
    story.apply(Event::TabGone { connection: 1 });
    // Late frames from the old socket change nothing, and neither does closing it.
    story.activity(1, SEEN);
    let after = story.arrive(arrival(2, 1));
    story.apply(Event::TabGone { connection: 1 });
    assert_eq!(after.visit, before.visit);
    assert_eq!(story.presence(), Presence::Active);
    story.apply(Event::TabGone { connection: 2 });
    assert_eq!(story.presence(), Presence::Disconnected);
}
