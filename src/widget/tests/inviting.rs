//! The question: when it stands before the visitor, and what becomes of his answer.

use protocol::{
    invitation::{Answer, InvitationState},
    presence::TabActivity,
    visitor::{FromVisitor, ToVisitor},
};

use super::*;
use crate::event::Prompt;

#[test]
fn an_invitation_is_delivered_seen_and_sounds_once() {
    let mut state = present();
    let effects = state.apply(Event::Heard(invitation()), 10);
    assert!(says(&effects, &FromVisitor::Delivered(ASKED)));
    assert!(says(&effects, &FromVisitor::Seen(ASKED)));
    assert!(effects.contains(&Effect::Sound(Some(ASKED))));
    assert_eq!(state.prompt(10), Prompt::Open);
    assert!(state.apply(Event::Tick, 20).is_empty());
}

#[test]
fn scenario_14_a_badge_until_the_field_is_left() {
    let mut state = present();
    state.apply(Event::FormTyping(true), 5);
    let effects = state.apply(Event::Heard(invitation()), 10);
    assert_eq!(state.prompt(10), Prompt::Badge);
    assert!(says(&effects, &FromVisitor::Delivered(ASKED)) && !says(&effects, &FromVisitor::Seen(ASKED)));
    let effects = state.apply(Event::FormTyping(false), 20);
    assert_eq!(state.prompt(20), Prompt::Open);
    assert!(says(&effects, &FromVisitor::Seen(ASKED)));
    state.apply(Event::FormTyping(true), 30);
    assert_eq!(state.prompt(30), Prompt::Open, "what was seen stays");
}

#[test]
fn scenario_15_a_hidden_tab_is_told_and_silent() {
    let mut state = present();
    state.apply(Event::Visible(false), 5);
    let effects = state.apply(Event::Heard(invitation()), 10);
    assert!(says(&effects, &FromVisitor::Delivered(ASKED)) && !effects.contains(&Effect::Sound(Some(ASKED))));
    assert_eq!(state.prompt(10), Prompt::Nowhere);
    assert!(says(&state.apply(Event::Visible(true), 20), &FromVisitor::Seen(ASKED)));
}

#[test]
fn scenario_18_quiet_goes_by_the_servers_clock() {
    let mut state = present();
    state.apply(Event::Heard(ToVisitor::Quiet { until: 1_000_100 }), 0);
    state.apply(Event::Heard(invitation()), 10);
    assert_eq!(state.prompt(99), Prompt::Nowhere);
    assert_eq!(state.prompt(100), Prompt::Open);
}

#[test]
fn an_answer_given_without_a_connection_is_given_after_it() {
    let mut state = present();
    state.apply(Event::Heard(invitation()), 10);
    state.apply(Event::Lost, 15);
    state.apply(Event::Answered(Answer::Deny), 20);
    assert_eq!(state.prompt(20), Prompt::Nowhere);
    let effects = state.apply(Event::Heard(welcome(false)), 30);
    assert!(says(&effects, &FromVisitor::Answer { invitation: ASKED, answer: Answer::Deny }));
}

#[test]
fn input_is_reported_at_most_every_ten_seconds() {
    let mut state = present();
    assert_eq!(state.apply(Event::Input, 0).len(), 1);
    assert!(state.apply(Event::Input, 9_999).is_empty());
    assert_eq!(state.apply(Event::Input, 10_000).len(), 1);
}

#[test]
fn what_happens_between_hello_and_welcome_is_told_after_it() {
    let mut state = State::new(ConciergeKey("shop".into()), TabId(Uuid::nil()), String::new(), true);
    state.apply(Event::Page(Page::default()), 0);
    state.apply(Event::Connected, 0);
    assert!(state.apply(Event::Input, 10).is_empty());
    state.apply(Event::Visible(true), 11);
    let touched = TabActivity { visible: true, typing_in_form: false, input: true };
    assert!(says(&state.apply(Event::Heard(welcome(false)), 20), &FromVisitor::Activity(touched)));
    let again = present().apply(Event::Heard(welcome(false)), 20);
    assert_eq!(again, [Effect::Remember], "what the hello said is not told again");
}

#[test]
fn what_was_seen_before_does_not_sound_again() {
    let mut state = present();
    let effects = state.apply(Event::Heard(invitation_that_is(InvitationState::Seen)), 10);
    assert!(says(&effects, &FromVisitor::Seen(ASKED)) && !effects.contains(&Effect::Sound(Some(ASKED))));
    assert_eq!(state.prompt(10), Prompt::Open);
}

#[test]
fn scenario_3_one_tab_sounds_and_all_show() {
    let mut state = present();
    state.apply(Event::Visible(false), 5);
    state.apply(Event::Heard(invitation()), 10);
    state.apply(Event::SoundedElsewhere(ASKED), 11);
    let effects = state.apply(Event::Visible(true), 20);
    assert!(!effects.contains(&Effect::Sound(Some(ASKED))));
    assert_eq!(state.prompt(20), Prompt::Open);
}

#[test]
fn scenario_18_a_denial_is_kept_and_nothing_before_it() {
    let mut state = present();
    assert!(!state.lasting);
    state.apply(Event::Heard(invitation()), 10);
    assert!(!state.lasting, "to be asked is not to act");
    let effects = state.apply(Event::Answered(Answer::Deny), 20);
    assert!(effects.contains(&Effect::Remember));
    assert!(state.lasting && !state.acted);
    state.apply(Event::Heard(ToVisitor::Quiet { until: 5_000_000 }), 30);
    state.apply(Event::Heard(welcome(true)), 40);
    assert!(state.lasting && !state.acted, "the token may change, and is kept on");
}
