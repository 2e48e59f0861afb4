//! Sets security headers. The dashboard and the concierge's frame each have their own content security policy;
//! everything else gets a default policy.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;

use super::ServerState;

/// The policy for responses that are not pages. It denies everything.
const DENY_ALL: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
);

/// Returns the dashboard's policy with this response's nonce.
///
/// `style-src-attr` is needed because the server renders widths and positions as `style=` attributes. With
/// `trusted-types`, only the policy in `src/dashboard/trusted_types.js` decides what may become markup.
pub(super) fn dashboard_policy(nonce: &str) -> String {
    // During development, cargo-leptos reloads the page over its own socket.
    let reload = if cfg!(debug_assertions) { " ws://127.0.0.1:* ws://localhost:*" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; connect-src 'self'{reload}; img-src 'self' data:; base-uri 'none'; \
         form-action 'self'; frame-src 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types default"
    )
}

/// Sets the dashboard's policy. Called while Leptos renders a page.
pub(super) fn set_dashboard_headers() {
    let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    if let Ok(policy) = HeaderValue::from_str(&dashboard_policy(&nonce)) {
        answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        answer.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Returns the frame's policy. Only the concierge's own sites may embed the frame. If no sites are configured, any site
/// may embed it. `script` and `style` are the hashes of the frame's inline script and style.
pub(super) fn frame_policy(public_url: &str, sites: &[String], script: &str, style: &str) -> String {
    let named: Vec<&str> = sites.iter().map(String::as_str).filter(|site| is_source(site)).collect();
    let ancestors = match (sites.is_empty(), named.is_empty()) {
        (true, _) => "*".to_owned(),
        (false, true) => "'none'".to_owned(),
        (false, false) => named.join(" "),
    };
    // Older versions of Safari do not treat a WebSocket on the same host as 'self'.
    let socket = public_url.replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self' {script} 'wasm-unsafe-eval'; connect-src 'self' {socket}; \
         style-src 'self' {style}; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; \
         require-trusted-types-for 'script'"
    )
}

/// Returns whether a site can safely be inserted into a directive, that is, whether it cannot end the directive and
/// start another.
fn is_source(site: &str) -> bool {
    !site.is_empty() && site.bytes().all(|byte| byte.is_ascii_graphic() && !b";,'\"".contains(&byte))
}

/// Adds the default headers to every response, unless the handler has already set them. If the public URL uses HTTPS,
/// HSTS is enabled for one year.
pub(super) async fn set_default_headers(State(parts): State<ServerState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut absent = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    absent(header::CONTENT_SECURITY_POLICY, DENY_ALL);
    absent(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Links that agents follow must not reveal the dashboard to other sites. Our own forms need the referrer to work
    // without WebAssembly.
    absent(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    // Handlers whose responses can be cached set their own value.
    absent(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    absent(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    absent(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    absent(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if parts.public_url().starts_with("https://") {
        absent(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Returns a header's value as text, or `None` if the header is absent or is not valid text.
pub(super) fn header_text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_policy_allows_only_configured_sites() {
        let policy = |sites: &[String]| frame_policy("https://chat.example", sites, "'sha256-a'", "'sha256-b'");
        let named = policy(&["https://shop.example".into(), "https://help.example".into()]);
        assert!(named.contains("frame-ancestors https://shop.example https://help.example;"), "{named}");
        assert!(named.contains("connect-src 'self' wss://chat.example;"), "{named}");
        assert!(named.contains("script-src 'self' 'sha256-a' 'wasm-unsafe-eval';"), "{named}");
        assert!(named.contains("style-src 'self' 'sha256-b';") && !named.contains("unsafe-inline"), "{named}");
        assert!(policy(&[]).contains("frame-ancestors *;"));
    }

    #[test]
    fn malformed_site_cannot_inject_policy_directive() {
        let policy = frame_policy("https://chat.example", &["https://a.example; script-src *".into()], "", "");
        assert!(policy.contains("frame-ancestors 'none';"), "{policy}");
    }

    #[test]
    fn the_dashboard_has_no_inline_script_without_its_nonce() {
        let policy = dashboard_policy("abc");
        assert!(policy.contains("'nonce-abc'"));
        assert!(!policy.replace("style-src-attr 'unsafe-inline'", "").contains("unsafe-inline"));
    }
}
