//! Tests for the chat: waiting, messages, and drafts.

use protocol::{
    chat::{Author, Body, ChatEvent, ChatState, Entry, Receipt, VisitorChat},
    contact::ContactRequest,
    invitation::Answer,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor},
};

use super::*;
use crate::event::Notice;

#[test]
fn scenario_8_connecting_until_the_claim() {
    let mut state = welcomed_state();
    state.apply(Event::FrameReceived(invitation()), 10);
    let effects = state.apply(Event::Answered(Answer::Accept), 20);
    assert_eq!(
        effects,
        [
            Effect::Send(FromVisitor::Interacted),
            Effect::SaveToken,
            Effect::KeepOpen(true),
            Effect::Send(FromVisitor::Answer { invitation: INVITATION_ID, answer: Answer::Accept })
        ]
    );
    assert!(state.open);
    assert_eq!(state.waiting_for(), Some(Some(&ann())));
    state.apply(Event::FrameReceived(ToVisitor::Chat(Some(chat(ChatState::Unclaimed)))), 30);
    assert_eq!(state.waiting_for(), Some(Some(&ann())));
    state.apply(Event::FrameReceived(ToVisitor::Chat(Some(chat(ChatState::InProgress)))), 40);
    assert_eq!(state.waiting_for(), None);
}

#[test]
fn message_is_resent_until_stored_and_shown_once() {
    let mut state = welcomed_state();
    let said = FromVisitor::SendMessage { client_id: MESSAGE_ID, text: "hi".into() };
    assert!(is_sent(&state.apply(Event::MessageSubmitted(MESSAGE_ID, " hi ".into()), 10), &said));
    state.apply(Event::Disconnected, 20);
    assert!(is_sent(&state.apply(Event::FrameReceived(welcome(true)), 30), &said));
    state.apply(Event::FrameReceived(ToVisitor::Chat(Some(chat(ChatState::Unclaimed)))), 40);
    // Entry 1 (the chat request) has not arrived yet, so the gap is detected and the message stays visible.
    let effects =
        state.apply(Event::FrameReceived(ToVisitor::Acknowledged { client_id: MESSAGE_ID, seq: 2, at: 1_000_040 }), 50);
    assert!(is_sent(&effects, &FromVisitor::Resume(0)) && effects.contains(&Effect::Forget(MESSAGE_ID)));
    assert_eq!(state.outbox.waiting().len(), 1);
    let entries = vec![
        Entry { seq: 1, at: 0, author: Author::Concierge, client_id: None, body: Body::Event(ChatEvent::Requested) },
        Entry { seq: 2, at: 0, author: Author::Visitor, client_id: Some(MESSAGE_ID), body: Body::Text("hi".into()) },
    ];
    let effects = state.apply(Event::FrameReceived(ToVisitor::Entries(entries)), 60);
    assert!(is_sent(&effects, &FromVisitor::Receipt(Receipt { delivered: 2, read: 0 })));
    assert!(state.outbox.waiting().is_empty());
    assert_eq!(state.conversation.entries.len(), 2);
}

#[test]
fn rejected_message_returns_to_the_composer() {
    let mut state = welcomed_state();
    state.apply(Event::MessageSubmitted(MESSAGE_ID, "hi".into()), 10);
    let refused = |refusal| Event::FrameReceived(ToVisitor::Refused { client_id: Some(MESSAGE_ID), refusal });
    state.apply(refused(Refusal::StorageFull), 20);
    assert_eq!((state.outbox.waiting().len(), state.notice), (1, Some(Notice::NotSent)));
    let effects = state.apply(refused(Refusal::ClientIdReused), 30);
    assert!(effects.contains(&Effect::PutBack("hi".into())));
    assert!(state.outbox.waiting().is_empty());
}

#[test]
fn beat_reveals_a_missed_last_message() {
    let mut state = welcomed_state();
    let effects = state.apply(Event::FrameReceived(ToVisitor::Heartbeat { now: 1_020_000, head: 3 }), 20_000);
    assert!(is_sent(&effects, &FromVisitor::Resume(0)));
}

/// Returns an event for an unclaimed chat with the given message form state.
fn waiting_chat(contact: ContactRequest) -> Event {
    Event::FrameReceived(ToVisitor::Chat(Some(VisitorChat { contact, agent: None, ..chat(ChatState::Unclaimed) })))
}

