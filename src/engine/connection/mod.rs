//! Connections: what a socket holds, and all that it knows of the engine. Dropping a connection reports the leaving.

mod agent;
pub(crate) mod chat_rate_limit;
pub(crate) mod tab_limit;
mod visitor;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::close_reason::CloseReason;

pub use agent::AgentConnection;
pub use visitor::VisitorConnection;

use crate::hub::{Hub, event::ConnectionId};

/// What is known of a visitor before he says a word.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// From where.
    pub ip: IpAddr,
    /// With what.
    pub user_agent: String,
    /// The browser says that it stands on a phone.
    pub is_mobile: bool,
    /// The languages that it accepts, the best one first.
    pub languages: String,
    /// It says with every request that the visitor would rather not be followed.
    pub opted_out: bool,
}

/// What a socket is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Send this.
    Frame(Bytes),
    /// Say this and close.
    Close(CloseReason),
}

/// Which hub a socket stands on, and under which number. Dropping it reports the leaving.
pub(crate) struct HubMembership {
    pub(crate) hub: Hub,
    pub(crate) connection: ConnectionId,
    side: Side,
}

/// Whose socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Visitor,
    Agent,
}

impl HubMembership {
    pub(crate) fn new(hub: Hub, connection: ConnectionId, side: Side) -> Self {
        Self { hub, connection, side }
    }

    pub(crate) fn leave(&self) {
        self.hub.leave(self.connection, self.side == Side::Agent);
    }
}

impl Drop for HubMembership {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Whether typing is to be passed on: once a second is enough.
fn is_due(last: &mut Option<Instant>) -> bool {
    let now = Instant::now();
    let is_due = last.is_none_or(|last| now.duration_since(last) >= Duration::from_secs(1));
    if is_due {
        *last = Some(now);
    }
    is_due
}
