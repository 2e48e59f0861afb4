//! The conversation between a visitor's widget and the server.
//!
//! The widget opens the socket and says [`FromVisitor::Hello`] within ten seconds; the server answers with
//! [`ToVisitor::Welcome`] or a [`CloseReason`]. Every frame is one postcard value in one binary message.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    chat::{Entry, Receipt, Seq, VisitorChat},
    close_reason::CloseReason,
    concierge::{Consent, Look, Privacy},
    id::{ClientId, ConciergeKey, InvitationId, TabId, VisitorToken},
    invitation::{Answer, VisitorInvitation},
    page::Page,
    presence::TabActivity,
    refusal::Refusal,
};

/// What a widget says. It names no chat: the token says which is its own, so another's cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromVisitor {
    /// First of all.
    Hello(Hello),
    /// The visitor is on another page of the tab, or its title changed.
    Page(Page),
    /// What the tab is like now; when it changes, and on input at most every 10 s.
    Activity(TabActivity),
    /// The visitor has opened the concierge: from here on he may be remembered (in the browser and in the database).
    Interacted,
    /// The invitation has reached this tab.
    Delivered(InvitationId),
    /// The invitation stands before the visitor's eyes.
    Seen(InvitationId),
    /// The visitor answers.
    Answer {
        /// Which invitation.
        invitation: InvitationId,
        /// What.
        answer: Answer,
    },
    /// `Talk to a person`.
    AskForPerson,
    /// A message. Without a live chat it asks for a person as well.
    SendMessage {
        /// The sender's name for it.
        client_id: ClientId,
        /// Plain text, 1 to `limits::MESSAGE_CHARS` characters.
        text: String,
    },
    /// The visitor is typing in the composer; renewed at most every 3 s, valid 6 s.
    Typing,
    /// The entries of the chat up to here have arrived, or been read.
    Receipt(Receipt),
    /// The tab has entries of its chat up to here and wants what follows: after a gap.
    Resume(Seq),
    /// The visitor ends the chat.
    End,
    /// I am alive; every 20 s.
    Heartbeat,
    /// The page is going away.
    Leaving,
    /// The message form: how to answer the visitor when nobody is free. His message has come before, as any other.
    LeaveContact {
        /// His name, if he likes.
        name: String,
        /// His e-mail.
        email: String,
    },
    /// The visitor wishes otherwise than the hello said.
    SetConsent(Consent),
}

/// The first frame of a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`crate::VERSION`].
    pub version: u16,
    /// Which concierge.
    pub concierge: ConciergeKey,
    /// Who, when known.
    pub token: Option<VisitorToken>,
    /// This tab; made anew on each load.
    pub tab: TabId,
    /// The origin of the host page, as the browser told the frame; empty when the frame stands alone.
    pub host: String,
    /// Where the visitor is.
    pub page: Page,
    /// What the tab is like.
    pub activity: TabActivity,
    /// The browser says that a program drives it: no row before the first input (scenario 16).
    pub automated: bool,
    /// The last entry of the chat that the tab has.
    pub head: Seq,
    /// By which clock the visitor lives, a space, and the page that led to this one: `Europe/Berlin https://search.test/`, as
    /// the browser has them. One text, because the widget only passes it on.
    pub entry_info: String,
    /// What he wishes about what is kept.
    pub consent: Consent,
}

/// What the server says to a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToVisitor {
    /// The answer to the hello.
    Welcome(Welcome),
    /// The open invitation; none: there is none any more, the prompt goes.
    Invitation(Option<VisitorInvitation>),
    /// No prompt before then: the visitor has denied, perhaps in another tab.
    Quiet {
        /// The end of the quiet time.
        until: Millis,
    },
    /// The chat is new or other than before; none: there is none any more.
    Chat(Option<VisitorChat>),
    /// Entries of the chat, in order; what the tab has already, it skips by `seq`.
    Entries(Vec<Entry>),
    /// Durably stored.
    Acknowledged {
        /// The sender's name for it.
        client_id: ClientId,
        /// Its place; 0 when it came again and stands in an earlier chat than the one the visitor sees.
        seq: Seq,
        /// Its time.
        at: Millis,
    },
    /// Something the visitor did cannot be; with a message, which one. The widget keeps the draft.
    Refused {
        /// The message that was refused.
        client_id: Option<ClientId>,
        /// Why.
        refusal: Refusal,
    },
    /// The agent is typing; valid 6 s.
    Typing,
    /// The answer to a beat.
    Heartbeat {
        /// The server's clock.
        now: Millis,
        /// The last entry of the chat, 0 without one: a lost last message is found by it.
        head: Seq,
    },
    /// The server ends the conversation, and says whether to come back.
    CloseReason(CloseReason),
}

/// The answer to a hello. The invitation, the chat and its missing entries follow in frames of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Who the visitor is from now on; to be kept only as `privacy` allows.
    pub token: VisitorToken,
    /// The server's clock, to correct for one's own.
    pub now: Millis,
    /// How to look.
    pub look: Look,
    /// What may be kept in the browser.
    pub privacy: Privacy,
    /// The visitor has a row in the database: he acted before, or was invited.
    pub persisted: bool,
    /// No prompt before then.
    pub quiet_until: Option<Millis>,
    /// How often to beat, milliseconds.
    pub heartbeat_interval: u32,
}
