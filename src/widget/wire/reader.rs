//! Decodes the server's frames.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use protocol::{
    Millis,
    agent::AgentCard,
    chat::{AgentConnectivity, Author, Body, ChatEvent, ChatState, EndReason, Entry, Receipt, VisitorChat},
    close_reason::CloseReason,
    concierge::{Look, Privacy, Side},
    contact::ContactRequest,
    file::FileCard,
    id::{AgentId, ChatId, ClientId, InvitationId, TeamId, VisitorToken},
    invitation::{InvitationState, VisitorInvitation},
    language::Language,
    refusal::Refusal,
    visitor::{ToVisitor, Welcome},
};
use uuid::Uuid;

/// Decodes a frame. Returns `None` unless the bytes contain exactly one frame.
pub fn read(bytes: &[u8]) -> Option<ToVisitor> {
    let mut reader = Reader { rest: bytes, is_broken: false };
    let frame = reader.frame();
    (!reader.is_broken && reader.rest.is_empty()).then_some(frame)
}

/// A reader over the remaining bytes. After the first error, all reads return zero values, and `is_broken` is checked
/// once at the end.
struct Reader<'a> {
    rest: &'a [u8],
    is_broken: bool,
}

impl<'a> Reader<'a> {
    fn frame(&mut self) -> ToVisitor {
        match self.number() {
            0 => ToVisitor::Welcome(self.welcome()),
            1 => ToVisitor::Invitation(self.option(Self::invitation)),
            2 => ToVisitor::Quiet { until: self.time() },
            3 => ToVisitor::Chat(self.option(Self::chat)),
            4 => ToVisitor::Entries(self.entries()),
            5 => ToVisitor::Acknowledged { client_id: ClientId(self.id()), seq: self.number(), at: self.time() },
            6 => ToVisitor::Refused { client_id: self.option(|it| ClientId(it.id())), refusal: self.refusal() },
            7 => ToVisitor::Typing,
            8 => ToVisitor::Heartbeat { now: self.time(), head: self.number() },
            9 => ToVisitor::CloseReason(self.close_reason()),
            _ => self.broken(ToVisitor::Typing),
        }
    }

    fn welcome(&mut self) -> Welcome {
        Welcome {
            token: VisitorToken(self.array()),
            now: self.time(),
            look: Look {
                title: self.text(),
                greeting: self.text(),
                color: self.text(),
                side: self.one_of(&[Side::Left, Side::Right]),
                language: self.one_of(&[Language::En, Language::De]),
            },
            privacy: self.one_of(&[Privacy::Essential, Privacy::Ask, Privacy::Full]),
            persisted: self.flag(),
            quiet_until: self.option(Self::time),
            heartbeat_interval: self.number(),
        }
    }

    fn invitation(&mut self) -> VisitorInvitation {
        VisitorInvitation {
            id: InvitationId(self.id()),
            by: self.agent(),
            text: self.text(),
            state: self.one_of(&InvitationState::ALL),
            expires_at: self.time(),
        }
    }

    fn chat(&mut self) -> VisitorChat {
        VisitorChat {
            id: ChatId(self.id()),
            state: self.one_of(&ChatState::ALL),
            agent: self.option(Self::agent),
            link: self.one_of(&[AgentConnectivity::Ok, AgentConnectivity::Reconnecting, AgentConnectivity::Lost]),
            head: self.number(),
            agent_receipt: self.receipt(),
            visitor_receipt: self.receipt(),
            contact: self.one_of(&ContactRequest::ALL),
        }
    }

