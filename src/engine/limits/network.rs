//! The unit by which limits count clients: an IPv4 address, or an IPv6 /64, which is what one customer usually gets.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// The network of a client. An IPv6 customer has at least a /64, so all of its addresses are one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    /// Returns the IPv6 /48 that contains the network, since one customer may have all of it, or else the address
    /// itself.
    pub(crate) fn site(self) -> Self {
        match self.0 {
            IpAddr::V6(v6) if !v6.is_loopback() => Self(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80)).into()),
            _ => self,
        }
    }

    /// Returns whether the client is on this machine. Behind an untrusted proxy, all clients appear to be.
    pub(crate) fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

/// Writes an IPv6 network with its prefix length.
impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.0.is_ipv6() && !self.is_loopback() { "/64" } else { "" };
        write!(formatter, "{}{prefix}", self.0)
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        // An IPv4 address written as IPv6 is the same client.
        match address.to_canonical() {
            IpAddr::V6(v6) if !v6.is_loopback() => {
                Self(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into())
            }
            other => Self(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_addresses_of_one_customer_are_one_network() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert!(network("::1").is_loopback() && network("127.0.0.1").is_loopback());
        assert!(!network("::2").is_loopback());
        let written = ["2001:db8::1", "192.0.2.1", "::1"].map(|text| network(text).to_string());
        assert_eq!(written, ["2001:db8::/64", "192.0.2.1", "::1"]);
        assert_eq!(network("2001:db8::1").site(), network("2001:db8:0:ffff::1").site());
        assert_ne!(network("2001:db8::1").site(), network("2001:db8:1::1").site());
        assert_eq!(network("192.0.2.1").site(), network("192.0.2.1"));
    }
}
