//! Tests every kind of frame, in both directions, against the server's codec.

use alloc::{string::String, vec, vec::Vec};

use protocol::{
    Millis,
    agent::AgentCard,
    chat::{AgentConnectivity, Author, Body, ChatEvent, ChatState, EndReason, Entry, Receipt, VisitorChat},
    close_reason::CloseReason,
    codec,
    concierge::{Consent, Look, Privacy, Side},
    contact::ContactRequest,
    file::FileCard,
    id::{AgentId, ChatId, ClientId, ConciergeKey, InvitationId, TabId, TeamId, VisitorToken},
    invitation::{Answer, InvitationState, VisitorInvitation},
    language::Language,
    page::Page,
    presence::TabActivity,
    refusal::Refusal,
    visitor::{FromVisitor, Hello, ToVisitor, Welcome},
};
use uuid::Uuid;

use super::*;

const ID: Uuid = Uuid::from_u128(0x0199_f00d_dead_7000_8bad_0000_0000_c0de);
/// Zero, negative, small, realistic, and extreme times.
const TIMES: [Millis; 5] = [0, -1, 300, 1_780_000_000_000, Millis::MIN];

/// Fails to compile if a new kind of frame is missing here. Add the new kind to the tests and to the reader as well.
fn check_every_kind_is_listed(frame: &ToVisitor) {
    match frame {
        ToVisitor::Welcome(_)
        | ToVisitor::Invitation(_)
        | ToVisitor::Quiet { .. }
        | ToVisitor::Chat(_)
        | ToVisitor::Entries(_)
        | ToVisitor::Acknowledged { .. }
        | ToVisitor::Refused { .. }
        | ToVisitor::Typing
        | ToVisitor::Heartbeat { .. }
        | ToVisitor::CloseReason(_) => {}
    }
}

fn assert_decodes(frame: &ToVisitor) {
    check_every_kind_is_listed(frame);
    let bytes = codec::encode(frame);
    assert_eq!(read(&bytes).as_ref(), Some(frame));
    for end in 0..bytes.len() {
        assert_eq!(read(&bytes[..end]), None, "cut at {end}: {frame:?}");
    }
    assert_eq!(read(&[&bytes[..], &[0]].concat()), None, "trailing bytes: {frame:?}");
}

fn agent() -> AgentCard {
    AgentCard { id: AgentId(ID), name: "Ann Łee".into(), avatar: "0a1b".into() }
}

#[test]
fn welcome_frames_decode() {
    for side in [Side::Left, Side::Right] {
        for language in [Language::En, Language::De] {
            for privacy in [Privacy::Essential, Privacy::Ask, Privacy::Full] {
                for now in TIMES {
                    let look = Look {
                        title: "Shop".into(),
                        greeting: "Grüß Gott".into(),
                        color: "#123456".into(),
                        side,
                        language,
                    };
                    assert_decodes(&ToVisitor::Welcome(Welcome {
                        token: VisitorToken([200; 32]),
                        now,
                        look,
                        privacy,
                        persisted: side == Side::Left,
                        quiet_until: (language == Language::De).then_some(now),
                        heartbeat_interval: u32::MAX,
                    }));
                }
            }
        }
    }
}

#[test]
fn invitation_and_chat_frames_decode() {
    assert_decodes(&ToVisitor::Invitation(None));
    for state in InvitationState::ALL {
        let text = "x".repeat(200);
        assert_decodes(&ToVisitor::Invitation(Some(VisitorInvitation {
            id: InvitationId(ID),
            by: agent(),
            text,
            state,
            expires_at: 7,
        })));
    }
    assert_decodes(&ToVisitor::Chat(None));
    for state in ChatState::ALL {
        for (link, contact) in [AgentConnectivity::Ok, AgentConnectivity::Reconnecting, AgentConnectivity::Lost]
            .into_iter()
            .zip(ContactRequest::ALL)
        {
            assert_decodes(&ToVisitor::Chat(Some(VisitorChat {
                id: ChatId(ID),
                state,
                agent: (link == AgentConnectivity::Ok).then(agent),
                link,
                head: 300,
                agent_receipt: Receipt { delivered: 1, read: 2 },
                visitor_receipt: Receipt { delivered: 300, read: 4 },
                contact,
            })));
        }
    }
}

#[test]
fn entry_frames_decode() {
    let by = AgentId(ID);
    let mut bodies: Vec<Body> = [
        ChatEvent::Accepted { by, late: true },
        ChatEvent::Requested,
        ChatEvent::Joined(by),
        ChatEvent::TakenOver { from: AgentId(Uuid::nil()), by },
        ChatEvent::AgentLost(by),
        ChatEvent::AgentBack(by),
        ChatEvent::Returned,
        ChatEvent::VisitorLeft,
        ChatEvent::VisitorBack,
        ChatEvent::Ended(EndReason::Agent),
        ChatEvent::Ended(EndReason::Visitor),
        ChatEvent::Ended(EndReason::Silence),
        ChatEvent::Ended(EndReason::Abandoned),
        ChatEvent::Reopened,
        ChatEvent::ContactLeft,
        ChatEvent::HandedOver { from: AgentId(Uuid::nil()), to: by },
        ChatEvent::HandedToTeam { from: by, team: TeamId(ID) },
    ]
    .map(Body::Event)
    .into();
    bodies.extend(["", "hi", "ü€𝄞"].map(|text| Body::Text(text.into())));
    bodies.extend([Body::Edited { of: 300, text: "ho".into() }, Body::Deleted { of: 1 }]);
    bodies.push(Body::File(FileCard("id 1 png ü.png".into())));
    let mut entries = Vec::new();
    for (place, body) in bodies.into_iter().enumerate() {
        let author = [Author::Visitor, Author::Agent(by), Author::Concierge][place % 3];
        let client_id = (place % 2 == 0).then_some(ClientId(ID));
        entries.push(Entry { seq: place as u32 * 100, at: TIMES[place % 5], author, client_id, body });
        assert_decodes(&ToVisitor::Entries(vec![entries[place].clone()]));
    }
    assert_decodes(&ToVisitor::Entries(Vec::new()));
    assert_decodes(&ToVisitor::Entries(entries));
}

