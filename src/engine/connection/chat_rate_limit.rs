//! Limits how often a client can start a chat, so that no one can flood the agents with chats.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use protocol::{Millis, id::VisitorId, refusal::Refusal};

const WINDOW: Millis = 60 * 60 * 1_000;
/// The maximum number of chats per visitor per hour.
const MAX_PER_VISITOR: usize = 20;
/// The maximum number of chats per address per hour. Visitors from the same company may share an address.
const MAX_PER_ADDRESS: usize = 200;

/// The key by which chats are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LimitKey {
    Visitor(VisitorId),
    Address(IpAddr),
}

/// The times at which chats were requested during the last hour.
#[derive(Debug, Default)]
pub(crate) struct ChatRateLimit {
    begun: Mutex<HashMap<LimitKey, VecDeque<Millis>>>,
}

impl ChatRateLimit {
    /// Counts a new chat from this visitor and address. Without an address, only the per-visitor limit applies.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if a limit has been reached. In that case, the chat is not counted.
    pub(crate) fn try_count(&self, visitor: VisitorId, from: Option<IpAddr>, now: Millis) -> Result<(), Refusal> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        // Drop entries whose chats are all outside the window.
        begun.retain(|_, times| times.back().is_some_and(|last| now - last < WINDOW));
        let who = (LimitKey::Visitor(visitor), MAX_PER_VISITOR);
        let both = || [Some(who), from.map(|from| (LimitKey::Address(from), MAX_PER_ADDRESS))].into_iter().flatten();
        for (whose, most) in both() {
            let times = begun.entry(whose).or_default();
            while times.front().is_some_and(|first| now - first >= WINDOW) {
                times.pop_front();
            }
            if let Some(first) = times.front().filter(|_| times.len() >= most) {
                let seconds = (WINDOW - (now - first)) / 1_000 + 1;
                return Err(Refusal::TooMany { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX) });
            }
        }
        for (whose, _) in both() {
            begun.entry(whose).or_default().push_back(now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const HOME: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

    fn somebody() -> VisitorId {
        VisitorId(Uuid::now_v7())
    }

    /// Case G4 in `docs/testing.md`.
    #[test]
    fn chats_are_limited_per_visitor_and_hour() {
        let (limit, vera) = (ChatRateLimit::default(), somebody());
        assert!((0..MAX_PER_VISITOR as Millis).all(|at| limit.try_count(vera, None, at).is_ok()));
        assert_eq!(limit.try_count(vera, None, 1_000), Err(Refusal::TooMany { retry_after: 3_600 }));
        assert_eq!(limit.try_count(somebody(), None, 1_000), Ok(()));
        assert_eq!(limit.try_count(vera, None, WINDOW), Ok(()), "the first chat was an hour ago");
    }

    #[test]
    fn chats_are_limited_per_address_and_old_entries_are_dropped() {
        let limit = ChatRateLimit::default();
        assert!((0..MAX_PER_ADDRESS).all(|_| limit.try_count(somebody(), HOME, 0).is_ok()));
        assert!(limit.try_count(somebody(), HOME, 1).is_err());
        assert_eq!(limit.try_count(somebody(), None, WINDOW), Ok(()));
        assert_eq!(limit.begun.lock().unwrap_or_else(PoisonError::into_inner).len(), 1);
    }
}
