//! Tests for invitations on the board and the quiet period that follows them.

use protocol::{
    id::{AgentId, InvitationId, VisitorId},
    invitation::InvitationState,
    status::Status,
};

use super::{
    super::event::{Arrival, Due, Effect, Event, KnownVisitor},
    MINUTE, SECOND, SEEN, Story, arrival, id, invitation,
};

/// Covers scenario 13: when an unanswered invitation expires, exactly one row changes.
#[test]
fn expired_invitation_stays_due_until_the_store_has_closed_it() {
    let mut story = Story::begin();
    let invited = story.arrive(arrival(1, 1)).visitor;
    story.arrive(arrival(2, 2));
    story.apply(Event::Invitation {
        visitor: invited,
        invitation: invitation(InvitationState::Seen, 90 * SECOND),
        quiet_until: None,
    });
    story.wait(90 * SECOND - 1);
    assert_eq!(story.dues, []);
    let due = Due::Expire { invitation: InvitationId(id(50)), by: AgentId(id(60)) };
    story.wait(1);
    assert_eq!(story.dues, [due]);
    story.wait(5 * SECOND);
    assert_eq!(story.dues, [due, due], "reported again in case a write failed");
    let event = Event::Invitation {
        visitor: invited,
        invitation: invitation(InvitationState::Expired, 90 * SECOND),
        quiet_until: Some(story.now + 10 * MINUTE),
    };
    let changed = story.apply(event).into_iter().filter(|effect| matches!(effect, Effect::Changed(_))).count();
    assert_eq!(changed, 1);
    story.wait(MINUTE);
    assert_eq!(story.dues.len(), 2);
    assert!(story.rows().iter().all(|row| row.status(story.now) == Status::Online));
}

/// Covers scenario 6: an invited visitor closes the last tab.
#[test]
fn invited_visitor_leaving_is_reported_and_the_row_stays_until_recorded() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    story.apply(Event::Invitation {
        visitor,
        invitation: invitation(InvitationState::Delivered, 10 * MINUTE),
        quiet_until: None,
    });
    story.apply(Event::TabGone { connection: 1 });
    story.wait(15 * SECOND);
    assert_eq!(story.dues, [Due::InvitedVisitorLeft { invitation: InvitationId(id(50)), by: AgentId(id(60)) }]);
    story.apply(Event::Invitation {
        visitor,
        invitation: invitation(InvitationState::Left, 10 * MINUTE),
        quiet_until: None,
    });
    assert_eq!(story.status(), Status::Ended);
    assert!(story.wait(2 * MINUTE).rows().is_empty());
}

/// Returns a story whose visitor denied an invitation at the start of the visit.
fn denied() -> (Story, VisitorId) {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    let quiet_until = Some(30 * MINUTE);
    story.apply(Event::Invitation { visitor, invitation: invitation(InvitationState::Denied, MINUTE), quiet_until });
    (story, visitor)
}

/// Covers scenario 18 on the board: the quiet period lasts at least 30 minutes and through the rest of the visit.
#[test]
fn denial_is_shown_for_the_rest_of_the_visit() {
    let (mut story, visitor) = denied();
    assert_eq!(story.status(), Status::UserDenied);
    assert_eq!(story.row().quiet_until, Some(30 * MINUTE));
    story.wait(30 * MINUTE - 1).activity(1, SEEN);
    assert_eq!((story.status(), story.dues.as_slice()), (Status::UserDenied, [].as_slice()));
    assert_eq!(story.wait(1).status(), Status::UserDenied);
    assert_eq!(story.row().quiet_until, Some(60 * MINUTE), "the earliest time at which a new visit could begin");
    let due = Due::KeepQuiet(60 * MINUTE);
    assert_eq!(story.dues, [due]);
    story.wait(5 * SECOND);
    assert_eq!(story.dues, [due, due], "reported again in case a write failed");
    story.apply(Event::Quiet { visitor, until: 60 * MINUTE });
    story.wait(MINUTE);
    assert_eq!(story.dues.len(), 2);
    assert_eq!(story.wait(29 * MINUTE).status(), Status::UserDenied);
    assert_eq!(story.row().quiet_until, Some(90 * MINUTE + 5 * SECOND));
}

#[test]
fn quiet_period_after_a_denial_ends_with_the_visit() {
    let (mut story, visitor) = denied();
    story.wait(20 * MINUTE).apply(Event::TabGone { connection: 1 });
    // Coming back within 30 minutes continues the same visit, which is still quiet.
    story.wait(25 * MINUTE);
    assert_eq!(story.dues, [Due::KeepQuiet(50 * MINUTE)]);
    story.apply(Event::Quiet { visitor, until: 50 * MINUTE });
    story.arrive(arrival(2, 1));
    assert_eq!(story.status(), Status::UserDenied);
    // Staying away longer starts a new visit, in which the visitor may be invited.
    story.wait(4 * MINUTE).apply(Event::TabGone { connection: 2 });
    story.wait(MINUTE).wait(29 * MINUTE);
    let known = KnownVisitor { visitor, name: None, quiet_until: Some(79 * MINUTE), visit: None };
    story.arrive(Arrival { known: Some(known), ..arrival(3, 1) });
    assert_eq!((story.status(), story.row().quiet_until), (Status::Online, None));
}

#[test]
fn quiet_period_of_an_earlier_visit_is_not_extended() {
    let mut story = Story::begin();
    story.now = 10 * MINUTE;
    let visitor = story.arrive(arrival(1, 1)).visitor;
    // The invitation was sent before this visit began.
    let quiet_until = Some(40 * MINUTE);
    story.apply(Event::Invitation { visitor, invitation: invitation(InvitationState::Denied, MINUTE), quiet_until });
    assert_eq!(story.status(), Status::UserDenied);
    story.wait(30 * MINUTE - 1).activity(1, SEEN);
    assert_eq!(story.wait(1).status(), Status::Online);
    assert_eq!((story.row().quiet_until, story.row().invitation), (None, None));
}

#[test]
fn quiet_period_after_an_unanswered_invitation_is_not_extended() {
    let mut story = Story::begin();
    let visitor = story.arrive(arrival(1, 1)).visitor;
    let quiet_until = Some(10 * MINUTE);
    story.apply(Event::Invitation { visitor, invitation: invitation(InvitationState::Expired, MINUTE), quiet_until });
    story.wait(10 * MINUTE - 1);
    assert_eq!(story.row().quiet_until, quiet_until);
    assert_eq!((story.wait(1).row().quiet_until, story.dues.as_slice()), (None, [].as_slice()));
}

#[test]
fn composing_is_shown_on_one_row_and_expires() {
    let mut story = Story::begin();
    let agent = AgentId(id(60));
    let (one, two) = (story.arrive(arrival(1, 1)).visit, story.arrive(arrival(2, 2)).visit);
    let composing = |story: &Story| -> Vec<_> {
        story.rows().into_iter().filter(|row| row.composing == Some(agent)).map(|row| row.visit).collect()
    };
    story.apply(Event::Composing { agent, visit: Some(one) });
    assert_eq!(composing(&story), [one]);
    story.apply(Event::Composing { agent, visit: Some(two) });
    assert_eq!(composing(&story), [two]);
    assert!(composing(story.wait(30 * SECOND)).is_empty());
}
