//! Names of things: UUIDv7, one type each, so that a chat is never mistaken for a visit.

use alloc::string::String;
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A company that owns concierges, teams and agents.
    OrganizationId;
    /// One placement of the widget.
    ConciergeId;
    /// A team of agents.
    TeamId;
    /// A person of the company who chats.
    AgentId;
    /// A browser.
    VisitorId;
    /// One stay of a visitor on the site; the row of the board.
    VisitId;
    /// One tab (one loaded widget) of a visit.
    TabId;
    /// One question to a visitor whether he wants to chat.
    InvitationId;
    /// One conversation with a live agent.
    ChatId;
    /// A file that was sent into a chat.
    FileId;
    /// A canned reply.
    ReplyId;
    /// A message as its sender named it, before it had a `seq`: resending cannot double it.
    ClientId;
}

/// The public name of a concierge, as it stands in the embed line: 1–40 of `a-z 0-9 -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConciergeKey(pub String);

impl ConciergeKey {
    /// Whether the text can be a key at all; whether one exists under it, the store knows.
    pub fn is_well_formed(&self) -> bool {
        (1..=40).contains(&self.0.len()) && self.0.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }
}

/// The visitor's secret: 32 random bytes. The server stores its hash; it is never in an address or a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorToken(pub [u8; 32]);

impl fmt::Debug for VisitorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisitorToken(…)")
    }
}
