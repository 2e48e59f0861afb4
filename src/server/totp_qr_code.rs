//! Serves the QR code that an agent scans with an authenticator app to set up a second factor.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{ServerState, client_identity, error::Failure};

/// `GET /account/totp.svg`: serves the QR code for the agent's own secret until the agent confirms it.
pub(super) async fn image(State(parts): State<ServerState>, headers: HeaderMap) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let image = parts.engine.totp_qr_code(&me).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, image).into_response())
}
