//! The proxies whose forwarded addresses are trusted. Determines a client's address, and warns about proxies that are
//! not listed.

use std::{
    net::IpAddr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use protocol::Millis;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::forwarded::{self, X_FORWARDED_FOR};

/// The shortest time between two warnings. Anyone can trigger them, so they must not flood the log.
const WARNING_INTERVAL: Millis = 60 * 60 * 1_000;

/// An entry of `trusted-proxies`: an address such as `10.0.0.1`, or a network such as `10.0.0.0/8` or `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyNetwork(IpNet);

/// An entry of `trusted-proxies` that is neither an address nor a network.
#[derive(Debug)]
pub struct InvalidProxyNetwork(String);

impl ProxyNetwork {
    /// Returns whether the network contains this address. Both may contain IPv4 addresses that are written as IPv6
    /// addresses.
    fn contains(self, address: IpAddr) -> bool {
        let as_v6 = match address {
            IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
            IpAddr::V6(_) => address,
        };
        self.0.contains(&address.to_canonical()) || self.0.contains(&as_v6)
    }
}

impl FromStr for ProxyNetwork {
    type Err = InvalidProxyNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidProxyNetwork> {
        let entry = text.trim();
        let network = match entry.parse::<IpAddr>() {
            Ok(address) => Ok(IpNet::from(address.to_canonical())),
            Err(_) => entry.parse::<IpNet>(),
        };
        network.map(Self).map_err(|_| InvalidProxyNetwork(text.chars().take(80).collect()))
    }
}

impl std::fmt::Display for InvalidProxyNetwork {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entry = &self.0;
        write!(to, "`{entry}` is neither an address nor a network; use a format like \"10.0.0.1\" or \"10.0.0.0/8\"")
    }
}

impl<'de> Deserialize<'de> for ProxyNetwork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// The proxies whose `X-Forwarded-For` or `Forwarded` header is trusted.
#[derive(Clone, Debug)]
pub(super) struct TrustedProxies {
    networks: Arc<[ProxyNetwork]>,
    /// When an unlisted proxy was last reported.
    warned_at: Arc<AtomicI64>,
}

impl TrustedProxies {
    pub(super) fn new(networks: Vec<ProxyNetwork>) -> Self {
        Self { networks: networks.into(), warned_at: Arc::new(AtomicI64::new(Millis::MIN)) }
    }

