//! The widget's behaviour, by the numbers of the design's scenarios.

use protocol::{
    agent::AgentCard,
    chat::{AgentLink, Author, Body, ChatState, Entry, Happening, Receipt, VisitorChat},
    concierge::{Look, Privacy, Side},
    id::{AgentId, ChatId, ClientId, ConciergeKey, InvitationId, TabId, VisitorToken},
    invitation::{Answer, InvitationState, VisitorInvitation},
    page::Page,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor, Welcome},
    words::Language,
};
use uuid::Uuid;

use crate::state::{Effect, Event, Notice, Prompt, State};

const ANN: AgentId = AgentId(Uuid::from_u128(1));
const ASKED: InvitationId = InvitationId(Uuid::from_u128(2));
const SAID: ClientId = ClientId(Uuid::from_u128(3));

fn ann() -> AgentCard {
    AgentCard { id: ANN, name: "Ann Lee".into() }
}

fn welcome(remembered: bool) -> ToVisitor {
    ToVisitor::Welcome(Welcome {
        token: VisitorToken([7; 32]),
        now: 1_000_000,
        look: Look {
            title: "Shop".into(),
            greeting: String::new(),
            colour: "#000000".into(),
            side: Side::Right,
            language: Language::En,
        },
        privacy: Privacy::Essential,
        remembered,
        quiet_until: None,
        beat_every: 20_000,
    })
}

fn invitation() -> ToVisitor {
    ToVisitor::Invitation(Some(VisitorInvitation {
        id: ASKED,
        by: ann(),
        text: "Hello".into(),
        state: InvitationState::Sent,
        expires_at: 2_000_000,
    }))
}

fn chat(state: ChatState) -> VisitorChat {
    VisitorChat {
        id: ChatId(Uuid::from_u128(4)),
        state,
        agent: Some(ann()),
        link: AgentLink::Ok,
        head: 0,
        agent_receipt: Receipt::default(),
        visitor_receipt: Receipt::default(),
    }
}

/// A welcomed widget in a visible tab.
fn present() -> State {
    let mut state = State::new(ConciergeKey("shop".into()), TabId(Uuid::nil()), String::new(), false);
    state.activity.visible = true;
    state.apply(Event::Page(Page::default()), 0);
    state.apply(Event::Connected, 0);
    state.apply(Event::Heard(welcome(false)), 0);
    state
}

fn says(effects: &[Effect], frame: &FromVisitor) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Send(said) if said == frame))
}

#[test]
fn an_invitation_is_delivered_seen_and_sounds_once() {
    let mut state = present();
    let effects = state.apply(Event::Heard(invitation()), 10);
    assert!(says(&effects, &FromVisitor::Delivered(ASKED)));
    assert!(says(&effects, &FromVisitor::Seen(ASKED)));
    assert!(effects.contains(&Effect::Sound));
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
    assert!(says(&effects, &FromVisitor::Delivered(ASKED)) && !effects.contains(&Effect::Sound));
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
fn scenario_8_connecting_until_the_claim() {
    let mut state = present();
    state.apply(Event::Heard(invitation()), 10);
    let effects = state.apply(Event::Answered(Answer::Accept), 20);
    assert_eq!(
        effects,
        [
            Effect::Send(FromVisitor::Acted),
            Effect::Remember,
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
fn a_message_is_resent_until_its_entry_is_here_and_stands_once() {
    let mut state = present();
    let said = FromVisitor::Say { client_id: SAID, text: "hi".into() };
    assert!(says(&state.apply(Event::Said(SAID, " hi ".into()), 10), &said));
    state.apply(Event::Lost, 20);
    assert!(says(&state.apply(Event::Heard(welcome(true)), 30), &said));
    state.apply(Event::Heard(ToVisitor::Chat(Some(chat(ChatState::Unclaimed)))), 40);
    // Entry 1, that the chat was asked for, is not here yet: the gap is noticed, the message stays in sight.
    let effects = state.apply(Event::Heard(ToVisitor::Acknowledged { client_id: SAID, seq: 2, at: 1_000_040 }), 50);
    assert!(says(&effects, &FromVisitor::Resume(0)) && effects.contains(&Effect::Forget(SAID)));
    assert_eq!(state.outbox.waiting().len(), 1);
    let entries = vec![
        Entry { seq: 1, at: 0, author: Author::Concierge, client_id: None, body: Body::Happened(Happening::Requested) },
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

#[test]
fn input_is_reported_at_most_every_ten_seconds() {
    let mut state = present();
    assert_eq!(state.apply(Event::Input, 0).len(), 1);
    assert!(state.apply(Event::Input, 9_999).is_empty());
    assert_eq!(state.apply(Event::Input, 10_000).len(), 1);
}
