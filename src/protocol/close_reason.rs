//! How a server ends a socket. The number is the WebSocket close code; its range says whether to come back
//! (centrifuge's rule: below 4500 yes, from 4500 on never as you are).

use serde::{Deserialize, Serialize};

/// Why the server ends the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// The server stops or restarts: come back after a random part of this time.
    Restarting {
        /// Milliseconds.
        within: u32,
    },
    /// The queue to you was full or 30 s old: come back and resume.
    TooSlow,
    /// Nothing was heard from you for two beats.
    Silent,
    /// No hello within ten seconds.
    NoHello,
    /// Too much, too fast: come back after this time.
    TooMany {
        /// Milliseconds.
        retry_after: u32,
    },
    /// The server cannot serve you now: come back.
    Unavailable,
    /// That was not a frame of this protocol.
    NotAFrame,
    /// The frame was larger than [`crate::limits::FRAME_BYTES`].
    TooLarge,
    /// A frame that must not come now, such as a second hello.
    OutOfTurn,
    /// Another version of the frames: reload.
    Outdated,
    /// No such concierge, or it is paused.
    NoSuchConcierge,
    /// The concierge does not serve this site.
    WrongSite,
    /// You are not signed in, or no longer.
    SignedOut,
    /// The visitor is blocked: the concierge goes, until a later page.
    Blocked,
}

impl CloseReason {
    /// The close code.
    pub fn code(self) -> u16 {
        match self {
            Self::Restarting { .. } => 4000,
            Self::TooSlow => 4001,
            Self::Silent => 4408,
            Self::NoHello => 4409,
            Self::TooMany { .. } => 4429,
            Self::Unavailable => 4430,
            Self::NotAFrame => 4500,
            Self::TooLarge => 4501,
            Self::OutOfTurn => 4502,
            Self::Outdated => 4503,
            Self::NoSuchConcierge => 4504,
            Self::WrongSite => 4505,
            Self::SignedOut => 4506,
            Self::Blocked => 4507,
        }
    }

    /// Whether a client may try again as it is.
    pub fn may_reconnect(self) -> bool {
        self.code() < 4500
    }

    /// The word of the reason, for logs and the close frame.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Restarting { .. } => "restarting",
            Self::TooSlow => "too_slow",
            Self::Silent => "silent",
            Self::NoHello => "no_hello",
            Self::TooMany { .. } => "too_many",
            Self::Unavailable => "unavailable",
            Self::NotAFrame => "not_a_frame",
            Self::TooLarge => "too_large",
            Self::OutOfTurn => "out_of_turn",
            Self::Outdated => "outdated",
            Self::NoSuchConcierge => "no_such_concierge",
            Self::WrongSite => "wrong_site",
            Self::SignedOut => "signed_out",
            Self::Blocked => "blocked",
        }
    }
}
