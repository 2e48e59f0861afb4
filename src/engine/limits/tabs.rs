//! Limits the number of open tabs per address and per visitor, so that no client can exhaust the server's connections.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::close_reason::CloseReason;

use super::Network;
use crate::{hub::event::TokenHash, settings::TabLimits};

/// How long a rejected client must wait before it may retry, in milliseconds.
const RETRY_AFTER: u32 = 60_000;

/// The key by which tabs are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum LimitKey {
    Address(Network),
    Visitor(TokenHash),
}

/// Counts the open tabs and enforces the limits.
#[derive(Debug)]
pub(crate) struct TabLimit {
    limits: TabLimits,
    open: Mutex<HashMap<LimitKey, u32>>,
}

/// A permit for one open tab. Dropping it decrements the counts.
#[derive(Debug)]
pub(crate) struct TabPermit {
    tab_limit: Arc<TabLimit>,
    counted: Vec<LimitKey>,
}

impl TabLimit {
    pub(crate) fn new(limits: TabLimits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    /// Admits another tab from this address and, if there is one, with this token.
    ///
    /// # Errors
    /// Returns [`CloseReason::TooMany`] if a limit has been reached.
    pub(crate) fn admit(self: &Arc<Self>, from: IpAddr, token: Option<TokenHash>) -> Result<TabPermit, CloseReason> {
        let mut admission = TabPermit { tab_limit: Arc::clone(self), counted: Vec::with_capacity(2) };
        let network = Network::from(from);
        // Behind an untrusted proxy on this machine, all clients appear to come from the loopback address.
        if !network.is_loopback() {
            admission.count(LimitKey::Address(network), self.limits.per_address)?;
        }
        if let Some(token) = token {
            admission.count(LimitKey::Visitor(token), self.limits.per_visitor)?;
        }
        Ok(admission)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LimitKey, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TabPermit {
    /// Returns the client's network, unless it is exempt from limits.
    pub(crate) fn network(&self) -> Option<Network> {
        self.counted.iter().find_map(|whose| if let LimitKey::Address(from) = whose { Some(*from) } else { None })
    }

    fn count(&mut self, whose: LimitKey, most: u32) -> Result<(), CloseReason> {
        let mut open = self.tab_limit.lock();
        let tabs = open.entry(whose).or_default();
        if *tabs >= most {
            return Err(CloseReason::TooMany { retry_after: RETRY_AFTER });
        }
        *tabs += 1;
        drop(open);
        self.counted.push(whose);
        Ok(())
    }
}

impl Drop for TabPermit {
    fn drop(&mut self) {
        let mut open = self.tab_limit.lock();
        for whose in self.counted.drain(..) {
            if let Some(tabs) = open.get_mut(&whose) {
                *tabs -= 1;
                if *tabs == 0 {
                    open.remove(&whose);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab_limit(per_address: u32, per_visitor: u32) -> Arc<TabLimit> {
        Arc::new(TabLimit::new(TabLimits { per_address, per_visitor }))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("a valid address")
    }

    const FULL: CloseReason = CloseReason::TooMany { retry_after: RETRY_AFTER };

    #[test]
    fn tabs_are_limited_per_address() {
        let tab_limit = tab_limit(2, 9);
        let here = address("192.0.2.1");
        let (first, _second) = (tab_limit.admit(here, None), tab_limit.admit(here, None));
        assert_eq!(tab_limit.admit(here, None).err(), Some(FULL));
        assert!(tab_limit.admit(address("192.0.2.2"), None).is_ok());
        drop(first);
        assert!(tab_limit.admit(here, None).is_ok());
    }

    #[test]
    fn ipv6_network_counts_as_one_address_and_loopback_is_unlimited() {
        let tab_limit = tab_limit(1, 9);
        let _one = tab_limit.admit(address("2001:db8::1"), None);
        assert_eq!(tab_limit.admit(address("2001:db8::2"), None).err(), Some(FULL));
        let _other = tab_limit.admit(address("2001:db8:0:1::2"), None).expect("another network has its own limit");
        let home = address("127.0.0.1");
        let _many: Vec<_> = (0..9).map(|_| tab_limit.admit(home, None).expect("loopback is unlimited")).collect();
    }

    #[test]
    fn tabs_are_limited_per_token_and_counts_are_released() {
        let tab_limit = tab_limit(9, 1);
        let one = tab_limit.admit(address("192.0.2.1"), Some([1; 32]));
        assert_eq!(tab_limit.admit(address("192.0.2.2"), Some([1; 32])).err(), Some(FULL));
        assert!(tab_limit.admit(address("192.0.2.2"), Some([2; 32])).is_ok());
        drop(one);
        assert!(tab_limit.lock().is_empty());
    }
}
