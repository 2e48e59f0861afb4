//! Tests for lost connections and the back/forward cache.

use protocol::{
    id::TabId,
    visitor::{FromVisitor, ToVisitor},
};
use uuid::Uuid;

use super::*;
use crate::event::Prompt;

/// Invites a visitor, then loses and restores the connection. Returns the state and the effects of the new welcome
/// frame.
fn reconnect_while_invited(persisted: bool) -> (State, Vec<Effect>) {
    let mut state = welcomed_state();
    state.apply(Event::FrameReceived(invitation()), 10);
    state.apply(Event::Disconnected, 20);
    assert_eq!(state.prompt(20), Prompt::Open, "a lost connection removes nothing from the screen");
    state.apply(Event::Connected, 1_000);
    let effects = state.apply(Event::FrameReceived(welcome(persisted)), 1_000);
    (state, effects)
}

#[test]
fn the_prompt_survives_a_reconnect_without_a_flash_or_a_sound() {
    let (mut state, effects) = reconnect_while_invited(true);
    assert_eq!(state.prompt(1_000), Prompt::Open);
    assert!(effects.contains(&Effect::ScheduleTick(2_000)) && !effects.contains(&Effect::Sound(Some(INVITATION_ID))));
    let effects = state.apply(Event::FrameReceived(invitation()), 1_050);
    assert!(
        !is_sent(&effects, &FromVisitor::Seen(INVITATION_ID)) && !effects.contains(&Effect::Sound(Some(INVITATION_ID)))
    );
    state.apply(Event::Tick, 9_000);
    assert_eq!(state.prompt(9_000), Prompt::Open);
}

#[test]
fn replaced_token_is_saved_and_presented_from_then_on() {
    let mut state = welcomed_state();
    let ToVisitor::Welcome(mut next) = welcome(true) else { unreachable!("it is a welcome frame") };
    next.token = VisitorToken([8; 32]);
    state.apply(Event::Disconnected, 10);
    let presented = |effects: &[Effect], token: u8| {
        effects.iter().any(|effect| {
            matches!(effect, Effect::Send(FromVisitor::Hello(hello)) if hello.token == Some(VisitorToken([token; 32])))
        })
    };
    assert!(presented(&state.apply(Event::Connected, 20), 7));
    assert!(state.apply(Event::FrameReceived(ToVisitor::Welcome(next)), 30).contains(&Effect::SaveToken));
    assert_eq!(state.token, Some(VisitorToken([8; 32])));
    state.apply(Event::Disconnected, 40);
    assert!(presented(&state.apply(Event::Connected, 50), 8));
}

#[test]
fn prompt_disappears_when_the_server_no_longer_has_it() {
    let (mut state, _) = reconnect_while_invited(true);
    state.apply(Event::Tick, 3_000);
    assert_eq!(state.prompt(3_000), Prompt::Hidden);
    let (state, _) = reconnect_while_invited(false);
    assert_eq!(state.prompt(1_000), Prompt::Hidden, "a server that does not know the visitor has no open invitation");
}

#[test]
fn page_restored_from_bfcache_gets_a_new_tab_id() {
    let mut state = welcomed_state();
    assert!(is_sent(&state.apply(Event::PageHidden, 10), &FromVisitor::Leaving));
    assert!(state.apply(Event::Input, 11).is_empty(), "a hidden page sends nothing");
    let tab = TabId(Uuid::from_u128(9));
    state.apply(Event::PageRestored(tab), 5_000);
    let effects = state.apply(Event::Connected, 5_100);
    let [Effect::Send(FromVisitor::Hello(hello))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(hello.tab, tab);
    state.apply(Event::FrameReceived(welcome(false)), 5_200);
    assert!(is_sent(
        &state.apply(Event::FrameReceived(ToVisitor::Heartbeat { now: 0, head: 1 }), 5_300),
        &FromVisitor::Resume(0)
    ));
}
