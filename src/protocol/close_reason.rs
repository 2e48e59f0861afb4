//! The reasons why the server closes a socket, each with a WebSocket close code. As in Centrifuge, clients should
//! reconnect if the code is below 4500; otherwise, they must not reconnect until something has changed.

use serde::{Deserialize, Serialize};

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// The server is stopping or restarting. The client should reconnect after a random delay.
    Restarting {
        /// The maximum delay, in milliseconds.
        within: u32,
    },
    /// The client's outbound queue was full, or its oldest frame was 30 s old. The client should reconnect and resume.
    TooSlow,
    /// The client sent nothing for two heartbeat intervals.
    Silent,
    /// The client did not send a hello within 10 s.
    NoHello,
    /// The client sent too many frames. It should wait before reconnecting.
    TooMany {
        /// How long to wait, in milliseconds.
        retry_after: u32,
    },
    /// The server is temporarily unavailable. The client should reconnect.
    Unavailable,
    /// The client sent bytes that are not a frame of this protocol.
    NotAFrame,
    /// The client sent a frame larger than [`crate::limits::FRAME_BYTES`].
    TooLarge,
    /// The client sent a frame that is not allowed at this point, such as a second hello.
    OutOfTurn,
    /// The client uses a different protocol version and must reload.
    Outdated,
    /// The concierge does not exist or is paused.
    NoSuchConcierge,
    /// The concierge does not serve this site.
    WrongSite,
    /// The agent is not (or no longer) signed in.
    SignedOut,
    /// The visitor is blocked. The widget stays hidden until the next page load.
    Blocked,
}

impl CloseReason {
    /// Returns the WebSocket close code.
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

    /// Returns whether the client may reconnect right away, without anything having changed.
    pub fn may_reconnect(self) -> bool {
        self.code() < 4500
    }

    /// Returns the reason's name, for logs and for the close frame.
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
