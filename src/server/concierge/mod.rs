//! Serves everything that visitors' browsers load: the loader, the frame's `document`, and the files in the embedded
//! `bundle`.

mod bundle;
mod document;

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use engine::{concierges::LookForm, opening_hours};
use protocol::id::ConciergeKey;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

pub(super) use self::bundle::{file, is_built, loader};
use self::{
    bundle::{SCRIPT, STYLE, page},
    document::{back_at, document, preview_document, preview_style},
};
use super::{ServerState, client_identity, error::Failure, security_headers::frame_policy};

/// The query string `?key=KEY`.
#[derive(Debug, Deserialize)]
pub(super) struct KeyQuery {
    key: String,
}

/// `GET /concierge/v1/frame?key=KEY`: serves the iframe's document. Browsers only allow the concierge's own sites to
/// embed it.
pub(super) async fn frame(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    asked: HeaderMap,
    key: Result<Query<KeyQuery>, QueryRejection>,
) -> Result<Response, Failure> {
    parts.limits.try_frame(client.ip())?;
    let Ok(Query(KeyQuery { key })) = key else { return Err(Failure::NOT_FOUND) };
    let key = ConciergeKey(key);
    if !key.is_well_formed() {
        return Err(Failure::NOT_FOUND);
    }
    let concierge = parts
        .engine
        .store()
        .concierge_by_key(&key)
        .await
        .map_err(|error| {
            tracing::error!(%error, "failed to read a concierge");
            Failure::UNEXPECTED
        })?
        .filter(|concierge| !concierge.paused)
        .ok_or(Failure::NOT_FOUND)?;
    let policy = frame_policy(parts.public_url(), &concierge.settings.sites, SCRIPT, STYLE);
    let policy = HeaderValue::from_str(&policy).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("require-corp")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none")),
    ];
    let mut look = concierge.settings.look;
    if let Some(opens) = opening_hours::next_opening_local(&concierge.settings.opening_hours, parts.engine.now()) {
        look.greeting = [look.greeting.as_str(), "\n", &back_at(look.language, opens)].concat();
    }
    Ok((headers, page(&document(&look), &asked)).into_response())
}

/// The query string `?concierge=ID`, along with the current values of the form next to the preview.
#[derive(Debug, Deserialize)]
pub(super) struct PreviewQuery {
    concierge: String,
    title: Option<String>,
    greeting: Option<String>,
    color: Option<String>,
    side: Option<String>,
    language: Option<String>,
}

/// `GET /concierge/v1/preview?concierge=ID` (or `concierge=new`): serves the preview that an admin sees next to the
/// settings. It is the same document with the panel open and without the script, so it neither counts as a visit nor
/// opens a socket. Only the dashboard may embed it. The form's values are validated just as they are on saving, but
/// they are not stored.
pub(super) async fn preview(
    State(parts): State<ServerState>,
    headers: HeaderMap,
    which: Result<Query<PreviewQuery>, QueryRejection>,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let Ok(Query(asked)) = which else { return Err(Failure::NOT_FOUND) };
    let concierge = match asked.concierge.as_str() {
        "new" => None,
        id => Some(id.parse().map_err(|_| Failure::NOT_FOUND)?),
    };
    let PreviewQuery { title, greeting, color, side, language, .. } = asked;
    let typed = LookForm { title, greeting, color, side, language };
    let look = parts.engine.preview_look(&me, concierge, typed).await?;
    let style = preview_style(&look.color);
    let policy = format!(
        "default-src 'none'; style-src 'self' {STYLE} 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'self'",
        STANDARD.encode(Sha256::digest(&style))
    );
    let policy = HeaderValue::from_str(&policy).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, preview_document(&document(&look), &style)).into_response())
}
