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
    /// A form field in the host page gained or lost focus.
    FormTyping(bool),
    /// The host page reported whether the visitor has given consent.
    Consent(bool),
    /// The visitor used the mouse, keyboard, or touchscreen.
    Input,
    /// The page was hidden (`pagehide`) and may return from the back/forward cache.
    PageHidden,
    /// The page was restored from the back/forward cache. The server treats it as a new tab with this id.
    PageRestored(TabId),
    /// The visitor opened the panel.
    Open,
    /// The visitor closed the panel.
    Close,
    /// The visitor switched between the sheet and full screen (on phones).
    ToggleFullScreen,
    /// The visitor chose `Accept` or `Deny`.
    Answered(Answer),
    /// The visitor chose `Talk to a person`.
    AskedForPerson,
    /// The visitor sent a message.
    MessageSubmitted(ClientId, String),
    /// The visitor typed in the composer, which now contains this text.
    Composing(String),
    /// The visitor chose `Leave a message` and left contact details. The message itself was submitted just before this
    /// event.
    ContactLeft {
        /// The visitor's name, or an empty string if none was given.
        name: String,
        /// The visitor's email address.
        email: String,
    },
    /// The visitor chose `End the chat`.
    Ended,
    /// The socket opened.
    Connected,
    /// The connection was lost.
    Disconnected,
    /// The server sent a frame.
    FrameReceived(ToVisitor),
    /// Another of the visitor's tabs played the sound for this invitation.
    SoundedElsewhere(InvitationId),
    /// A heartbeat is due.
    BeatDue,
    /// A timer fired, so everything that depends on the time must be reevaluated.
    Tick,
}

/// Something that the shell must do in response to an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a frame to the server.
    Send(FromVisitor),
    /// Store the token to the extent that the privacy mode allows.
    SaveToken,
    /// Save a message locally until the server has stored it.
    Keep(ClientId, String),
    /// Remove a locally saved message.
    Forget(ClientId),
    /// Save the draft for the tab's next page.
    KeepDraft(String),
    /// Save whether the panel is open for the tab's next page.
    KeepOpen(bool),
    /// Put the text of a rejected message back into the composer.
    PutBack(String),
    /// Empty the composer.
    Clear,
    /// Play a sound if this tab is the one that plays sounds. If the sound is for an invitation, also notify the other
    /// tabs.
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

/// A problem to show to the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The message is too long.
    TooLong,
    /// The message could not be sent yet.
    NotSent,
    /// Too much was sent; messages wait until this time, in ms by this machine's clock.
    SentLater(Millis),
    /// The email address is not valid.
    NotAnEmail,
    /// The visitor left an email address but no message.
    NoMessage,
}
