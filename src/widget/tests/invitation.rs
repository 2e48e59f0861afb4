//! Tests for invitations: when they are shown and how they are answered.

use protocol::{
    invitation::{Answer, InvitationState},
    presence::TabActivity,
    visitor::{FromVisitor, ToVisitor},
};

use super::*;
use crate::event::Prompt;

#[test]
fn invitation_is_delivered_seen_and_sounds_once() {
    let mut state = welcomed_state();
    let effects = state.apply(Event::FrameReceived(invitation()), 10);
    assert!(is_sent(&effects, &FromVisitor::Delivered(INVITATION_ID)));
    assert!(is_sent(&effects, &FromVisitor::Seen(INVITATION_ID)));
    assert!(effects.contains(&Effect::Sound(Some(INVITATION_ID))));
    assert_eq!(state.prompt(10), Prompt::Open);
    assert!(state.apply(Event::Tick, 20).is_empty());
}

#[test]
fn scenario_14_a_badge_until_the_field_is_left() {
    let mut state = welcomed_state();
    state.apply(Event::FormTyping(true), 5);
    let effects = state.apply(Event::FrameReceived(invitation()), 10);
    assert_eq!(state.prompt(10), Prompt::Badge);
    assert!(
        is_sent(&effects, &FromVisitor::Delivered(INVITATION_ID))
            && !is_sent(&effects, &FromVisitor::Seen(INVITATION_ID))
    );
    let effects = state.apply(Event::FormTyping(false), 20);
    assert_eq!(state.prompt(20), Prompt::Open);
    assert!(is_sent(&effects, &FromVisitor::Seen(INVITATION_ID)));
    state.apply(Event::FormTyping(true), 30);
    assert_eq!(state.prompt(30), Prompt::Open, "an invitation stays visible once seen");
}

#[test]
fn scenario_15_hidden_tab_acknowledges_delivery_silently() {
    let mut state = welcomed_state();
    state.apply(Event::Visible(false), 5);
    let effects = state.apply(Event::FrameReceived(invitation()), 10);
    assert!(
        is_sent(&effects, &FromVisitor::Delivered(INVITATION_ID))
            && !effects.contains(&Effect::Sound(Some(INVITATION_ID)))
    );
    assert_eq!(state.prompt(10), Prompt::Hidden);
    assert!(is_sent(&state.apply(Event::Visible(true), 20), &FromVisitor::Seen(INVITATION_ID)));
}

#[test]
fn scenario_18_quiet_period_follows_the_server_clock() {
    let mut state = welcomed_state();
    state.apply(Event::FrameReceived(ToVisitor::Quiet { until: 1_000_100 }), 0);
    state.apply(Event::FrameReceived(invitation()), 10);
    assert_eq!(state.prompt(99), Prompt::Hidden);
    assert_eq!(state.prompt(100), Prompt::Open);
}

#[test]
fn answer_given_offline_is_sent_after_reconnect() {
    let mut state = welcomed_state();
    state.apply(Event::FrameReceived(invitation()), 10);
    state.apply(Event::Disconnected, 15);
    state.apply(Event::Answered(Answer::Deny), 20);
    assert_eq!(state.prompt(20), Prompt::Hidden);
    let effects = state.apply(Event::FrameReceived(welcome(false)), 30);
    assert!(is_sent(&effects, &FromVisitor::Answer { invitation: INVITATION_ID, answer: Answer::Deny }));
}

#[test]
fn input_is_reported_at_most_every_ten_seconds() {
    let mut state = welcomed_state();
    assert_eq!(state.apply(Event::Input, 0).len(), 1);
    assert!(state.apply(Event::Input, 9_999).is_empty());
    assert_eq!(state.apply(Event::Input, 10_000).len(), 1);
}

#[test]
fn activity_between_hello_and_welcome_is_reported_after_welcome() {
    let mut state = State::new(ConciergeKey("shop".into()), TabId(Uuid::nil()), String::new(), true);
    state.apply(Event::Page(Page::default()), 0);
    state.apply(Event::Connected, 0);
    assert!(state.apply(Event::Input, 10).is_empty());
    state.apply(Event::Visible(true), 11);
    let touched = TabActivity { visible: true, typing_in_form: false, input: true };
    assert!(is_sent(&state.apply(Event::FrameReceived(welcome(false)), 20), &FromVisitor::Activity(touched)));
    let again = welcomed_state().apply(Event::FrameReceived(welcome(false)), 20);
    assert_eq!(again, [Effect::SaveToken], "activity in the hello frame is not reported again");
}

#[test]
fn invitation_already_seen_does_not_sound_again() {
    let mut state = welcomed_state();
    let effects = state.apply(Event::FrameReceived(invitation_that_is(InvitationState::Seen)), 10);
    assert!(
        is_sent(&effects, &FromVisitor::Seen(INVITATION_ID)) && !effects.contains(&Effect::Sound(Some(INVITATION_ID)))
    );
    assert_eq!(state.prompt(10), Prompt::Open);
}

#[test]
fn scenario_3_one_tab_sounds_and_all_show() {
    let mut state = welcomed_state();
    state.apply(Event::Visible(false), 5);
    state.apply(Event::FrameReceived(invitation()), 10);
    state.apply(Event::SoundedElsewhere(INVITATION_ID), 11);
    let effects = state.apply(Event::Visible(true), 20);
    assert!(!effects.contains(&Effect::Sound(Some(INVITATION_ID))));
    assert_eq!(state.prompt(20), Prompt::Open);
}

#[test]
fn scenario_18_token_is_kept_only_after_a_denial() {
    let mut state = welcomed_state();
    assert!(!state.lasting);
    state.apply(Event::FrameReceived(invitation()), 10);
    assert!(!state.lasting, "receiving an invitation is not an interaction");
    let effects = state.apply(Event::Answered(Answer::Deny), 20);
    assert!(effects.contains(&Effect::SaveToken));
    assert!(state.lasting && !state.acted);
    state.apply(Event::FrameReceived(ToVisitor::Quiet { until: 5_000_000 }), 30);
    state.apply(Event::FrameReceived(welcome(true)), 40);
    assert!(state.lasting && !state.acted, "a new token is still stored permanently");
}
