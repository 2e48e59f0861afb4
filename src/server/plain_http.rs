//! Warns operators if their users would send passwords and chats over a network without encryption.

use std::net::SocketAddr;

use super::host_check::{host, is_this_machine};

/// Returns a warning if browsers reach the server over plain HTTP from other machines. That is the case if the public
/// URL says so, or if there is no public URL and other machines can connect to the server.
pub fn warning(listen: SocketAddr, public_url: Option<&str>) -> Option<String> {
    let plain = match public_url {
        Some(url) => {
            let authority = url.strip_prefix("http://")?;
            let is_local = host(authority).is_some_and(|host| is_this_machine(&host));
            (!is_local).then(|| format!("`public-url` is {url}, which is plain HTTP"))?
        }
        None if listen.ip().to_canonical().is_loopback() => return None,
        None => format!("the server listens on {listen} over plain HTTP, and `public-url` is not set"),
    };
    Some(format!(
        "{plain}, so everyone on the network in between can read passwords, sessions, and chats; put a proxy with TLS in \
         front of the server, and set `public-url` to its https:// URL"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_beyond_this_machine_is_warned_about() {
        let warns = |listen: &str, url: Option<&str>| warning(listen.parse().unwrap(), url);
        for listen in ["0.0.0.0:3000", "[::]:3000", "192.0.2.1:80", "[2001:db8::1]:3000"] {
            let warning = warns(listen, None).unwrap();
            assert!(
                warning.contains(listen) && warning.contains("`public-url`") && !warning.contains('\n'),
                "{warning}"
            );
            assert_eq!(warns(listen, Some("https://chat.example.com")), None, "{listen}");
            for own in ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000", "http://a.localhost"] {
                assert_eq!(warns(listen, Some(own)), None, "{listen} {own}");
            }
        }
        for listen in ["0.0.0.0:3000", "127.0.0.1:3000"] {
            let warning = warns(listen, Some("http://chat.example.com")).unwrap();
            assert!(warning.contains("http://chat.example.com"), "behind a proxy without TLS as well: {warning}");
            assert!(warns(listen, Some("http://localhost.example.com")).is_some());
            assert!(warns(listen, Some("http://192.0.2.1:3000")).is_some());
        }
        for listen in ["127.0.0.1:3000", "127.9.9.9:1", "[::1]:3000", "[::ffff:127.0.0.1]:3000"] {
            assert_eq!(warns(listen, None), None, "{listen}");
        }
    }
}
