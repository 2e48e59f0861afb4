//! Serves agents' avatars to their colleagues and to the visitors they invite or chat with.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{ServerState, client_identity, error::Failure};

/// `GET /avatars/{avatar}`: serves an agent's avatar to colleagues. A new avatar always gets a new name, so the
/// response is immutable.
pub(super) async fn for_agents(
    State(parts): State<ServerState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    Ok(avatar_response(parts.engine.avatar(&me, &name).await?, "private, max-age=31536000, immutable"))
}

/// `GET /concierge/v1/avatars/{avatar}`: serves an agent's avatar to the visitors they invite or chat with.
pub(super) async fn for_visitors(
    State(parts): State<ServerState>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    // A removed avatar must disappear soon, so it is not cached for a year.
    Ok(avatar_response(parts.engine.public_avatar(&name).await?, "public, max-age=3600"))
}

fn avatar_response(image: Vec<u8>, cache_control: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache_control)),
    ];
    (headers, image).into_response()
}
