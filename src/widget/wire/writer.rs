//! Encodes the widget's frames.

use alloc::vec::Vec;

use protocol::{invitation::Answer, visitor::FromVisitor};
use uuid::Uuid;

/// Encodes a frame.
pub fn write(frame: &FromVisitor) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    match frame {
        FromVisitor::Hello(hello) => {
            out.kind(0).number(hello.version.into()).text(&hello.concierge.0);
            match &hello.token {
                Some(token) => out.kind(1).bytes(&token.0),
                None => out.kind(0),
            };
            out.id(hello.tab.0).text(&hello.host).text(&hello.page.url).text(&hello.page.title);
            let activity = hello.activity;
            out.flag(activity.visible).flag(activity.typing_in_form).flag(activity.input);
            out.flag(hello.automated).number(hello.head).text(&hello.entry_info).kind(hello.consent as u8)
        }
        FromVisitor::Page(page) => out.kind(1).text(&page.url).text(&page.title),
        FromVisitor::Activity(activity) => {
            out.kind(2).flag(activity.visible).flag(activity.typing_in_form).flag(activity.input)
        }
        FromVisitor::Interacted => out.kind(3),
        FromVisitor::Delivered(invitation) => out.kind(4).id(invitation.0),
        FromVisitor::Seen(invitation) => out.kind(5).id(invitation.0),
        FromVisitor::Answer { invitation, answer } => out.kind(6).id(invitation.0).flag(*answer == Answer::Deny),
        FromVisitor::AskForPerson => out.kind(7),
        FromVisitor::SendMessage { client_id, text } => out.kind(8).id(client_id.0).text(text),
        FromVisitor::Typing => out.kind(9),
        FromVisitor::Receipt(receipt) => out.kind(10).number(receipt.delivered).number(receipt.read),
        FromVisitor::Resume(seq) => out.kind(11).number(*seq),
        FromVisitor::End => out.kind(12),
        FromVisitor::Heartbeat => out.kind(13),
        FromVisitor::Leaving => out.kind(14),
        FromVisitor::LeaveContact { name, email } => out.kind(15).text(name).text(email),
        FromVisitor::SetConsent(consent) => out.kind(16).kind(*consent as u8),
    };
    out.0
}

struct Writer(Vec<u8>);

impl Writer {
    fn kind(&mut self, kind: u8) -> &mut Self {
        self.0.push(kind);
        self
    }

    fn flag(&mut self, flag: bool) -> &mut Self {
        self.kind(flag.into())
    }

    fn number(&mut self, mut number: u32) -> &mut Self {
        while number > 127 {
            self.0.push(number as u8 | 128);
            number >>= 7;
        }
        self.kind(number as u8)
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u32).bytes(text.as_bytes())
    }

    fn id(&mut self, id: Uuid) -> &mut Self {
        self.number(16).bytes(id.as_bytes())
    }
}