    /// Returns the client's address, which is the rightmost hop that is not a trusted proxy. If a trusted proxy added
    /// something that is not an address, that proxy counts as the client.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in forwarded::hops(headers) {
            match hop {
                Some(address) if self.contains(client) => client = address,
                _ => break,
            }
        }
        client
    }

    /// Logs a warning, at most once an hour, if a peer that is not a trusted proxy forwards an address.
    pub(super) fn warn_if_unlisted(&self, peer: IpAddr, headers: &HeaderMap, now: Millis) {
        let peer = peer.to_canonical();
        if self.is_warning_due(peer, headers, now) {
            tracing::warn!(
                %peer,
                "ignored the address that {peer} has forwarded, because `trusted-proxies` does not list {peer}; if it is \
                 your proxy, add it, because until then all of its visitors share one address and its limits"
            );
        }
    }

    fn is_warning_due(&self, peer: IpAddr, headers: &HeaderMap, now: Millis) -> bool {
        if !(headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)) || self.contains(peer) {
            return false;
        }
        let last = self.warned_at.load(Relaxed);
        now.saturating_sub(last) >= WARNING_INTERVAL
            && self.warned_at.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(listed: &[&str]) -> TrustedProxies {
        TrustedProxies::new(listed.iter().map(|entry| entry.parse().unwrap()).collect())
    }

    fn client(listed: &[&str], peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_FOR, forwarded.parse().unwrap());
        proxies(listed).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn untrusted_peer_cannot_set_client_address() {
        assert_eq!(client(&[], "9.9.9.9", "1.2.3.4"), "9.9.9.9");
        assert_eq!(client(&["10.0.0.0/8"], "9.9.9.9", "1.2.3.4, 10.0.0.1"), "9.9.9.9");
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:9.9.9.9", "1.2.3.4"), "9.9.9.9");
    }

    #[test]
    fn rightmost_untrusted_hop_is_the_client() {
        for (listed, peer, forwarded, expected) in [
            (&["10.0.0.1"][..], "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
            (&["10.0.0.1", "10.0.0.2"], "10.0.0.1", "1.2.3.4, 10.0.0.2", "1.2.3.4"),
            (&["10.0.0.0/8"], "10.9.9.9", "6.6.6.6, 1.2.3.4:80, 10.0.0.2:443", "1.2.3.4"),
            (&["10.0.0.0/8"], "::ffff:10.9.9.9", "1.2.3.4", "1.2.3.4"),
            (&["10.0.0.0/8"], "10.9.9.9", "1.2.3.4, ::ffff:10.0.0.2", "1.2.3.4"),
            (&["2001:db8::/32"], "2001:db8::7", "[2001:db9::1]:443", "2001:db9::1"),
            (&["2001:db8::/32", "127.0.0.1"], "127.0.0.1", "1.2.3.4, \"[2001:db8::7]:80\"", "1.2.3.4"),
            // If all hops are trusted, the leftmost one is the client.
            (&["10.0.0.0/8"], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            // If a proxy added something that is not an address, the proxy itself is the client.
            (&["10.0.0.1"], "10.0.0.1", "not an address", "10.0.0.1"),
            (&["10.0.0.1"], "10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
            (&["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, _hidden, 10.0.0.2", "10.0.0.2"),
            (&["10.0.0.1"], "10.0.0.1", "garbage, 1.2.3.4", "1.2.3.4"),
            (&["10.0.0.1"], "10.0.0.1", " ,, ", "10.0.0.1"),
            (&["0.0.0.0/0"], "9.9.9.9", "1.2.3.4", "1.2.3.4"),
            (&["::/0"], "9.9.9.9", "1.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(client(listed, peer, forwarded), expected, "{listed:?} {peer} {forwarded}");
        }
    }

    #[test]
    fn addresses_and_networks_are_listed_in_every_notation() {
        for (entry, inside, outside) in [
            ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
            (" 10.0.0.1 ", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("10.0.0.1/8", "10.2.2.2", "11.0.0.0"),
            ("10.0.0.1/32", "10.0.0.1", "10.0.0.0"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("::1", "::1", "127.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("fd00::/8", "fd12::1", "fe80::1"),
        ] {
            let proxies = proxies(&[entry]);
            assert!(proxies.contains(inside.parse().unwrap()), "{entry} contains {inside}");
            assert!(!proxies.contains(outside.parse().unwrap()), "{entry} does not contain {outside}");
        }
        for wrong in [
            "",
            "proxy.lan",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/255.0.0.0",
            "::/129",
            "10.0.0.1:80",
            "*",
        ] {
            let error = wrong.parse::<ProxyNetwork>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{wrong}` is neither")) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn unlisted_proxy_is_reported_once_an_hour() {
        let proxies = proxies(&["10.0.0.0/8"]);
        let (listed, unlisted) = ("10.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let with = |name: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, "x".parse().unwrap());
            headers
        };
        let is_due = |peer, name, now| proxies.is_warning_due(peer, &with(name), now);
        assert!(!is_due(listed, "x-forwarded-for", 0) && !is_due(unlisted, "host", 0));
        assert!(is_due(unlisted, "x-forwarded-for", 1_000));
        assert!(!is_due(unlisted, "x-forwarded-for", 1_000));
        assert!(!is_due("192.0.2.2".parse().unwrap(), "forwarded", 1_000 + WARNING_INTERVAL - 1));
        assert!(is_due(unlisted, "forwarded", 1_000 + WARNING_INTERVAL));
    }
}
