//! What can happen to a widget, and what it then wants done.

use alloc::string::String;

use protocol::{
    id::{ClientId, InvitationId, TabId},
    invitation::Answer,
    page::Page,
    visitor::{FromVisitor, ToVisitor},
};

/// What can happen to a widget.
#[derive(Debug)]
pub enum Event {
    /// The host page is another one, or its title changed.
    Page(Page),
    /// The tab came to the front or went.
    Visible(bool),
    /// The visitor went into or out of a field of the host page.
    FormTyping(bool),
    /// The host page reports the visitor's consent, or that he gives none.
    Consent(bool),
    /// A pointer, key or touch.
    Input,
    /// The page goes away, perhaps to come back.
    PageHidden,
    /// The page came back from the browser's back/forward cache, as another tab to the server.
    PageRestored(TabId),
    /// The visitor opens the panel.
    Open,
    /// The visitor closes the panel.
    Close,
    /// On a phone: the whole screen, or the sheet again.
    ToggleFullScreen,
    /// `Accept` or `Deny`.
    Answered(Answer),
    /// `Talk to a person`.
    AskedForPerson,
    /// The visitor sends a message.
    MessageSubmitted(ClientId, String),
    /// The visitor types in the composer; what stands there now.
    Composing(String),
    /// `Leave a message`: how the visitor can be answered. His message was said before.
    ContactLeft {
        /// His name, if he likes.
        name: String,
        /// His e-mail.
        email: String,
    },
    /// `End the chat`.
    Ended,
    /// The socket is open.
    Connected,
    /// The socket is gone.
    Disconnected,
    /// The server says.
    FrameReceived(ToVisitor),
    /// Another tab of the visitor has sounded for this invitation.
    SoundedElsewhere(InvitationId),
    /// It is time for a beat.
    BeatDue,
    /// Time has passed: look again.
    Tick,
}

/// What the shell has to do about it.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Say it to the server.
    Send(FromVisitor),
    /// Keep the token as privacy allows.
    SaveToken,
    /// Keep the message until it is stored by the server.
    Keep(ClientId, String),
    /// The message need not be kept any more.
    Forget(ClientId),
    /// Keep what is being written, for the next page.
    KeepDraft(String),
    /// Whether the panel stands open, for the tab's next page.
    KeepOpen(bool),
    /// The message cannot be sent: its text goes back into the composer.
    PutBack(String),
    /// Empty the composer.
    Clear,
    /// A sound, when this tab is the one that sounds; for an invitation the other tabs are told.
    Sound(Option<InvitationId>),
    /// [`Event::Tick`] after so many milliseconds.
    ScheduleTick(u32),
}

/// How an invitation stands before the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Not at all.
    Hidden,
    /// A badge on the launcher.
    Badge,
    /// The card, or in the open panel the prompt.
    Open,
}

/// A sentence about something that did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The message is too long.
    TooLong,
    /// It was not sent, and is kept.
    NotSent,
    /// What was typed as an e-mail is none.
    NotAnEmail,
    /// The e-mail came without a message.
    NoMessage,
}
