//! Determines the content types and encodings of the files we serve for the dashboard and the concierge.

use axum::http::{HeaderMap, header};

use super::security_headers::header_text;

/// Returns whether the client accepts brotli.
pub(super) fn accepts_brotli(headers: &HeaderMap) -> bool {
    header_text(headers, &header::ACCEPT_ENCODING)
        .is_some_and(|codings| codings.split(',').any(|coding| coding.trim().split(';').next() == Some("br")))
}

/// Returns the media type for one of our files, based on its extension.
pub(super) fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_used_only_when_accepted() {
        let asks = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts_brotli(&headers)
        };
        assert!(asks("gzip, br") && asks("br;q=1.0"));
        assert!(!asks("gzip, brx") && !asks("gzip"));
    }
}
