//! The frames between a visitor's widget and the server.
//!
//! The widget opens the socket and sends [`FromVisitor::Hello`] within ten seconds. The server responds with
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

/// A frame from a widget. It never names a chat: the token identifies the visitor's chat, so no other can be requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromVisitor {
    /// The first frame.
    Hello(Hello),
    /// The tab shows another page, or the page's title changed.
    Page(Page),
    /// The tab's activity. Sent when it changes, and on input at most every 10 s.
    Activity(TabActivity),
    /// The visitor opened the concierge. From now on, data may be stored in the browser and in the database.
    Interacted,
    /// The invitation has reached this tab.
    Delivered(InvitationId),
    /// The invitation is visible to the visitor.
    Seen(InvitationId),
    /// The visitor's answer to an invitation.
    Answer {
        /// The invitation.
        invitation: InvitationId,
        /// The answer.
        answer: Answer,
    },
    /// The visitor clicked `Talk to a person`.
    AskForPerson,
    /// A message. Without a live chat, it also requests one.
    SendMessage {
        /// The sender's ID for the message.
        client_id: ClientId,
        /// Plain text, 1 to `limits::MESSAGE_CHARS` characters.
        text: String,
    },
    /// The visitor is typing in the composer. Repeated at most every 3 s, valid for 6 s.
    Typing,
    /// The entries of the chat up to here were delivered or read.
    Receipt(Receipt),
    /// Requests the entries after this one, after a gap.
    Resume(Seq),
    /// The visitor ended the chat.
    End,
    /// Keeps the connection alive; sent every 20 s.
    Heartbeat,
    /// The page is being unloaded.
    Leaving,
    /// The message form: how to reply to the visitor when no agent is available. The message itself was sent before,
    /// like any other.
    LeaveContact {
        /// The visitor's name; may be empty.
        name: String,
        /// The visitor's e-mail address.
        email: String,
    },
    /// The consent has changed since the hello.
    SetConsent(Consent),
}

/// The first frame of a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`crate::VERSION`].
    pub version: u16,
    /// The key of the concierge.
    pub concierge: ConciergeKey,
    /// The visitor's token, if known.
    pub token: Option<VisitorToken>,
    /// The tab's ID, new on each page load.
    pub tab: TabId,
    /// The origin of the host page, as reported by the browser; empty if the frame is a page of its own.
    pub host: String,
    /// The visitor's current page.
    pub page: Page,
    /// The tab's activity.
    pub activity: TabActivity,
    /// Whether the browser reports that it is automated. If so, it has no row before the first input (docs/testing.md,
    /// scenario 16).
    pub automated: bool,
    /// The last entry of the chat that the tab has.
    pub head: Seq,
    /// The browser's time zone, a space, and the referrer: `Europe/Berlin https://search.test/`. A single text, because
    /// the widget only passes it on.
    pub entry_info: String,
    /// What the visitor allows to be stored.
    pub consent: Consent,
}

/// A frame to a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToVisitor {
    /// The response to the hello.
    Welcome(Welcome),
    /// The open invitation; `None`: it is no longer open, hide the prompt.
    Invitation(Option<VisitorInvitation>),
    /// Show no prompt until then: the visitor denied an invitation, possibly in another tab.
    Quiet {
        /// The end of the quiet time.
        until: Millis,
    },
    /// The chat is new or has changed; `None`: there is no chat any more.
    Chat(Option<VisitorChat>),
    /// Entries of the chat, in order. The tab skips those it already has, by `seq`.
    Entries(Vec<Entry>),
    /// A message was durably stored.
    Acknowledged {
        /// The sender's ID for the message.
        client_id: ClientId,
        /// The message's number in the chat; 0 if it was sent again but belongs to an earlier chat.
        seq: Seq,
        /// When it was stored.
        at: Millis,
    },
    /// A message or request was refused. The widget keeps the draft.
    Refused {
        /// The refused message, if it was one.
        client_id: Option<ClientId>,
        /// The reason.
        refusal: Refusal,
    },
    /// The agent is typing; valid for 6 s.
    Typing,
    /// The response to a heartbeat.
    Heartbeat {
        /// The server's clock.
        now: Millis,
        /// The last entry of the chat, 0 without one; reveals that a last entry was lost.
        head: Seq,
    },
    /// The server closes the connection. The reason determines whether to reconnect.
    CloseReason(CloseReason),
}

/// The response to a hello. The invitation, the chat and its missing entries follow in separate frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The visitor's token; may be stored only as `privacy` allows.
    pub token: VisitorToken,
    /// The server's clock, to correct the browser's.
    pub now: Millis,
    /// The look of the widget.
    pub look: Look,
    /// What may be stored in the browser.
    pub privacy: Privacy,
    /// Whether the visitor is stored in the database: they acted before, or were invited.
    pub persisted: bool,
    /// The end of the quiet time; show no prompt before.
    pub quiet_until: Option<Millis>,
    /// The heartbeat interval, in milliseconds.
    pub heartbeat_interval: u32,
}
