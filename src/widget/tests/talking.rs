//! The chat: waiting, messages, drafts.

use protocol::{
    chat::{Author, Body, ChatEvent, ChatState, Entry, Receipt, VisitorChat},
    contact::Contact,
    invitation::Answer,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor},
};

use super::*;
use crate::event::Notice;

#[test]
fn scenario_8_connecting_until_the_claim() {
    let mut state = present();
    state.apply(Event::Heard(invitation()), 10);
    let effects = state.apply(Event::Answered(Answer::Accept), 20);
    assert_eq!(
        effects,
        [
            Effect::Send(FromVisitor::Acted),
            Effect::Remember,
            Effect::KeepOpen(true),
            Effect::Send(FromVisitor::Answer { invitation: ASKED, answer: Answer::Accept })
        ]
    );
    assert!(state.open);
    assert_eq!(state.waits_for(), Some(Some(&ann())));
    state.apply(Event::Heard(ToVisitor::Chat(Some(chat(ChatState::Unclaimed)))), 30);
    assert_eq!(state.waits_for(), Some(Some(&ann())));
    state.apply(Event::Heard(ToVisitor::Chat(Some(chat(ChatState::InProgress)))), 40);
    assert_eq!(state.waits_for(), None);
}

#[test]
fn a_message_is_resent_until_its_entry_is_here_and_stands_once() {
    let mut state = present();
    let said = FromVisitor::SendMessage { client_id: SAID, text: "hi".into() };
    assert!(says(&state.apply(Event::Said(SAID, " hi ".into()), 10), &said));
    state.apply(Event::Lost, 20);
    assert!(says(&state.apply(Event::Heard(welcome(true)), 30), &said));
    state.apply(Event::Heard(ToVisitor::Chat(Some(chat(ChatState::Unclaimed)))), 40);
    // Entry 1, that the chat was asked for, is not here yet: the gap is noticed, the message stays in sight.
    let effects = state.apply(Event::Heard(ToVisitor::Acknowledged { client_id: SAID, seq: 2, at: 1_000_040 }), 50);
    assert!(says(&effects, &FromVisitor::Resume(0)) && effects.contains(&Effect::Forget(SAID)));
    assert_eq!(state.outbox.waiting().len(), 1);
    let entries = vec![
        Entry { seq: 1, at: 0, author: Author::Concierge, client_id: None, body: Body::Event(ChatEvent::Requested) },
        Entry { seq: 2, at: 0, author: Author::Visitor, client_id: Some(SAID), body: Body::Text("hi".into()) },
    ];
    let effects = state.apply(Event::Heard(ToVisitor::Entries(entries)), 60);
    assert!(says(&effects, &FromVisitor::Receipt(Receipt { delivered: 2, read: 0 })));
    assert!(state.outbox.waiting().is_empty());
    assert_eq!(state.conversation.entries.len(), 2);
}

#[test]
fn a_message_that_cannot_be_goes_back_into_the_composer() {
    let mut state = present();
    state.apply(Event::Said(SAID, "hi".into()), 10);
    let refused = |refusal| Event::Heard(ToVisitor::Refused { client_id: Some(SAID), refusal });
    state.apply(refused(Refusal::StorageFull), 20);
    assert_eq!((state.outbox.waiting().len(), state.notice), (1, Some(Notice::NotSent)));
    let effects = state.apply(refused(Refusal::Reused), 30);
    assert!(effects.contains(&Effect::PutBack("hi".into())));
    assert!(state.outbox.waiting().is_empty());
}

#[test]
fn a_lost_last_message_is_found_by_the_beat() {
    let mut state = present();
    let effects = state.apply(Event::Heard(ToVisitor::Beat { now: 1_020_000, head: 3 }), 20_000);
    assert!(says(&effects, &FromVisitor::Resume(0)));
}

/// The chat waits, and the server has said how the visitor stands to the message form.
fn waits(contact: Contact) -> Event {
    Event::Heard(ToVisitor::Chat(Some(VisitorChat { contact, agent: None, ..chat(ChatState::Unclaimed) })))
}

