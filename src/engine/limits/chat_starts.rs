//! Limits how often a client may begin a chat, so that nobody can flood the agents with chats.

use std::sync::{Mutex, PoisonError};

use protocol::{Millis, id::VisitorId, refusal::Refusal};

use super::{
    Network, seconds,
    windows::{Rate, SlidingWindows},
};

const HOUR: Millis = 60 * 60 * 1_000;
/// Chats per visitor and hour.
const PER_VISITOR: [Rate; 1] = [Rate { most: 20, within: HOUR }];
/// Chats per address and hour. Visitors from one company may share an address.
const PER_ADDRESS: [Rate; 1] = [Rate { most: 200, within: HOUR }];

/// When the chats of the last hour were requested.
#[derive(Debug)]
pub(crate) struct ChatRateLimit {
    begun: Mutex<Begun>,
}

#[derive(Debug)]
struct Begun {
    of_visitor: SlidingWindows<VisitorId>,
    of_network: SlidingWindows<Network>,
}

impl Default for ChatRateLimit {
    fn default() -> Self {
        let begun = Begun {
            of_visitor: SlidingWindows::for_rates(&PER_VISITOR),
            of_network: SlidingWindows::for_rates(&PER_ADDRESS),
        };
        Self { begun: Mutex::new(begun) }
    }
}

impl ChatRateLimit {
    /// Counts one more chat of this visitor and network. Without a network, only the visitor's limit applies.
    ///
    /// # Errors
    /// `TooMany` when a limit is reached; the chat is then not counted.
    pub(crate) fn try_count(&self, visitor: VisitorId, from: Option<Network>, now: Millis) -> Result<(), Refusal> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let of_visitor = begun.of_visitor.wait(visitor, &PER_VISITOR, now);
        let of_network = from.map_or(0, |from| begun.of_network.wait(from, &PER_ADDRESS, now));
        match of_visitor.max(of_network) {
            0 => {}
            wait => return Err(Refusal::TooMany { retry_after: seconds(wait) }),
        }
        begun.of_visitor.record(visitor, now);
        if let Some(from) = from {
            begun.of_network.record(from, now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use uuid::Uuid;

    use super::*;

    fn home() -> Option<Network> {
        Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)).into())
    }

    fn somebody() -> VisitorId {
        VisitorId(Uuid::now_v7())
    }

    /// Case G4 in `docs/testing.md`.
    #[test]
    fn chats_are_limited_per_visitor_and_hour() {
        let (limit, vera) = (ChatRateLimit::default(), somebody());
        assert!((0..20).all(|at| limit.try_count(vera, None, at).is_ok()));
        assert_eq!(limit.try_count(vera, None, 1_000), Err(Refusal::TooMany { retry_after: 3_599 }));
        assert_eq!(limit.try_count(somebody(), None, 1_000), Ok(()));
        assert_eq!(limit.try_count(vera, None, HOUR), Ok(()), "the first chat was an hour ago");
    }

    #[test]
    fn chats_are_limited_per_address() {
        let limit = ChatRateLimit::default();
        assert!((0..200).all(|_| limit.try_count(somebody(), home(), 0).is_ok()));
        assert!(limit.try_count(somebody(), home(), 1).is_err());
        assert_eq!(limit.try_count(somebody(), None, 1), Ok(()));
        assert_eq!(limit.try_count(somebody(), home(), HOUR), Ok(()));
    }
}
