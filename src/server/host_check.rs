//! Refuses requests whose host is not the public URL's. Otherwise, another site's name could be pointed at this server,
//! and browsers would treat that site's pages as ours.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{ServerState, error::Failure};

/// What may be requested by any host: health checks, and the widget, which customers' pages load from the address in
/// their embed line. It uses no cookie.
const FOR_ANY_HOST: [&str; 5] = ["/healthz", "/readyz", "/loader.js", "/concierge/", "/socket/visitor/"];
/// Below `/concierge/`, but for signed-in agents.
const PREVIEW: &str = "/concierge/v1/preview";

/// Refuses a request whose host is neither that of the public URL nor this machine.
pub(super) async fn refuse_other_hosts(State(parts): State<ServerState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_for_any = path != PREVIEW
        && FOR_ANY_HOST.iter().any(|free| if free.ends_with('/') { path.starts_with(free) } else { path == *free });
    if is_for_any || is_own_host(parts.public_url(), request.uri(), request.headers()) {
        return next.run(request).await;
    }
    Failure::WRONG_HOST.into_response()
}

/// Returns whether every host that the request names is that of the public URL or this machine. There must be one.
fn is_own_host(public_url: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let own = public_url.split_once("://").and_then(|(_, authority)| host(authority));
    let in_headers = headers.get_all(header::HOST).iter().map(|value| value.to_str().ok().and_then(host));
    // Of a request through a proxy, or by HTTP/2.
    let in_uri = uri.authority().map(|authority| host(authority.as_str()));
    let mut named = in_headers.chain(in_uri).peekable();
    named.peek().is_some()
        && named.all(|host| host.is_some_and(|host| is_this_machine(&host) || Some(&host) == own.as_ref()))
}

/// Returns the host of `host[:port]` in lower case, without the dot at the end of a complete name. The port does not
/// matter: a proxy may use another one.
pub(super) fn host(authority: &str) -> Option<String> {
    let parsed: Authority = authority.parse().ok()?;
    let host = parsed.host().strip_suffix('.').unwrap_or(parsed.host());
    (!authority.contains('@') && !host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Returns whether this is a name or an address of the loopback interface, which no other site can own.
pub(super) fn is_this_machine(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || v6.and_then(|v6| v6.parse::<Ipv6Addr>().ok()).is_some_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(public_url: &str, uri: &str, hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        is_own_host(public_url, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn host_of_the_public_url_and_loopback_names_pass() {
        for own in ["chat.example.com", "CHAT.example.COM", "chat.example.com:443", "chat.example.com.:8443"] {
            assert!(passes("https://chat.example.com", "/", &[own]), "{own}");
        }
        for loopback in ["localhost", "localhost:3000", "jumpin.localhost", "127.0.0.1:3000", "127.9.9.9", "[::1]:3000"]
        {
            assert!(passes("https://chat.example.com", "/", &[loopback]), "{loopback}");
        }
        assert!(passes("http://192.0.2.7:3000", "/", &["192.0.2.7:3000"]));
        assert!(passes("http://[2001:db8::1]:3000", "/", &["[2001:db8::1]:3000"]));
    }

    #[test]
    fn any_other_host_is_refused() {
        for other in [
            "evil.test",
            "evil.test:443",
            "chat.example.com.evil.test",
            "evilchat.example.com",
            "example.com",
            "evil.test@chat.example.com",
            "chat.example.com@evil.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "127.1.evil.test",
            "notlocalhost",
            "0.0.0.0",
            "[::]",
            "192.0.2.7",
            "",
            ":443",
            "chat.example.com, evil.test",
        ] {
            assert!(!passes("https://chat.example.com", "/", &[other]), "{other:?}");
        }
        assert!(!passes("https://chat.example.com", "/", &[]), "no host at all");
        assert!(!passes("https://chat.example.com", "/", &["chat.example.com", "evil.test"]), "two of them");
        assert!(!passes("https://chat.example.com", "http://evil.test/", &["chat.example.com"]), "in the request line");
        assert!(passes("https://chat.example.com", "http://chat.example.com/", &[]));
    }
}
