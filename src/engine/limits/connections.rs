//! Limits the open connections, whatever they are used for: sockets, requests, and connections that send nothing.

use std::{net::IpAddr, sync::Arc};

use super::{ConcurrencyLimit, ConcurrencyPermit, Network};

/// Counts the open connections in total and per peer address (IPv6: per /64).
#[derive(Clone, Debug)]
pub struct ConnectionLimit {
    per_address: u32,
    open: Arc<ConcurrencyLimit<Network>>,
}

/// A permit for one open connection.
#[derive(Debug)]
pub struct ConnectionPermit {
    _permit: ConcurrencyPermit<Network>,
}

impl ConnectionLimit {
    /// Creates the limit.
    pub fn new(per_address: u32, in_all: u32) -> Self {
        Self { per_address, open: ConcurrencyLimit::new(in_all) }
    }

    /// Admits a connection, or returns `None` if it must be closed. An exempt peer counts only toward the total: behind
    /// a proxy, all connections come from one address.
    pub fn admit(&self, peer: IpAddr, is_exempt: bool) -> Option<ConnectionPermit> {
        let key = (!is_exempt).then(|| (Network::from(peer), self.per_address));
        self.open.try_acquire(key).ok().map(|permit| ConnectionPermit { _permit: permit })
    }

    /// Returns how many connections are open.
    pub fn open(&self) -> u32 {
        self.open.running()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("a valid address")
    }

    #[test]
    fn connections_are_limited_per_network_and_in_all() {
        let limit = ConnectionLimit::new(2, 5);
        let admit = |peer: &str, is_exempt| limit.admit(address(peer), is_exempt);
        let (first, _second) = (admit("2001:db8::1", false), admit("2001:db8::2", false));
        assert!(admit("2001:db8::3", false).is_none(), "one /64 is one address");
        let _others: Vec<_> = (0..2).map(|_| admit("127.0.0.1", true).expect("exempt")).collect();
        let _last = admit("2001:db8:0:1::1", false).expect("another network");
        assert!(admit("127.0.0.1", true).is_none() && admit("192.0.2.1", false).is_none(), "full");
        drop(first);
        assert!(admit("192.0.2.1", false).is_some());
        assert_eq!(limit.open(), 4);
    }
}
