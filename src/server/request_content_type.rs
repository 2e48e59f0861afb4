//! Rejects unexpected or compressed bodies. Our clients never send them, and cross-site forms could otherwise smuggle
//! JSON in as text/plain.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{error::Failure, security_headers::header_text};

const FORM: &str = "application/x-www-form-urlencoded";
const PACKED: &str = "application/octet-stream";
const MULTIPART: &str = "multipart/form-data";

/// For server functions, accepts only encoded bodies and plain forms. GET and HEAD requests may not have a body at all.
pub(super) async fn check_function_body(request: Request, next: Next) -> Response {
    let (headers, path) = (request.headers(), request.uri().path());
    match *request.method() {
        Method::POST
            if (path.starts_with("/api/") || path == "/sign-out") && !is_acceptable(headers, &[PACKED, FORM]) =>
        {
            Failure::UNSUPPORTED_MEDIA_TYPE.into_response()
        }
        // A reverse proxy might treat the body as the next request (request smuggling).
        Method::GET | Method::HEAD if has_body(headers) => Failure::UNREADABLE.into_response(),
        _ => next.run(request).await,
    }
}

/// For screens, accepts only multipart forms.
pub(super) async fn check_screen_body(request: Request, next: Next) -> Response {
    match is_acceptable(request.headers(), &[MULTIPART]) {
        true => next.run(request).await,
        false => Failure::UNSUPPORTED_MEDIA_TYPE.into_response(),
    }
}

/// Returns whether the body is a plain form or there is no body.
pub(super) fn is_plain_form(headers: &HeaderMap) -> bool {
    is_acceptable(headers, &[FORM])
}

fn is_acceptable(headers: &HeaderMap, kinds: &[&str]) -> bool {
    !has_body(headers) || is_accepted_type(headers, kinds)
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || header_text(headers, &header::CONTENT_LENGTH).is_some_and(|length| length != "0")
}

fn is_accepted_type(headers: &HeaderMap, kinds: &[&str]) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) || headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
        return false;
    }
    let Some(said) = header_text(headers, &header::CONTENT_TYPE) else { return false };
    let mut parts = said.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().is_some_and(|kind| kinds.contains(&kind.as_str()))
        && parts.all(|part| !part.starts_with("charset=") || part.trim_matches('"') == "charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(kinds: &[&str], said: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, value.parse().unwrap());
        }
        is_accepted_type(&headers, kinds)
    }

    #[test]
    fn only_expected_content_types_are_accepted() {
        let functions = &[PACKED, FORM];
        assert!(known(functions, &[("content-type", PACKED)]));
        assert!(known(functions, &[("content-type", "Application/X-WWW-form-urlencoded; charset=UTF-8")]));
        assert!(known(&[MULTIPART], &[("content-type", "multipart/form-data; boundary=x")]));
        for kind in [
            "text/plain",
            "application/json",
            "multipart/form-data",
            "",
            "application/x-www-form-urlencoded; charset=utf-7",
        ] {
            assert!(!known(functions, &[("content-type", kind)]), "{kind}");
        }
        assert!(!known(functions, &[]));
        assert!(!known(functions, &[("content-type", PACKED), ("content-type", "text/plain")]));
        assert!(!known(functions, &[("content-type", PACKED), ("content-encoding", "gzip")]));
    }
}
