//! Seats: what a socket holds, and all that it knows of the engine. Dropping a seat reports the leaving.

mod agent;
pub(crate) mod asking;
pub(crate) mod crowd;
pub(crate) mod mailbox;
mod visitor;

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use protocol::goodbye::Goodbye;

pub use agent::AgentSeat;
pub use visitor::VisitorSeat;

use crate::hub::{Hub, event::SeatId};

/// What is known of a visitor before he says a word.
#[derive(Clone, Debug)]
pub struct Caller {
    /// From where.
    pub ip: IpAddr,
    /// With what.
    pub user_agent: String,
    /// The browser says that it stands on a phone.
    pub is_mobile: bool,
    /// The languages that it accepts, the best one first.
    pub languages: String,
    /// It says with every request that the visitor would rather not be followed.
    pub rather_not: bool,
}

/// What a socket is to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Send this.
    Frame(Bytes),
    /// Say this and close.
    Close(Goodbye),
}

/// Which hub a socket stands on, and under which number. Dropping it reports the leaving.
pub(crate) struct Place {
    pub(crate) hub: Hub,
    pub(crate) seat: SeatId,
    side: Side,
}

/// Whose socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Visitor,
    Agent,
}

impl Place {
    pub(crate) fn new(hub: Hub, seat: SeatId, side: Side) -> Self {
        Self { hub, seat, side }
    }

    pub(crate) fn leave(&self) {
        self.hub.leave(self.seat, self.side == Side::Agent);
    }
}

impl Drop for Place {
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