#[test]
fn message_form_ends_the_wait_when_nobody_is_free() {
    let mut state = welcomed_state();
    state.apply(waiting_chat(ContactRequest::NotRequested), 0);
    assert_eq!((state.contact(), state.waiting_for()), (ContactRequest::NotRequested, Some(None)));
    state.apply(waiting_chat(ContactRequest::Requested), 10);
    assert_eq!(state.contact(), ContactRequest::Requested);
    let left = || Event::ContactLeft { name: "Vera".into(), email: "vera@shop.test".into() };
    let frame = FromVisitor::LeaveContact { name: "Vera".into(), email: "vera@shop.test".into() };
    assert!(is_sent(&state.apply(left(), 20), &frame));
    state.apply(Event::Disconnected, 30);
    assert!(
        is_sent(&state.apply(Event::FrameReceived(welcome(true)), 40), &frame),
        "resent until the server confirms it"
    );
    state.apply(waiting_chat(ContactRequest::Provided), 50);
    assert_eq!((state.contact(), state.waiting_for()), (ContactRequest::Provided, None));
    state.apply(Event::Disconnected, 60);
    assert!(!is_sent(&state.apply(Event::FrameReceived(welcome(true)), 70), &frame), "not resent once confirmed");
}

#[test]
fn invalid_contact_shows_a_notice_and_keeps_the_form() {
    for (refusal, notice) in [
        (Refusal::NotAnEmail, Notice::NotAnEmail),
        (Refusal::Empty, Notice::NoMessage),
        (Refusal::TooLong { limit: 120 }, Notice::TooLong),
    ] {
        let mut state = welcomed_state();
        state.apply(waiting_chat(ContactRequest::Requested), 10);
        state.apply(Event::ContactLeft { name: String::new(), email: "vera".into() }, 20);
        state.apply(Event::FrameReceived(ToVisitor::Refused { client_id: None, refusal }), 30);
        assert_eq!((state.notice, state.contact()), (Some(notice), ContactRequest::Requested));
    }
}

#[test]
fn messages_beyond_the_limit_wait_in_order_and_are_sent_by_themselves() {
    let mut state = welcomed_state();
    state.apply(Event::MessageSubmitted(MESSAGE_ID, "a".into()), 10);
    let refusal = Refusal::TooMany { retry_after: 8 };
    let refused = ToVisitor::Refused { client_id: Some(MESSAGE_ID), refusal };
    let effects = state.apply(Event::FrameReceived(refused), 20);
    assert!(effects.contains(&Effect::ScheduleTick(8_000)));
    assert_eq!(state.notice, Some(Notice::SentLater(8_020)));
    // Another message waits behind it, also on a new connection, and the visitor still reads until when.
    let sends = |effects: &[Effect]| {
        effects.iter().filter(|effect| matches!(effect, Effect::Send(FromVisitor::SendMessage { .. }))).count()
    };
    let next = ClientId(Uuid::from_u128(33));
    assert_eq!(sends(&state.apply(Event::MessageSubmitted(next, "b".into()), 30)), 0);
    state.apply(Event::Disconnected, 40);
    assert_eq!(sends(&state.apply(Event::FrameReceived(welcome(true)), 50)), 0);
    assert_eq!((state.outbox.waiting().len(), state.notice), (2, Some(Notice::SentLater(8_020))));
    assert_eq!(sends(&state.apply(Event::Tick, 8_020)), 2);
    state.apply(Event::FrameReceived(ToVisitor::Acknowledged { client_id: MESSAGE_ID, seq: 0, at: 5 }), 8_030);
    assert_eq!(state.notice, None);
}

/// A visitor who has started too many chats is invited to another one.
#[test]
fn held_messages_are_sent_when_there_is_a_live_chat() {
    let mut state = welcomed_state();
    state.apply(Event::MessageSubmitted(MESSAGE_ID, "a".into()), 10);
    let refusal = Refusal::TooMany { retry_after: 3_600 };
    state.apply(Event::FrameReceived(ToVisitor::Refused { client_id: Some(MESSAGE_ID), refusal }), 20);
    let send = FromVisitor::SendMessage { client_id: MESSAGE_ID, text: "a".into() };
    assert!(!is_sent(&state.apply(Event::Tick, 30), &send));
    state.apply(waiting_chat(ContactRequest::NotRequested), 40);
    assert!(is_sent(&state.apply(Event::Tick, 50), &send));
}

