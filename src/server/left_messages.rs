//! Messages that visitors leave over plain HTTP, because their browser cannot run the widget or open a socket, for
//! example in Lockdown Mode or behind a proxy that blocks WebSockets.

use std::net::SocketAddr;

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::LeftMessage;
use protocol::{
    VERSION,
    concierge::Consent,
    i18n,
    id::{ClientId, ConciergeKey, TabId},
    limits::URL_BYTES,
    page::Page,
    presence::TabActivity,
    visitor::Hello,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    ServerState, client_identity::client_info, error::Failure, files::LanguageQuery, security_headers::header_text,
    socket_agent::is_own_origin,
};

/// The maximum size of the request body, in bytes: enough for the longest message and the other fields.
const BODY_BYTES: usize = 32 * 1024;

/// `GET /concierge/v1/messages`: returns the form's texts.
pub(super) async fn get_form(Query(query): Query<LanguageQuery>) -> Response {
    let strings: serde_json::Map<_, _> = i18n::message_form_strings(query.language())
        .map(|(name, text)| (name.to_owned(), text.into()))
        .into_iter()
        .collect();
    ([(header::CACHE_CONTROL, "no-cache")], Json(json!({ "strings": strings }))).into_response()
}

/// The request body. `id` is the sender's ID for the message, so that sending it again during the same visit changes
/// nothing.
#[derive(Debug, Deserialize)]
pub(super) struct MessageRequest {
    key: String,
    host: String,
    url: String,
    title: String,
    id: ClientId,
    text: String,
    name: String,
    email: String,
}

/// `POST /concierge/v1/messages`: stores a message with contact details as a waiting chat.
pub(super) async fn submit(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Failure> {
    if headers.contains_key(header::ORIGIN) && !is_own_origin(&parts, &headers) {
        return Err(Failure::WRONG_ORIGIN);
    }
    parts.limits.try_socket(client.ip())?;
    let is_json = header_text(&headers, &header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    let given = to_bytes(body, BODY_BYTES).await.ok().filter(|_| is_json);
    let given = given.and_then(|bytes| serde_json::from_slice::<MessageRequest>(&bytes).ok());
    let given = given.ok_or(Failure::UNREADABLE)?;
    let cut = |text: String| text.chars().take(URL_BYTES).collect();
    let hello = Hello {
        version: VERSION,
        concierge: ConciergeKey(given.key),
        token: None,
        tab: TabId(Uuid::now_v7()),
        host: given.host,
        page: Page { url: cut(given.url), title: cut(given.title) },
        activity: TabActivity { visible: true, typing_in_form: false, input: true },
        automated: false,
        head: 0,
        entry_info: String::new(),
        consent: Consent::Unknown,
    };
    let left = LeftMessage { hello, client_id: given.id, text: given.text, name: given.name, email: given.email };
    let from = client_info(client.ip(), &headers);
    let language = query.language();
    parts.engine.leave_message(left, from).await.map_err(|refusal| Failure::in_language(&refusal, language))?;
    Ok(StatusCode::CREATED)
}
