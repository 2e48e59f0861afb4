//! Lets visitors rate their last chat. Serves the rating form's text and stores the submitted rating.

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::store::Rating;
use protocol::i18n;
use serde::Deserialize;
use serde_json::json;

use super::{
    ServerState, client_identity::visitor_token, error::Failure, files::LanguageQuery, security_headers::header_text,
};

/// The maximum size of a rating's request body, in bytes.
const BODY_BYTES: usize = 1_024;

/// `GET /concierge/v1/rating`: returns the rating form's text, or 204 if there is no chat to rate.
pub(super) async fn get_form(
    State(parts): State<ServerState>,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = visitor_token(&headers).ok_or(Failure::NOT_SIGNED_IN)?;
    if !parts.engine.may_rate(&token).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let strings: serde_json::Map<_, _> =
        i18n::rating_strings(query.language()).map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect();
    Ok(Json(json!({ "strings": strings })).into_response())
}

/// The request body: `{"rating": "good"}` or `{"rating": "bad"}`.
#[derive(Debug, Deserialize)]
pub(super) struct RatingRequest {
    rating: String,
}

/// `POST /concierge/v1/rating`: stores the visitor's rating of their last chat.
pub(super) async fn submit(
    State(parts): State<ServerState>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Failure> {
    let token = visitor_token(&headers).ok_or(Failure::NOT_SIGNED_IN)?;
    // The body is read only if the visitor may rate a chat.
    parts.engine.may_rate(&token).await?;
    let is_json = header_text(&headers, &header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    let given = to_bytes(body, BODY_BYTES).await.ok().filter(|_| is_json);
    let given = given.and_then(|bytes| serde_json::from_slice::<RatingRequest>(&bytes).ok());
    let rating = given.and_then(|given| Rating::from_word(&given.rating)).ok_or(Failure::UNREADABLE)?;
    parts.engine.rate(&token, rating).await?;
    Ok(StatusCode::NO_CONTENT)
}