    fn entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for _ in 0..self.number() {
            if self.is_broken {
                break;
            }
            let (seq, at) = (self.number(), self.time());
            let author = match self.number() {
                0 => Author::Visitor,
                1 => Author::Agent(self.agent_id()),
                2 => Author::Concierge,
                _ => self.broken(Author::Concierge),
            };
            let client_id = self.option(|it| ClientId(it.id()));
            let body = match self.number() {
                0 => Body::Text(self.text()),
                1 => Body::Event(self.chat_event()),
                2 => Body::Edited { of: self.number(), text: self.text() },
                3 => Body::Deleted { of: self.number() },
                4 => Body::File(FileCard(self.text())),
                _ => self.broken(Body::Event(ChatEvent::VisitorBack)),
            };
            entries.push(Entry { seq, at, author, client_id, body });
        }
        entries
    }

    fn chat_event(&mut self) -> ChatEvent {
        const REASONS: [EndReason; 4] =
            [EndReason::Agent, EndReason::Visitor, EndReason::Silence, EndReason::Abandoned];
        match self.number() {
            0 => ChatEvent::Accepted { by: self.agent_id(), late: self.flag() },
            1 => ChatEvent::Requested,
            2 => ChatEvent::Joined(self.agent_id()),
            3 => ChatEvent::TakenOver { from: self.agent_id(), by: self.agent_id() },
            4 => ChatEvent::AgentLost(self.agent_id()),
            5 => ChatEvent::AgentBack(self.agent_id()),
            6 => ChatEvent::Returned,
            7 => ChatEvent::VisitorLeft,
            8 => ChatEvent::VisitorBack,
            9 => ChatEvent::Ended(self.one_of(&REASONS)),
            10 => ChatEvent::Reopened,
            11 => ChatEvent::ContactLeft,
            12 => ChatEvent::HandedOver { from: self.agent_id(), to: self.agent_id() },
            13 => ChatEvent::HandedToTeam { from: self.agent_id(), team: TeamId(self.id()) },
            _ => self.broken(ChatEvent::VisitorBack),
        }
    }

    /// Reads a refusal, which is always the last field of its frame. Kinds that the widget does not distinguish become
    /// `NotFound`, and their remaining bytes are skipped.
    fn refusal(&mut self) -> Refusal {
        let refusal = match self.number() {
            2 => return Refusal::TooMany { retry_after: self.number() },
            15 => Refusal::Empty,
            16 => return Refusal::TooLong { limit: self.number() },
            18 => Refusal::StorageFull,
            19 => Refusal::Unexpected,
            21 => Refusal::NotAnEmail,
            _ => Refusal::NotFound,
        };
        self.rest = &[];
        refusal
    }

    fn close_reason(&mut self) -> CloseReason {
        match self.number() {
            0 => CloseReason::Restarting { within: self.number() },
            1 => CloseReason::TooSlow,
            2 => CloseReason::Silent,
            3 => CloseReason::NoHello,
            4 => CloseReason::TooMany { retry_after: self.number() },
            5 => CloseReason::Unavailable,
            6 => CloseReason::NotAFrame,
            7 => CloseReason::TooLarge,
            8 => CloseReason::OutOfTurn,
            9 => CloseReason::Outdated,
            10 => CloseReason::NoSuchConcierge,
            11 => CloseReason::WrongSite,
            12 => CloseReason::SignedOut,
            13 => CloseReason::Blocked,
            _ => self.broken(CloseReason::Outdated),
        }
    }

    fn agent(&mut self) -> AgentCard {
        AgentCard { id: self.agent_id(), name: self.text(), avatar: self.text() }
    }

    fn agent_id(&mut self) -> AgentId {
        AgentId(self.id())
    }

    fn receipt(&mut self) -> Receipt {
        Receipt { delivered: self.number(), read: self.number() }
    }

    fn broken<T>(&mut self, instead: T) -> T {
        self.is_broken = true;
        instead
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else { return self.broken(&[]) };
        self.rest = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        if let taken @ [_, ..] = self.take(N) {
            array.copy_from_slice(taken);
        }
        array
    }

    /// Reads a varint: seven bits per byte, lowest first; the highest bit means that more bytes follow.
    fn long(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array();
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return number;
            }
        }
        self.broken(0)
    }

    fn number(&mut self) -> u32 {
        self.long() as u32
    }

    /// Reads a zigzag-encoded number: the sign is in the lowest bit.
    fn time(&mut self) -> Millis {
        let number = self.long();
        (number >> 1) as Millis ^ -((number & 1) as Millis)
    }

    fn flag(&mut self) -> bool {
        self.number() == 1
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| read(self))
    }

    /// Reads an enum without fields.
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let number = self.number() as usize;
        if number < all.len() { all[number] } else { self.broken(all[0]) }
    }

    fn id(&mut self) -> Uuid {
        self.number();
        Uuid::from_bytes(self.array())
    }

    fn text(&mut self) -> String {
        let length = self.number() as usize;
        match core::str::from_utf8(self.take(length)) {
            Ok(text) => text.to_owned(),
            Err(_) => self.broken(String::new()),
        }
    }
}
