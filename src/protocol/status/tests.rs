//! The status table of the design, line by line, and that the lines go in order.

use uuid::Uuid;

use super::*;
use crate::{
    chat::AgentLink,
    contact::Contact,
    id::{AgentId, ChatId, InvitationId},
};

const NOW: Millis = 1_000_000;

fn invitation(state: InvitationState) -> BoardInvitation {
    let nil = Uuid::nil();
    BoardInvitation { id: InvitationId(nil), by: AgentId(nil), state, sent_at: NOW, expires_at: NOW + 1 }
}

fn chat(state: ChatState) -> BoardChat {
    BoardChat {
        id: ChatId(Uuid::nil()),
        state,
        team: None,
        agent: None,
        version: 1,
        since: NOW,
        reserved_for: None,
        reserved_until: None,
        link: AgentLink::Ok,
        contact: Contact::Unasked,
        offered: false,
    }
}

const EVERY_PRESENCE: [Presence; 5] =
    [Presence::Active, Presence::Idle, Presence::Hidden, Presence::Gone, Presence::Left];

#[test]
fn a_live_chat_goes_before_everything() {
    for presence in EVERY_PRESENCE {
        for state in InvitationState::ALL {
            let open = invitation(state);
            let of = |chat| status(presence, Some(&open), Some(&chat), Some(NOW + 1), NOW);
            assert_eq!(of(chat(ChatState::InProgress)), Status::InProgress);
            assert_eq!(of(chat(ChatState::Unclaimed)), Status::Unclaimed);
        }
    }
}

#[test]
fn an_open_invitation_goes_before_presence() {
    for presence in EVERY_PRESENCE {
        for state in InvitationState::ALL.into_iter().filter(|state| state.is_open()) {
            assert_eq!(status(presence, Some(&invitation(state)), None, None, NOW), Status::AgentRequested);
        }
    }
}

#[test]
fn denied_holds_while_the_quiet_lasts_and_the_visitor_is_there() {
    let denied = invitation(InvitationState::Denied);
    let of = |presence, quiet| status(presence, Some(&denied), None, quiet, NOW);
    assert_eq!(of(Presence::Active, Some(NOW + 1)), Status::UserDenied);
    assert_eq!(of(Presence::Gone, Some(NOW + 1)), Status::UserDenied);
    assert_eq!(of(Presence::Active, Some(NOW)), Status::Online);
    assert_eq!(of(Presence::Active, None), Status::Online);
    assert_eq!(of(Presence::Left, Some(NOW + 1)), Status::Ended);
}

#[test]
fn quiet_after_an_unanswered_invitation_is_not_a_denial() {
    let expired = invitation(InvitationState::Expired);
    assert_eq!(status(Presence::Active, Some(&expired), None, Some(NOW + 1), NOW), Status::Online);
}

#[test]
fn without_chat_or_invitation_presence_decides() {
    let of = |presence| status(presence, None, None, None, NOW);
    assert_eq!(of(Presence::Active), Status::Online);
    assert_eq!(of(Presence::Idle), Status::Inactive);
    assert_eq!(of(Presence::Hidden), Status::Inactive);
    assert_eq!(of(Presence::Gone), Status::Inactive);
    assert_eq!(of(Presence::Left), Status::Ended);
}

#[test]
fn an_ended_chat_ends_the_row_only_when_the_visitor_is_gone() {
    let ended = chat(ChatState::Ended);
    let of = |presence| status(presence, None, Some(&ended), None, NOW);
    assert_eq!(of(Presence::Active), Status::Online);
    assert_eq!(of(Presence::Gone), Status::Ended);
    assert_eq!(of(Presence::Left), Status::Ended);
}
