//! IDs are UUIDv7. Each kind of object has its own ID type, so a chat's ID can never be mistaken for a visit's.

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
    /// An organization, which has concierges, teams, and agents.
    OrganizationId;
    /// A concierge: the widget as set up for one site.
    ConciergeId;
    /// A team of agents.
    TeamId;
    /// A person in the organization who can sign in.
    AgentId;
    /// A visitor, recognized by their browser.
    VisitorId;
    /// A visit to the site, which is one row on the board.
    VisitId;
    /// One of a visit's tabs, that is, one loaded widget.
    TabId;
    /// An invitation to chat.
    InvitationId;
    /// A conversation with a live agent.
    ChatId;
    /// A file in a chat.
    FileId;
    /// A canned reply.
    ReplyId;
    /// The sender's ID for a message that has no `seq` yet. Prevents duplicates if the message is sent again.
    ClientId;
}

/// A concierge's public key in the embed line: 1 to 40 characters from `a-z`, `0-9`, and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConciergeKey(pub String);

impl ConciergeKey {
    /// Returns whether the key is well-formed. Does not check whether a concierge with this key exists.
    pub fn is_well_formed(&self) -> bool {
        (1..=40).contains(&self.0.len()) && self.0.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }
}

/// A visitor's secret: 32 random bytes. The server only stores a hash of it. It never appears in URLs or logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorToken(pub [u8; 32]);

impl fmt::Debug for VisitorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisitorToken(…)")
    }
}