#[test]
fn numeric_frames_decode() {
    for at in TIMES {
        assert_decodes(&ToVisitor::Quiet { until: at });
        assert_decodes(&ToVisitor::Acknowledged { client_id: ClientId(ID), seq: 128, at });
        assert_decodes(&ToVisitor::Heartbeat { now: at, head: 0 });
    }
    assert_decodes(&ToVisitor::Typing);
    for close_reason in [
        CloseReason::Restarting { within: 70_000 },
        CloseReason::TooSlow,
        CloseReason::Silent,
        CloseReason::NoHello,
        CloseReason::TooMany { retry_after: 1 },
        CloseReason::Unavailable,
        CloseReason::NotAFrame,
        CloseReason::TooLarge,
        CloseReason::OutOfTurn,
        CloseReason::Outdated,
        CloseReason::NoSuchConcierge,
        CloseReason::WrongSite,
        CloseReason::SignedOut,
        CloseReason::Blocked,
    ] {
        assert_decodes(&ToVisitor::CloseReason(close_reason));
    }
}

#[test]
fn refusals_irrelevant_to_visitors_decode_as_not_found() {
    let as_read = |refusal| {
        let frame = ToVisitor::Refused { client_id: Some(ClientId(ID)), refusal };
        match read(&codec::encode(&frame)) {
            Some(ToVisitor::Refused { client_id: Some(ClientId(ID)), refusal }) => refusal,
            other => panic!("{frame:?} was read as {other:?}"),
        }
    };
    for apart in [
        Refusal::TooMany { retry_after: 5_000 },
        Refusal::TooLong { limit: 4_000 },
        Refusal::StorageFull,
        Refusal::Unexpected,
        Refusal::Empty,
        Refusal::NotAnEmail,
    ] {
        assert_eq!(as_read(apart.clone()), apart);
    }
    for alike in [
        Refusal::NotSignedIn,
        Refusal::NotFound,
        Refusal::Forbidden,
        Refusal::Quiet { until: 1 },
        Refusal::ChatChanged { agent: Some(AgentId(ID)) },
        Refusal::ChatEnded,
        Refusal::ClientIdReused,
        Refusal::Blocked { until: Some(7) },
    ] {
        assert_eq!(as_read(alike), Refusal::NotFound);
    }
}

#[test]
fn malformed_bytes_are_rejected() {
    for first in 0..=255 {
        let _ = read(&[first]);
        let _ = read(&[first; 40]);
    }
    assert_eq!(read(&[]), None);
    assert_eq!(read(&[10]), None);
    assert_eq!(read(&[255; 12]), None, "an unterminated number");
}

/// Covers E4 and E13 on the client side. The reader agrees with the server's codec on a stored corpus and on random
/// bytes.
#[test]
fn fuzz_any_bytes_decode_like_the_codec() {
    bolero::check!(name = "any_bytes").with_iterations(5_000).with_max_len(1_024).for_each(|bytes: &[u8]| {
        // A random first byte would rarely be a valid frame kind.
        for first in 0..10 {
            let bytes = [&[first][..], bytes].concat();
            match (codec::decode::<ToVisitor>(&bytes), read(&bytes)) {
                (Ok(ToVisitor::Refused { .. }), Some(ToVisitor::Refused { .. })) | (Err(_), _) => {}
                (Ok(meant), was_read) => assert_eq!(was_read, Some(meant)),
            }
        }
    });
}

#[test]
fn every_widget_frame_encodes_like_the_codec() {
    let page = Page { url: String::from("https://shop.test/ü"), title: "t".repeat(300) };
    let activity = TabActivity { visible: true, typing_in_form: false, input: true };
    let hello = |token| {
        FromVisitor::Hello(Hello {
            version: 300,
            concierge: ConciergeKey("shop".into()),
            token,
            tab: TabId(ID),
            host: "https://shop.test".into(),
            page: page.clone(),
            activity,
            automated: true,
            head: u32::MAX,
            entry_info: "Europe/Berlin https://search.test/ü".into(),
            consent: Consent::Given,
        })
    };
    for frame in [
        hello(None),
        hello(Some(VisitorToken([129; 32]))),
        FromVisitor::Page(page.clone()),
        FromVisitor::Activity(activity),
        FromVisitor::Interacted,
        FromVisitor::Delivered(InvitationId(ID)),
        FromVisitor::Seen(InvitationId(ID)),
        FromVisitor::Answer { invitation: InvitationId(ID), answer: Answer::Accept },
        FromVisitor::Answer { invitation: InvitationId(ID), answer: Answer::Deny },
        FromVisitor::AskForPerson,
        FromVisitor::SendMessage { client_id: ClientId(ID), text: "𝄞".repeat(4_000) },
        FromVisitor::Typing,
        FromVisitor::Receipt(Receipt { delivered: 128, read: 127 }),
        FromVisitor::Resume(16_384),
        FromVisitor::End,
        FromVisitor::Heartbeat,
        FromVisitor::Leaving,
        FromVisitor::LeaveContact { name: "Véra".into(), email: "vera@shop.test".into() },
        FromVisitor::SetConsent(Consent::OptedOut),
    ] {
        assert_eq!(write(&frame), codec::encode(&frame), "{frame:?}");
    }
}
