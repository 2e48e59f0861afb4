//! Redirects `/` and `/sign-in` to `/setup` as long as no one can sign in.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::ServerState;

/// Redirects `/` and `/sign-in` to the setup page until the first agent exists.
pub(super) async fn redirect_to_setup(State(parts): State<ServerState>, request: Request, next: Next) -> Response {
    let is_first = request.method() == Method::GET && matches!(request.uri().path(), "/" | "/sign-in");
    if is_first && parts.engine.needs_set_up().await == Ok(true) {
        return Redirect::to("/setup").into_response();
    }
    next.run(request).await
}
