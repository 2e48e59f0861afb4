//! The frames between a visitor's widget and the server.
//!
//! The widget opens the socket and sends [`FromVisitor::Hello`] within ten seconds. The server responds with
//! [`ToVisitor::Welcome`] or a [`CloseReason`]. Each frame is a single postcard value, sent as one binary message.

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

/// A frame from a widget. Frames never include a chat's ID. The token identifies the visitor's chat, so a widget can't
/// request anyone else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromVisitor {
    /// The first frame.
    Hello(Hello),
    /// The tab navigated to another page, or the page's title changed.
    Page(Page),
    /// The tab's activity. Sent when it changes and, on input, at most every 10 s.
    Activity(TabActivity),
    /// The visitor opened the concierge. From this point on, data may be stored in the browser and in the database.
    Interacted,
    /// The invitation has reached this tab.
    Delivered(InvitationId),
    /// The invitation has become visible to the visitor.
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
    /// A message. If there is no live chat, the message also requests one.
    SendMessage {
        /// The sender's ID for the message.
        client_id: ClientId,
        /// The message, as plain text, 1 to `limits::MESSAGE_CHARS` characters long.
        text: String,
    },
    /// The visitor is typing in the composer. Sent at most every 3 s and valid for 6 s.
    Typing,
    /// The chat's entries were delivered or read up to the given points.
    Receipt(Receipt),
    /// Requests the entries after this one, because the tab missed some.
    Resume(Seq),
    /// The visitor ended the chat.
    End,
    /// Keeps the connection alive. Sent every 20 s.
    Heartbeat,
    /// The page is being unloaded.
    Leaving,
    /// The visitor submitted the message form, so that they can get a reply even though no agent is available. The
    /// message itself has already been sent like any other.
    LeaveContact {
        /// The visitor's name. May be empty.
        name: String,
        /// The visitor's email address.
        email: String,
    },
    /// The visitor's consent has changed since the hello.
    SetConsent(Consent),
}

/// The first frame that a widget sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The widget's [`crate::VERSION`].
    pub version: u16,
    /// The concierge's key.
    pub concierge: ConciergeKey,
    /// The visitor's token, if known.
    pub token: Option<VisitorToken>,
    /// The tab's ID, new on each page load.
    pub tab: TabId,
    /// The host page's origin, as reported by the browser. Empty if the widget was opened as a page rather than in a
    /// frame.
    pub host: String,
    /// The visitor's current page.
    pub page: Page,
    /// The tab's activity.
    pub activity: TabActivity,
    /// Whether the browser reports that it is automated. If so, the visit has no row until its first input
    /// (docs/testing.md, scenario 16).
    pub automated: bool,
    /// The last of the chat's entries that the tab already has.
    pub head: Seq,
    /// The browser's time zone, the referrer, and the campaign parameters of the page, separated by spaces, for example
    /// `Europe/Berlin https://search.test/ utm_source=news`. It is a single string because the widget only passes it
    /// on.
    pub entry_info: String,
    /// What the visitor allows the widget to store.
    pub consent: Consent,
}

/// A frame to a widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToVisitor {
    /// The response to the hello.
    Welcome(Welcome),
    /// The open invitation, or `None` if it is no longer open and the prompt must be hidden.
    Invitation(Option<VisitorInvitation>),
    /// The visitor declined an invitation, possibly in another tab, so no prompt may be shown for a while.
    Quiet {
        /// When the quiet period ends.
        until: Millis,
    },
    /// The chat, which is new or has changed, or `None` if there is no longer a chat.
    Chat(Option<VisitorChat>),
    /// The chat's entries, in order. The tab uses `seq` to skip entries it already has.
    Entries(Vec<Entry>),
    /// A message was durably stored.
    Acknowledged {
        /// The sender's ID for the message.
        client_id: ClientId,
        /// The message's number within the chat, or 0 if it was a repeated message that belongs to an earlier chat.
        seq: Seq,
        /// When the message was stored.
        at: Millis,
    },
    /// A message or request was refused. The widget keeps the draft.
    Refused {
        /// The ID of the refused message, if a message was refused.
        client_id: Option<ClientId>,
        /// Why it was refused.
        refusal: Refusal,
    },
    /// The agent is typing. Valid for 6 s.
    Typing,
    /// The response to a heartbeat.
    Heartbeat {
        /// The time on the server's clock.
        now: Millis,
        /// The chat's last entry, or 0 if there is no chat. This lets the widget detect that the last entry was lost.
        head: Seq,
    },
    /// The server is about to close the connection. The reason determines whether the widget reconnects.
    CloseReason(CloseReason),
}

/// The response to a hello. The invitation, the chat and its missing entries follow in separate frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The visitor's token. May only be stored if `privacy` allows it.
    pub token: VisitorToken,
    /// The time on the server's clock, used to correct the browser's.
    pub now: Millis,
    /// The widget's look.
    pub look: Look,
    /// What may be stored in the browser.
    pub privacy: Privacy,
    /// Whether the visitor is stored in the database, because they have interacted with the widget or been invited.
    pub persisted: bool,
    /// When the quiet period ends. No prompt may be shown until then.
    pub quiet_until: Option<Millis>,
    /// The heartbeat interval, in milliseconds.
    pub heartbeat_interval: u32,
}
