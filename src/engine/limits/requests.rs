//! Limits how often a client may open a socket or load the concierge's frame, and how often an agent may send requests.

use std::net::IpAddr;

use protocol::{
    id::{AgentId, OrganizationId},
    refusal::Refusal,
};

use super::{MINUTE, Network, rate_limit::RateLimit, windows::Rate};
use crate::{clock, sessions::Principal, settings::RequestRates};

/// The rates of requests per client address (IPv6: per /64).
#[derive(Debug)]
pub struct RequestLimits {
    sockets: RateLimit<Network>,
    frames: RateLimit<Network>,
}

impl RequestLimits {
    /// Creates the limits with their maxima per minute.
    pub fn new(sockets_per_minute: u32, frames_per_minute: u32) -> Self {
        Self { sockets: per_minute(sockets_per_minute), frames: per_minute(frames_per_minute) }
    }

    /// Counts a new socket from an address.
    ///
    /// # Errors
    /// `TooMany` when the limit is reached.
    pub fn try_socket(&self, from: IpAddr) -> Result<(), Refusal> {
        self.sockets.try_count(from.into(), clock::now()).map(drop)
    }

    /// Counts a loaded frame from an address.
    ///
    /// # Errors
    /// `TooMany` when the limit is reached.
    pub fn try_frame(&self, from: IpAddr) -> Result<(), Refusal> {
        self.frames.try_count(from.into(), clock::now()).map(drop)
    }
}

/// The rates for the dashboard's requests.
#[derive(Debug)]
pub struct AgentRequestLimits {
    of_agent: RateLimit<AgentId>,
    of_organization: RateLimit<OrganizationId>,
    of_strangers: RateLimit<Network>,
}

impl AgentRequestLimits {
    /// Creates the limits.
    pub fn new(rates: &RequestRates) -> Self {
        Self {
            of_agent: per_minute(rates.per_agent_and_minute),
            of_organization: per_minute(rates.per_organization_and_minute),
            of_strangers: per_minute(rates.per_address_and_minute),
        }
    }

    /// Counts a request from an agent, or from someone without a session at an address. The loopback address is exempt,
    /// since all strangers behind an untrusted proxy on this machine appear to come from there.
    ///
    /// # Errors
    /// `TooMany` if a limit has been reached. A request from an agent who is over their own limit does not count toward
    /// their organization's.
    pub fn try_request(&self, me: Option<&Principal>, from: IpAddr) -> Result<(), Refusal> {
        let now = clock::now();
        if let Some(me) = me {
            self.of_agent.try_count(me.agent, now)?;
            return self.of_organization.try_count(me.organization, now).map(drop);
        }
        let network = Network::from(from);
        if network.is_loopback() { Ok(()) } else { self.of_strangers.try_count(network, now).map(drop) }
    }
}

fn per_minute<K: Copy + Eq + std::hash::Hash>(most: u32) -> RateLimit<K> {
    RateLimit::new(vec![Rate { most, within: MINUTE }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_limit_is_per_address() {
        let limits = RequestLimits::new(2, 1);
        let (ann, ben) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert!(limits.try_socket(ann).is_ok() && limits.try_socket(ann).is_ok());
        assert!(matches!(limits.try_socket(ann), Err(Refusal::TooMany { retry_after: 1..=60 })));
        assert!(limits.try_socket(ben).is_ok());
    }

    #[test]
    fn ipv6_network_shares_one_rate_limit() {
        let limits = RequestLimits::new(1, 1);
        assert!(limits.try_frame("2001:db8::1".parse().unwrap()).is_ok());
        assert!(limits.try_frame("2001:db8::2".parse().unwrap()).is_err());
        assert!(limits.try_frame("2001:db8:0:1::1".parse().unwrap()).is_ok());
    }
}
