//! Reads and sets the session cookie. Shared by pages, server functions, forms, and sockets.

const AGE_SECONDS: u32 = 30 * 24 * 60 * 60;
/// The cookie used after the password has been accepted, until the second factor has been entered.
const PENDING: &str = "jumpin-pending";

/// Returns the session token from a request's `Cookie` headers.
pub fn token<'c>(headers: impl Iterator<Item = &'c str>, public_url: &str) -> Option<String> {
    let name = name(public_url);
    headers
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Returns the `Set-Cookie` value that stores a session token, or deletes the cookie if `token` is `None`.
pub fn set(token: Option<&str>, public_url: &str) -> String {
    let (name, secure) = (name(public_url), if is_https(public_url) { "; Secure" } else { "" });
    let age = if token.is_some() { AGE_SECONDS } else { 0 };
    format!("{name}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={age}{secure}", token.unwrap_or_default())
}

/// Returns the pending sign-in's token from a request's `Cookie` headers.
pub fn pending<'c>(headers: impl Iterator<Item = &'c str>) -> Option<String> {
    headers
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == PENDING && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Returns the `Set-Cookie` value for a pending sign-in. The cookie is valid for five minutes and only sent to paths
/// under `/sign-in`.
pub fn set_pending(token: &str, public_url: &str) -> String {
    let secure = if is_https(public_url) { "; Secure" } else { "" };
    format!("{PENDING}={token}; HttpOnly; SameSite=Strict; Path=/sign-in; Max-Age=300{secure}")
}

fn is_https(public_url: &str) -> bool {
    public_url.starts_with("https://")
}

// Browsers accept a `__Host-` cookie only over HTTPS and only from this exact host.
fn name(public_url: &str) -> &'static str {
    if is_https(public_url) { "__Host-jumpin-session" } else { "jumpin-session" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_cookie_is_matched_by_exact_name() {
        let headers = ["a=b; xjumpin-session=no; jumpin-session=yes; c"];
        assert_eq!(token(headers.into_iter(), "http://127.0.0.1:3000").as_deref(), Some("yes"));
        assert_eq!(token(headers.into_iter(), "https://chat.example"), None);
    }

    #[test]
    fn https_cookie_is_secure_and_host_prefixed() {
        let cookie = set(Some("t"), "https://chat.example");
        assert_eq!(cookie, "__Host-jumpin-session=t; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000; Secure");
        assert!(
            set(None, "http://127.0.0.1").starts_with("jumpin-session=; ")
                && set(None, "http://a").contains("Max-Age=0")
        );
    }
}
