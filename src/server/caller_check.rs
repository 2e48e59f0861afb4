//! Checks who is calling and how often, before a request's body is read.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Extension, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use protocol::refusal::Refusal;

use super::{
    ServerState, error::Failure, request_language::PrincipalResult, router, screen, security_headers::header_text,
};

/// The server functions that may be called without a session.
const PUBLIC_FUNCTIONS: [&str; 3] = ["/api/sign-in", "/api/screen", "/sign-out"];

/// Refuses callers who send too many requests, and calls to a server function without a session. [`screen::submit`]
/// checks forms, and pages redirect to the sign-in page.
pub(super) async fn check(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Extension(found): Extension<PrincipalResult>,
    request: Request,
    next: Next,
) -> Response {
    let me = found.as_ref().ok().and_then(Option::as_ref);
    let counted = parts.requests.try_request(me, client.ip());
    match counted.and_then(|()| if needs_session(&request) { require_session(&found) } else { Ok(()) }) {
        Ok(()) => next.run(request).await,
        Err(refusal) => answer(refusal, request.uri().path(), request.headers()),
    }
}

fn is_function(path: &str) -> bool {
    path.starts_with("/api/")
}

fn needs_session(request: &Request) -> bool {
    let path = request.uri().path();
    *request.method() == Method::POST && is_function(path) && !PUBLIC_FUNCTIONS.contains(&path)
}

fn require_session(found: &PrincipalResult) -> Result<(), Refusal> {
    found.clone()?.map(drop).ok_or(Refusal::NotSignedIn)
}

/// Returns the refusal in the format that the client expects.
fn answer(refusal: Refusal, path: &str, headers: &HeaderMap) -> Response {
    let accepts = |kind| header_text(headers, &header::ACCEPT).is_some_and(|kinds| kinds.contains(kind));
    if accepts("text/html") {
        Failure::from(refusal).into_response()
    } else if is_function(path) {
        router::refuse_call(refusal, path, headers)
    } else if accepts(screen::PACKED) {
        screen::pack(Err(refusal))
    } else {
        Failure::from(refusal).into_response()
    }
}
