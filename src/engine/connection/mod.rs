//! Per-socket state and logic on top of the engine. Dropping a connection removes it from its hub.

mod agent;
mod postponed_message;
mod session_check;
mod visitor;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::close_reason::CloseReason;

pub use agent::AgentConnection;
pub(crate) use session_check::BACK_WITHIN_MS;
pub use session_check::SessionCheck;
pub use visitor::VisitorConnection;

use crate::hub::{Hub, event::ConnectionId};

/// Information about a client that is available before its first frame.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// The client's IP address.
    pub ip: IpAddr,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Whether the browser reports that it is running on a mobile device.
    pub is_mobile: bool,
    /// The accepted languages, in order of preference.
    pub languages: String,
    /// Whether the browser sends Global Privacy Control or Do Not Track with every request.
    pub opted_out: bool,
}

/// The next action for a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Send this frame.
    Frame(Bytes),
    /// Send the reason and close the socket.
    Close(CloseReason),
}

/// A socket's registration in a hub. Dropping it removes the socket from the hub.
pub(crate) struct HubMembership {
    pub(crate) hub: Hub,
    pub(crate) connection: ConnectionId,
    side: Side,
}

/// Who is on the other end of the socket.
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

/// Returns whether a typing notice should be forwarded. At most one is forwarded per second.
fn is_due(last: &mut Option<Instant>) -> bool {
    let now = Instant::now();
    let is_due = last.is_none_or(|last| now.duration_since(last) >= Duration::from_secs(1));
    if is_due {
        *last = Some(now);
    }
    is_due
}
