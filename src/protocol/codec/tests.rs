//! Tests that every frame round-trips and that no input makes the decoder panic or allocate too much memory.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    agent::{FromAgent, ToAgent},
    chat::{Author, Body, ChatEvent, Entry, Receipt},
    close_reason::CloseReason,
    id::{AgentId, ChatId, ClientId, InvitationId},
    invitation::Answer,
    page::Page,
    presence::TabActivity,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor},
};

fn from_visitor() -> impl Strategy<Value = FromVisitor> {
    prop_oneof![
        (".{0,40}", ".{0,40}").prop_map(|(url, title)| FromVisitor::Page(Page { url, title })),
        any::<(bool, bool, bool)>().prop_map(|(visible, typing_in_form, input)| {
            FromVisitor::Activity(TabActivity { visible, typing_in_form, input })
        }),
        any::<u128>().prop_map(|id| FromVisitor::Seen(InvitationId(Uuid::from_u128(id)))),
        any::<(u128, bool)>().prop_map(|(id, yes)| FromVisitor::Answer {
            invitation: InvitationId(Uuid::from_u128(id)),
            answer: if yes { Answer::Accept } else { Answer::Deny },
        }),
        (any::<u128>(), ".{0,200}")
            .prop_map(|(id, text)| FromVisitor::SendMessage { client_id: ClientId(Uuid::from_u128(id)), text }),
        any::<(u32, u32)>().prop_map(|(delivered, read)| FromVisitor::Receipt(Receipt { delivered, read })),
        Just(FromVisitor::Heartbeat),
    ]
}

proptest! {
    #[test]
    fn visitor_frames_round_trip(frame in from_visitor()) {
        prop_assert_eq!(decode::<FromVisitor>(&encode(&frame)), Ok(frame));
    }

    #[test]
    fn entries_round_trip(seq: u32, at: i64, agent: u128, text in ".{0,300}") {
        let agent = AgentId(Uuid::from_u128(agent));
        let said = Entry { seq, at, author: Author::Agent(agent), client_id: None, body: Body::Text(text) };
        let happened = Entry { body: Body::Event(ChatEvent::Accepted { by: agent, late: true }), ..said };
        let frame = ToAgent::Entries { chat: ChatId(agent.0), entries: vec![said, happened] };
        prop_assert_eq!(decode::<ToAgent>(&encode(&frame)), Ok(frame));
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<FromVisitor>(&bytes);
        let _ = decode::<FromAgent>(&bytes);
        let _ = decode::<ToVisitor>(&bytes);
        let _ = decode::<ToAgent>(&bytes);
    }

    #[test]
    fn trailing_bytes_are_rejected(frame in from_visitor(), extra in 1usize..8) {
        let mut bytes = encode(&frame);
        bytes.resize(bytes.len() + extra, 0);
        prop_assert_eq!(decode::<FromVisitor>(&bytes), Err(DecodeError));
    }
}

/// Covers E4 using a stored corpus and random input: invalid bytes are rejected, and valid frames round-trip.
#[test]
fn fuzz_any_bytes_are_decoded_or_refused() {
    fn is_read_or_refused<F: Serialize + DeserializeOwned + PartialEq + core::fmt::Debug>(bytes: &[u8]) {
        if let Ok(frame) = decode::<F>(bytes) {
            assert_eq!(decode::<F>(&encode(&frame)), Ok(frame));
        }
    }
    bolero::check!(name = "any_bytes").with_iterations(5_000).with_max_len(2_048).for_each(|bytes: &[u8]| {
        is_read_or_refused::<FromVisitor>(bytes);
        is_read_or_refused::<FromAgent>(bytes);
        is_read_or_refused::<ToVisitor>(bytes);
        is_read_or_refused::<ToAgent>(bytes);
    });
}

#[test]
fn oversized_length_prefix_is_rejected() {
    // Covers E13: the message's text claims to be 2^32-1 bytes long.
    let mut bytes = encode(&FromVisitor::SendMessage { client_id: ClientId(Uuid::nil()), text: String::new() });
    bytes.pop();
    bytes.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
    bytes.extend([b'a'; 10]);
    assert_eq!(decode::<FromVisitor>(&bytes), Err(DecodeError));
}

#[test]
fn refusals_and_close_reasons_round_trip() {
    let refused = ToVisitor::Refused { client_id: None, refusal: Refusal::TooLong { limit: 4_000 } };
    assert_eq!(decode::<ToVisitor>(&encode(&refused)), Ok(refused));
    let close_reason = ToVisitor::CloseReason(CloseReason::Restarting { within: 3_000 });
    assert_eq!(decode::<ToVisitor>(&encode(&close_reason)), Ok(close_reason));
}
