//! What the pages of who signs in need besides screens: the way to the first set-up, the avatar of a second factor, and the
//! avatars of agents.

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{Parts, client_identity, error::Failure};

/// While nobody can sign in, the first pages lead to where that is changed.
pub(super) async fn first_start(State(parts): State<Parts>, request: Request, next: Next) -> Response {
    let is_first = request.method() == Method::GET && matches!(request.uri().path(), "/" | "/sign-in");
    if is_first && parts.engine.needs_set_up().await == Ok(true) {
        return Redirect::to("/setup").into_response();
    }
    next.run(request).await
}

/// `GET /account/totp.svg`: one's own secret, for an app to scan; there until it is confirmed.
pub(super) async fn totp_qr_code(State(parts): State<Parts>, headers: HeaderMap) -> Result<Response, Failure> {
    let me = client_identity::signed_in(&parts, &headers).await?;
    let image = parts.engine.totp_qr_code(&me).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, image).into_response())
}

/// `GET /avatars/{avatar}`: an agent's, for his colleagues. Another avatar has another name.
pub(super) async fn avatar(
    State(parts): State<Parts>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::signed_in(&parts, &headers).await?;
    Ok(painted(parts.engine.avatar(&me, &name).await?, "private, max-age=31536000, immutable"))
}

/// `GET /concierge/v1/avatars/{avatar}`: that of the agent who invites a visitor or chats with him, for his browser.
pub(super) async fn visitor_avatar(State(parts): State<Parts>, Path(name): Path<String>) -> Result<Response, Failure> {
    // An agent who takes his avatar away wants it gone: no year.
    Ok(painted(parts.engine.face(&name).await?, "public, max-age=3600"))
}

fn painted(image: Vec<u8>, kept: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    (headers, image).into_response()
}
