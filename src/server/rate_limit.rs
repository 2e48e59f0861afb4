//! Rate limits per client address, counted per minute.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::{config::LimitTable, error::Failure};

/// The rate limiters, keyed by client address.
pub(super) struct Limits {
    sockets: DefaultKeyedRateLimiter<IpAddr>,
    frames: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    pub(super) fn new(table: &LimitTable) -> Self {
        Self { sockets: per_minute(table.sockets_per_minute), frames: per_minute(table.frames_per_minute) }
    }

    /// Counts a new socket from this address. Fails if the address has opened too many.
    pub(super) fn socket(&self, from: IpAddr) -> Result<(), Failure> {
        check(&self.sockets, from)
    }

    /// Counts a loaded frame from this address. Fails if the address has loaded too many.
    pub(super) fn frame(&self, from: IpAddr) -> Result<(), Failure> {
        check(&self.frames, from)
    }
}

fn per_minute(times: u32) -> DefaultKeyedRateLimiter<IpAddr> {
    RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN)))
}

fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, from: IpAddr) -> Result<(), Failure> {
    // Otherwise, every address ever seen would stay in memory.
    if limiter.len() > 50_000 {
        limiter.retain_recent();
    }
    limiter.check_key(&network(from)).map_err(|_| Failure::TOO_MANY)
}

/// Returns the key for an address. An IPv6 customer has an entire /64 network, so all addresses in it share one limit.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_limit_is_per_address() {
        let limits = Limits::new(&LimitTable { sockets_per_minute: 2, frames_per_minute: 1 });
        let (ann, ben) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert!(limits.socket(ann).is_ok() && limits.socket(ann).is_ok());
        assert!(limits.socket(ann).is_err());
        assert!(limits.socket(ben).is_ok());
    }

    #[test]
    fn ipv6_network_shares_one_rate_limit() {
        let limits = Limits::new(&LimitTable { sockets_per_minute: 1, frames_per_minute: 1 });
        assert!(limits.frame("2001:db8::1".parse().unwrap()).is_ok());
        assert!(limits.frame("2001:db8::2".parse().unwrap()).is_err());
        assert!(limits.frame("2001:db8:0:1::1".parse().unwrap()).is_ok());
    }
}
