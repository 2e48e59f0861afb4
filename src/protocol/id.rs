//! IDs: UUIDv7, with one type per kind of object, so that a chat's ID is never mistaken for a visit's.

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
    /// An organization, which owns concierges, teams and agents.
    OrganizationId;
    /// One placement of the widget.
    ConciergeId;
    /// A team of agents.
    TeamId;
    /// A person of the organization who can sign in.
    AgentId;
    /// A visitor, recognized by browser.
    VisitorId;
    /// One visit to the site; a row of the board.
    VisitId;
    /// One tab of a visit, that is, one loaded widget.
    TabId;
    /// One invitation to chat.
    InvitationId;
    /// One conversation with a live agent.
    ChatId;
    /// A file in a chat.
    FileId;
    /// A canned reply.
    ReplyId;
    /// The sender's ID for a message that has no `seq` yet; prevents duplicates when it is sent again.
    ClientId;
}

/// The public key of a concierge in the embed line: 1–40 characters of `a-z 0-9 -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConciergeKey(pub String);

impl ConciergeKey {
    /// Returns whether the text has the form of a key. Only the store knows whether it exists.
    pub fn is_well_formed(&self) -> bool {
        (1..=40).contains(&self.0.len()) && self.0.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }
}

/// A visitor's secret: 32 random bytes. The server stores only its hash. It never appears in a URL or a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorToken(pub [u8; 32]);

impl fmt::Debug for VisitorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisitorToken(…)")
    }
}
