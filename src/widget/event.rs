//! The events that a widget receives and the effects that it requests.

use alloc::string::String;

use protocol::{
    Millis,
    id::{ClientId, InvitationId, TabId},
    invitation::Answer,
    page::Page,
    visitor::{FromVisitor, ToVisitor},
};

/// Something that happened to the widget.
#[derive(Debug)]
pub enum Event {
    /// The host page navigated, or its title changed.
    Page(Page),
    /// The tab became visible or hidden.
    Visible(bool),
    /// A form field of the host page got or lost the focus.
    FormTyping(bool),
    /// The host page reported the visitor's consent: given or not.
    Consent(bool),
    /// Pointer, keyboard or touch input.
    Input,
    /// The page was hidden (`pagehide`) and may return from the back/forward cache.
    PageHidden,
    /// The page was restored from the back/forward cache. To the server it is a new tab, with this id.
    PageRestored(TabId),
    /// The visitor opened the panel.
    Open,
    /// The visitor closed the panel.
    Close,
    /// On a phone: toggles between the sheet and the full screen.
    ToggleFullScreen,
    /// The visitor chose `Accept` or `Deny`.
    Answered(Answer),
    /// The visitor chose `Talk to a person`.
    AskedForPerson,
    /// The visitor sent a message.
    MessageSubmitted(ClientId, String),
    /// The visitor typed in the composer; its current text.
    Composing(String),
    /// The visitor chose `Leave a message` and left contact details. The message itself was submitted before.
    ContactLeft {
        /// The visitor's name, optional.
        name: String,
        /// The visitor's e-mail address.
        email: String,
    },
    /// The visitor chose `End the chat`.
    Ended,
    /// The socket opened.
    Connected,
    /// The socket was lost.
    Disconnected,
    /// The server sent a frame.
    FrameReceived(ToVisitor),
    /// Another of the visitor's tabs played the sound for this invitation.
    SoundedElsewhere(InvitationId),
    /// A heartbeat is due.
    BeatDue,
    /// A timer fired: re-evaluate everything that depends on time.
    Tick,
}

/// Something that the shell must do in response to an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a frame to the server.
    Send(FromVisitor),
    /// Store the token as far as the privacy mode allows.
    SaveToken,
    /// Store a message until the server has stored it.
    Keep(ClientId, String),
    /// Remove the stored message.
    Forget(ClientId),
    /// Store the draft for the tab's next page.
    KeepDraft(String),
    /// Store whether the panel is open, for the tab's next page.
    KeepOpen(bool),
    /// Put the text of a rejected message back into the composer.
    PutBack(String),
    /// Empty the composer.
    Clear,
    /// Play a sound if this tab is the one that plays sounds. For an invitation, tell the other tabs.
    Sound(Option<InvitationId>),
    /// Dispatch [`Event::Tick`] after this many milliseconds.
    ScheduleTick(u32),
}

/// How an invitation is shown to the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Not shown.
    Hidden,
    /// A badge on the launcher.
    Badge,
    /// Shown as a card, or as a prompt in the open panel.
    Open,
}

/// A problem that the visitor is told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The message is too long.
    TooLong,
    /// The message could not be sent yet.
    NotSent,
    /// Too much was sent; messages wait until this time, in ms by this machine's clock.
    SentLater(Millis),
    /// The e-mail address is not valid.
    NotAnEmail,
    /// An e-mail address was left without a message.
    NoMessage,
}
