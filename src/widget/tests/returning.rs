//! Away and back: lost connections, the back/forward cache.

use protocol::{
    id::TabId,
    visitor::{FromVisitor, ToVisitor},
};
use uuid::Uuid;

use super::*;
use crate::event::Prompt;

/// Asked, and then the connection is lost and comes back.
fn back_while_asked(persisted: bool) -> (State, Vec<Effect>) {
    let mut state = present();
    state.apply(Event::Heard(invitation()), 10);
    state.apply(Event::Lost, 20);
    assert_eq!(state.prompt(20), Prompt::Open, "a lost connection takes nothing from the screen");
    state.apply(Event::Connected, 1_000);
    let effects = state.apply(Event::Heard(welcome(persisted)), 1_000);
    (state, effects)
}

#[test]
fn the_prompt_survives_a_reconnect_without_a_flash_or_a_sound() {
    let (mut state, effects) = back_while_asked(true);
    assert_eq!(state.prompt(1_000), Prompt::Open);
    assert!(effects.contains(&Effect::LookAgain(2_000)) && !effects.contains(&Effect::Sound(Some(ASKED))));
    let effects = state.apply(Event::Heard(invitation()), 1_050);
    assert!(!says(&effects, &FromVisitor::Seen(ASKED)) && !effects.contains(&Effect::Sound(Some(ASKED))));
    state.apply(Event::Tick, 9_000);
    assert_eq!(state.prompt(9_000), Prompt::Open);
}

#[test]
fn the_prompt_goes_when_the_server_has_it_no_more() {
    let (mut state, _) = back_while_asked(true);
    state.apply(Event::Tick, 3_000);
    assert_eq!(state.prompt(3_000), Prompt::Nowhere);
    let (state, _) = back_while_asked(false);
    assert_eq!(state.prompt(1_000), Prompt::Nowhere, "to a server that does not know the visitor nothing is open");
}

#[test]
fn out_of_the_back_forward_cache_it_is_another_tab() {
    let mut state = present();
    assert!(says(&state.apply(Event::Left, 10), &FromVisitor::Leaving));
    assert!(state.apply(Event::Input, 11).is_empty(), "it says no more");
    let tab = TabId(Uuid::from_u128(9));
    state.apply(Event::Returned(tab), 5_000);
    let effects = state.apply(Event::Connected, 5_100);
    let [Effect::Send(FromVisitor::Hello(hello))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(hello.tab, tab);
    state.apply(Event::Heard(welcome(false)), 5_200);
    assert!(says(&state.apply(Event::Heard(ToVisitor::Beat { now: 0, head: 1 }), 5_300), &FromVisitor::Resume(0)));
}
