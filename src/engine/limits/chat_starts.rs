//! Limits how often a client may begin a chat, so that nobody can flood the agents with chats.

use protocol::{Millis, id::VisitorId, refusal::Refusal};

use super::{HOUR, Network, rate_limit::RateLimit, windows::Rate};
use crate::settings::VisitorLimits;

/// How often chats may begin.
#[derive(Debug)]
pub(crate) struct ChatRateLimit {
    of_visitor: RateLimit<VisitorId>,
    /// Visitors from one company may share an address.
    of_network: RateLimit<Network>,
}

/// A counted chat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedChat {
    visitor: (VisitorId, Millis),
    network: Option<(Network, Millis)>,
}

impl ChatRateLimit {
    pub(crate) fn new(limits: &VisitorLimits) -> Self {
        let per_hour = |most| vec![Rate { most, within: HOUR }];
        Self {
            of_visitor: RateLimit::new(per_hour(limits.chats_per_hour)),
            of_network: RateLimit::new(per_hour(limits.chats_per_address_and_hour)),
        }
    }

    /// Checks that this visitor could begin a chat.
    ///
    /// # Errors
    /// `TooMany` when a limit is reached.
    pub(crate) fn check(&self, visitor: VisitorId, from: Option<Network>, now: Millis) -> Result<(), Refusal> {
        self.of_visitor.check(visitor, now)?;
        from.map_or(Ok(()), |from| self.of_network.check(from, now))
    }

    /// Counts one more chat of this visitor and network. Without a network, only the visitor's limit applies.
    ///
    /// # Errors
    /// `TooMany` when a limit is reached; the chat is then not counted.
    pub(crate) fn try_count(
        &self,
        visitor: VisitorId,
        from: Option<Network>,
        now: Millis,
    ) -> Result<CountedChat, Refusal> {
        let at = self.of_visitor.try_count(visitor, now);
        let network = from.map(|from| self.of_network.try_count(from, now).map(|at| (from, at))).transpose();
        match (at, network) {
            (Ok(at), Ok(network)) => Ok(CountedChat { visitor: (visitor, at), network }),
            (Ok(at), Err(refusal)) => {
                self.of_visitor.withdraw(visitor, at);
                Err(refusal)
            }
            (Err(refusal), network) => {
                if let Ok(Some((from, at))) = network {
                    self.of_network.withdraw(from, at);
                }
                Err(refusal)
            }
        }
    }

    /// Counts a chat that an agent invited to, which is never refused.
    pub(crate) fn count_invited(&self, visitor: VisitorId, from: Option<Network>, now: Millis) {
        self.of_visitor.count(visitor, now);
        if let Some(from) = from {
            self.of_network.count(from, now);
        }
    }

    /// Removes a chat that did not begin.
    pub(crate) fn withdraw(&self, counted: CountedChat) {
        let (visitor, at) = counted.visitor;
        self.of_visitor.withdraw(visitor, at);
        if let Some((network, at)) = counted.network {
            self.of_network.withdraw(network, at);
        }
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

    fn limit() -> ChatRateLimit {
        ChatRateLimit::new(&VisitorLimits::default())
    }

    fn somebody() -> VisitorId {
        VisitorId(Uuid::now_v7())
    }

    /// Case G4 in `docs/testing.md`.
    #[test]
    fn chats_are_limited_per_visitor_and_hour() {
        let (limit, vera) = (limit(), somebody());
        assert!((0..5).all(|at| limit.try_count(vera, None, at).is_ok()));
        assert_eq!(limit.try_count(vera, None, 1_000).unwrap_err(), Refusal::TooMany { retry_after: 3_599 });
        assert!(limit.try_count(somebody(), None, 1_000).is_ok());
        assert!(limit.try_count(vera, None, HOUR).is_ok(), "the first chat was an hour ago");
    }

    #[test]
    fn chats_are_limited_per_address() {
        let limit = limit();
        assert!((0..30).all(|_| limit.try_count(somebody(), home(), 0).is_ok()));
        assert!(limit.try_count(somebody(), home(), 1).is_err());
        assert!(limit.check(somebody(), home(), 1).is_err());
        assert!(limit.try_count(somebody(), None, 1).is_ok());
        assert!(limit.try_count(somebody(), home(), HOUR).is_ok());
    }

    #[test]
    fn refused_and_withdrawn_chats_do_not_count() {
        let (limit, vera) = (limit(), somebody());
        for at in 0..100 {
            let counted = limit.try_count(vera, home(), at).expect("within the limits");
            limit.withdraw(counted);
        }
        assert!((0..5).all(|at| limit.try_count(vera, home(), at).is_ok()));
        assert!((0..100).all(|at| limit.try_count(vera, home(), at).is_err()));
        assert!((0..25).all(|at| limit.try_count(somebody(), home(), at).is_ok()));
        assert!(limit.try_count(somebody(), home(), 100).is_err());
    }
}
