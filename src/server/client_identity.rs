//! Identifies the caller by its session and its address. Forwarded addresses are only accepted from trusted proxies.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use engine::{ClientInfo, Principal};
use protocol::{id::VisitorToken, refusal::Refusal};

use super::{ServerState, error::Failure, listener::Peer, security_headers::header_text};
use crate::screens::session_cookie;

/// Adds the client's address, which differs from the connection's address if that belongs to a proxy. All inner layers
/// and handlers then see the same address.
pub(super) async fn resolve_client_address(
    State(parts): State<ServerState>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(ConnectInfo(Peer { address, .. })) = request.extensions().get::<ConnectInfo<Peer>>() {
        let (peer, headers) = (*address, request.headers());
        parts.proxies.warn_if_unlisted(peer.ip(), headers, parts.engine.now());
        let client = SocketAddr::new(parts.proxies.client(peer.ip(), headers), peer.port());
        request.extensions_mut().insert(ConnectInfo(client));
    }
    next.run(request).await
}

/// Returns what the engine needs to know about the client.
pub(super) fn client_info(ip: IpAddr, headers: &HeaderMap) -> ClientInfo {
    let user_agent: String = header_text(headers, &header::USER_AGENT)
        .unwrap_or_default()
        .chars()
        .take(512)
        .filter(|c| !c.is_control())
        .collect();
    let is_mobile = header_text(headers, &header::HeaderName::from_static("sec-ch-ua-mobile")) == Some("?1")
        || ["Mobile", "Android", "iPhone", "iPad"].iter().any(|word| user_agent.contains(word));
    let languages = header_text(headers, &header::ACCEPT_LANGUAGE).unwrap_or_default().chars().take(100).collect();
    // Global Privacy Control and its predecessor, Do Not Track.
    let opted_out = ["sec-gpc", "dnt"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| value.as_bytes().trim_ascii() == b"1"));
    ClientInfo { ip, user_agent, is_mobile, languages, opted_out }
}

/// Returns the session token from the request's cookies, if there is one.
pub(super) fn session_token(parts: &ServerState, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    session_cookie::token(cookies, parts.public_url())
}

/// Returns the agent that this request's cookie identifies, if any.
///
/// # Errors
///
/// Returns an error if the session cannot be read from the database.
pub(super) async fn principal(parts: &ServerState, headers: &HeaderMap) -> Result<Option<Principal>, Refusal> {
    match session_token(parts, headers) {
        Some(token) => parts.engine.sessions().principal(&token, parts.engine.now()).await,
        None => Ok(None),
    }
}

/// Returns the agent that this request's cookie identifies, for handlers that require a session.
///
/// # Errors
///
/// Returns [`Failure::NOT_SIGNED_IN`] if there is no valid session, or another failure if the session cannot be read
/// from the database.
pub(super) async fn require_principal(parts: &ServerState, headers: &HeaderMap) -> Result<Principal, Failure> {
    principal(parts, headers).await?.ok_or(Failure::NOT_SIGNED_IN)
}

/// Returns whether a URL or an origin is our own, that is, under the public URL or under this request's `Host`.
pub(super) fn is_own_url(parts: &ServerState, headers: &HeaderMap, address: &str) -> bool {
    let under =
        |origin: &str| address.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let scheme = parts.public_url().split_once("://").map_or("http", |(scheme, _)| scheme);
    under(parts.public_url())
        || header_text(headers, &header::HOST).is_some_and(|host| under(&format!("{scheme}://{host}")))
}

/// Reads the visitor token from an `Authorization` header that contains `Bearer` and 64 hex digits. The token is never
/// part of a URL, because URLs are logged.
pub(super) fn visitor_token(headers: &HeaderMap) -> Option<VisitorToken> {
    let digits = header_text(headers, &header::AUTHORIZATION)?.strip_prefix("Bearer ")?;
    let mut token = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (place, byte) in token.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(VisitorToken(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitor_token_must_be_64_hex_digits() {
        let parsed = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            visitor_token(&headers)
        };
        assert_eq!(parsed(&format!("Bearer {}", "0f".repeat(32))), Some(VisitorToken([0x0f; 32])));
        for nonsense in ["", "Bearer ", "Bearer true", "0f", &format!("Bearer {}", "zz".repeat(32)), &"0f".repeat(32)] {
            assert_eq!(parsed(nonsense), None, "{nonsense}");
        }
    }
}
