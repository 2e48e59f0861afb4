//! Lets visitors rate their last chat. Serves the rating form's text and stores the submitted rating.

use axum::{
    Json,
    extract::{Query, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use engine::store::Rating;
use protocol::i18n;
use serde::Deserialize;
use serde_json::json;

use super::{ServerState, client_identity::visitor_token, error::Failure, files::LanguageQuery};

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
    given: Result<Json<RatingRequest>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let token = visitor_token(&headers).ok_or(Failure::NOT_SIGNED_IN)?;
    let rating = given.ok().and_then(|Json(given)| Rating::from_word(&given.rating)).ok_or(Failure::UNREADABLE)?;
    parts.engine.rate(&token, rating).await?;
    Ok(StatusCode::NO_CONTENT)
}