#[test]
fn when_nobody_is_free_the_visitor_leaves_a_message_and_is_connected_no_longer() {
    let mut state = present();
    state.apply(waits(Contact::Unasked), 0);
    assert_eq!((state.contact(), state.waits_for()), (Contact::Unasked, Some(None)));
    state.apply(waits(Contact::Asked), 10);
    assert_eq!(state.contact(), Contact::Asked);
    let left = || Event::ContactLeft { name: "Vera".into(), email: "vera@shop.test".into() };
    let frame = FromVisitor::LeaveContact { name: "Vera".into(), email: "vera@shop.test".into() };
    assert!(says(&state.apply(left(), 20), &frame));
    state.apply(Event::Lost, 30);
    assert!(says(&state.apply(Event::Heard(welcome(true)), 40), &frame), "said again until it is there");
    state.apply(waits(Contact::Left), 50);
    assert_eq!((state.contact(), state.waits_for()), (Contact::Left, None));
    state.apply(Event::Lost, 60);
    assert!(!says(&state.apply(Event::Heard(welcome(true)), 70), &frame), "and not after that");
}

#[test]
fn what_is_no_contact_is_said_and_the_form_stays() {
    for (refusal, notice) in [
        (Refusal::NotAnEmail, Notice::NotAnEmail),
        (Refusal::Empty, Notice::NoMessage),
        (Refusal::TooLong { limit: 120 }, Notice::TooLong),
    ] {
        let mut state = present();
        state.apply(waits(Contact::Asked), 10);
        state.apply(Event::ContactLeft { name: String::new(), email: "vera".into() }, 20);
        state.apply(Event::Heard(ToVisitor::Refused { client_id: None, refusal }), 30);
        assert_eq!((state.notice, state.contact()), (Some(notice), Contact::Asked));
    }
}

/// N3, and the privacy modes of the design.
#[test]
fn the_token_is_kept_for_the_session_only_where_privacy_allows() {
    let mut state = present();
    assert!(!state.may_keep(), "essential: nothing before the visitor acts");
    let effects = state.apply(Event::Consent(true), 10);
    assert!(!state.may_keep() && effects.contains(&Effect::Remember), "nobody asked for consent there");
    assert!(says(&effects, &FromVisitor::Wishes(Consent::Given)), "the server keeps to it as well");
    state.privacy = Privacy::Ask;
    assert!(state.may_keep());
    state.apply(Event::Consent(false), 20);
    assert!(!state.may_keep(), "taken back");
    state.privacy = Privacy::Full;
    assert!(state.may_keep());
    state.consent = Consent::OptedOut;
    assert!(state.apply(Event::Consent(true), 30).is_empty() && !state.may_keep(), "the browser says so for him");
}

#[test]
fn a_draft_is_kept_once_the_visitor_has_acted() {
    let mut state = present();
    assert!(state.apply(Event::Composing("h".into()), 10).is_empty());
    state.apply(Event::Open, 20);
    assert_eq!(state.apply(Event::Composing("hi".into()), 30), [Effect::KeepDraft("hi".into())]);
    assert!(state.apply(Event::Said(SAID, "hi".into()), 40).contains(&Effect::Clear));
}

#[test]
fn a_message_that_came_twice_is_no_longer_on_its_way() {
    let mut state = present();
    state.apply(Event::Said(SAID, "hi".into()), 10);
    state.apply(Event::Heard(ToVisitor::Acknowledged { client_id: SAID, seq: 0, at: 5 }), 20);
    assert!(state.outbox.waiting().is_empty() && state.conversation.entries.is_empty());
}

#[test]
fn an_open_panel_stays_open_on_the_next_page_and_a_closed_one_closed() {
    let mut state = present();
    let effects = state.apply(Event::Open, 10);
    assert!(effects.contains(&Effect::KeepOpen(true)) && effects.contains(&Effect::Remember));
    assert!(!state.apply(Event::Open, 20).contains(&Effect::KeepOpen(true)));
    assert!(state.apply(Event::Close, 30).contains(&Effect::KeepOpen(false)));
    assert!(!state.apply(Event::Close, 40).contains(&Effect::KeepOpen(false)));
}
