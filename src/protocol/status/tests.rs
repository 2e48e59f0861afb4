//! Tests for each rule that determines a visit's status, and for the order of the rules.

use uuid::Uuid;

use super::*;
use crate::{
    chat::AgentConnectivity,
    contact::ContactRequest,
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
        link: AgentConnectivity::Ok,
        contact: ContactRequest::NotRequested,
        offered: false,
    }
}

const EVERY_PRESENCE: [Presence; 5] =
    [Presence::Active, Presence::Idle, Presence::Hidden, Presence::Disconnected, Presence::Left];

#[test]
fn live_chat_takes_precedence() {
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
fn open_invitation_takes_precedence_over_presence() {
    for presence in EVERY_PRESENCE {
        for state in InvitationState::ALL.into_iter().filter(|state| state.is_open()) {
            assert_eq!(status(presence, Some(&invitation(state)), None, None, NOW), Status::AgentRequested);
        }
    }
}

#[test]
fn denied_status_lasts_during_quiet_period_while_present() {
    let denied = invitation(InvitationState::Denied);
    let of = |presence, quiet| status(presence, Some(&denied), None, quiet, NOW);
    assert_eq!(of(Presence::Active, Some(NOW + 1)), Status::UserDenied);
    assert_eq!(of(Presence::Disconnected, Some(NOW + 1)), Status::UserDenied);
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
fn presence_decides_status_without_chat_or_invitation() {
    let of = |presence| status(presence, None, None, None, NOW);
    assert_eq!(of(Presence::Active), Status::Online);
    assert_eq!(of(Presence::Idle), Status::Inactive);
    assert_eq!(of(Presence::Hidden), Status::Inactive);
    assert_eq!(of(Presence::Disconnected), Status::Inactive);
    assert_eq!(of(Presence::Left), Status::Ended);
}

#[test]
fn ended_chat_ends_row_only_after_visitor_left() {
    let ended = chat(ChatState::Ended);
    let of = |presence| status(presence, None, Some(&ended), None, NOW);
    assert_eq!(of(Presence::Active), Status::Online);
    assert_eq!(of(Presence::Disconnected), Status::Ended);
    assert_eq!(of(Presence::Left), Status::Ended);
}