#[test]
fn contact_details_beyond_the_limit_are_sent_by_themselves() {
    let mut state = welcomed_state();
    state.apply(waiting_chat(ContactRequest::Requested), 10);
    state.apply(Event::ContactLeft { name: String::new(), email: "vera@shop.test".into() }, 20);
    let frame = FromVisitor::LeaveContact { name: String::new(), email: "vera@shop.test".into() };
    let refusal = Refusal::TooMany { retry_after: 8 };
    state.apply(Event::FrameReceived(ToVisitor::Refused { client_id: None, refusal }), 30);
    assert_eq!(state.notice, Some(Notice::SentLater(8_030)));
    assert!(!is_sent(&state.apply(Event::Tick, 8_029), &frame));
    assert!(is_sent(&state.apply(Event::Tick, 8_030), &frame));
    state.apply(waiting_chat(ContactRequest::Provided), 8_040);
    assert!(!is_sent(&state.apply(Event::Tick, 9_000), &frame));
}

#[test]
fn refused_chat_request_is_not_repeated_and_tells_until_when() {
    let mut state = welcomed_state();
    state.apply(Event::AskedForPerson, 10);
    let refusal = Refusal::TooMany { retry_after: u32::MAX };
    state.apply(Event::FrameReceived(ToVisitor::Refused { client_id: None, refusal }), 20);
    assert_eq!((state.waiting_for(), state.notice), (None, Some(Notice::SentLater(86_400_020))));
    state.apply(Event::Disconnected, 30);
    assert!(!is_sent(&state.apply(Event::FrameReceived(welcome(true)), 40), &FromVisitor::AskForPerson));
}

/// N3, and the privacy modes.
#[test]
fn the_token_is_kept_for_the_session_only_where_privacy_allows() {
    let mut state = welcomed_state();
    assert!(!state.may_keep(), "essential mode stores nothing before the visitor acts");
    let effects = state.apply(Event::Consent(true), 10);
    assert!(!state.may_keep() && effects.contains(&Effect::SaveToken), "consent changes nothing in this mode");
    assert!(is_sent(&effects, &FromVisitor::SetConsent(Consent::Given)), "the server is notified too");
    state.privacy = Privacy::Ask;
    assert!(state.may_keep());
    state.apply(Event::Consent(false), 20);
    assert!(!state.may_keep(), "consent withdrawn");
    state.privacy = Privacy::Full;
    assert!(state.may_keep());
    state.consent = Consent::OptedOut;
    assert!(
        state.apply(Event::Consent(true), 30).is_empty() && !state.may_keep(),
        "an opt-out in the browser takes precedence"
    );
}

#[test]
fn a_draft_is_kept_once_the_visitor_has_acted() {
    let mut state = welcomed_state();
    assert!(state.apply(Event::Composing("h".into()), 10).is_empty());
    state.apply(Event::Open, 20);
    assert_eq!(state.apply(Event::Composing("hi".into()), 30), [Effect::KeepDraft("hi".into())]);
    assert!(state.apply(Event::MessageSubmitted(MESSAGE_ID, "hi".into()), 40).contains(&Effect::Clear));
}

#[test]
fn duplicate_message_leaves_the_outbox() {
    let mut state = welcomed_state();
    state.apply(Event::MessageSubmitted(MESSAGE_ID, "hi".into()), 10);
    state.apply(Event::FrameReceived(ToVisitor::Acknowledged { client_id: MESSAGE_ID, seq: 0, at: 5 }), 20);
    assert!(state.outbox.waiting().is_empty() && state.conversation.entries.is_empty());
}

#[test]
fn panel_state_is_kept_for_the_next_page() {
    let mut state = welcomed_state();
    let effects = state.apply(Event::Open, 10);
    assert!(effects.contains(&Effect::KeepOpen(true)) && effects.contains(&Effect::SaveToken));
    assert!(!state.apply(Event::Open, 20).contains(&Effect::KeepOpen(true)));
    assert!(state.apply(Event::Close, 30).contains(&Effect::KeepOpen(false)));
    assert!(!state.apply(Event::Close, 40).contains(&Effect::KeepOpen(false)));
}
