//! Files of chats: what a visitor's script must know, sending, and handing out. A file streams to and from the disk; one
//! at a time is read whole, to be looked through before it is kept. It is only ever handed out to be kept, by an address that opens nothing without the token or the
//! session; what is foreign, missing or gone gives one and the same answer.

use std::{
    io,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::{Incoming, KeptFile, Sending, SentFile};
use futures::{StreamExt as _, stream};
use protocol::{
    chat::Body as Said,
    file::{ACCEPT, disposition},
    i18n,
    id::{ChatId, ClientId, FileId},
    language::Language,
    refusal::Refusal,
};
use serde::Deserialize;
use serde_json::json;
use tokio::{io::AsyncReadExt as _, time::timeout};

use super::{Parts, client_identity, client_identity::visitor_token, error::Failure, headers::header_text};
use crate::screens::{self, address::decode};

/// How long the whole of a file may take to come: 10 MB in this time are 270 kbit/s.
const SENT_WITHIN: Duration = Duration::from_secs(300);
/// So much of a file is read from the disk at once, bytes.
const PIECE: usize = 64 * 1024;
/// The name that its sender gives a file, percent-encoded.
const NAME: HeaderName = HeaderName::from_static("x-file-name");
/// How its sender names the message: sent again, it is the same file.
const CLIENT_ID: HeaderName = HeaderName::from_static("x-client-id");
/// Nothing in it is run or shown, whatever a browser makes of it.
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// `?lang=de`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LanguageQuery {
    lang: String,
}

impl LanguageQuery {
    pub(super) fn language(&self) -> Language {
        Language::from_tag(&self.lang)
    }
}

/// `GET /concierge/v1/files`: what the scripts that send files must know: how large they may be, of what kinds, and the words.
pub(super) async fn terms(State(parts): State<Parts>, Query(query): Query<LanguageQuery>) -> Response {
    let limit = parts.engine.settings().file_rules.max_file_bytes;
    let strings: serde_json::Map<_, _> =
        i18n::file_strings(query.language()).map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect();
    let terms = json!({ "limit": limit, "accept": ACCEPT, "strings": strings });
    ([(header::CACHE_CONTROL, "no-cache")], Json(terms)).into_response()
}

/// `POST /concierge/v1/files`: a visitor sends a file into his chat.
pub(super) async fn from_visitor(
    State(parts): State<Parts>,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let told = |refusal: Refusal| {
        let sentence = i18n::file_refused(query.language(), &refusal);
        parts.metrics.file(refusal.code());
        Failure::told(&refusal, sentence)
    };
    let token = visitor_token(&headers).ok_or(Failure::NOT_SIGNED_IN)?;
    let (client_id, name) = named(&headers)?;
    let sending = parts.engine.visitor_sends_file(&token, client_id, &name).await.map_err(told)?;
    receive(&parts, sending, body).await.map_err(told)
}

/// `?chat=ID`
#[derive(Debug, Deserialize)]
pub(super) struct Where {
    chat: ChatId,
}

/// `POST /files?chat=ID`: an agent sends a file into a chat of his.
pub(super) async fn from_agent(
    State(parts): State<Parts>,
    headers: HeaderMap,
    to: Result<Query<Where>, axum::extract::rejection::QueryRejection>,
    body: Body,
) -> Result<Response, Failure> {
    let me = client_identity::signed_in(&parts, &headers).await?;
    let told = |refusal: Refusal| {
        let an_agent = |_| screens::i18n::in_language(me.language, screens::i18n::an_agent).to_owned();
        let sentence = i18n::refused(me.language, &refusal, an_agent, |_| String::new());
        parts.metrics.file(refusal.code());
        Failure::told(&refusal, sentence)
    };
    let Ok(Query(Where { chat })) = to else { return Err(Failure::NOT_FOUND) };
    let (client_id, name) = named(&headers)?;
    let sending = parts.engine.agent_sends_file(&me, chat, client_id, &name).await.map_err(told)?;
    receive(&parts, sending, body).await.map_err(told)
}

/// `GET /concierge/v1/files/{file}`: a file of the visitor's own chats.
pub(super) async fn to_visitor(
    State(parts): State<Parts>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (token, file) = (visitor_token(&headers).ok_or(Failure::NOT_FOUND)?, id(&file)?);
    handed_out(parts.engine.file_for_visitor(&token, file).await?)
}

/// `GET /files/{file}`: a file of a chat that an agent may open.
pub(super) async fn to_agent(
    State(parts): State<Parts>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::principal(&parts, &headers).await?.ok_or(Failure::NOT_FOUND)?;
    handed_out(parts.engine.file(&me, id(&file)?).await?)
}

async fn receive(parts: &Parts, sending: Sending, body: Body) -> Result<Response, Refusal> {
    let (status, sent) = match sending {
        Sending::Stands(sent) => (StatusCode::OK, sent),
        Sending::Comes(incoming) => {
            let began = Instant::now();
            let whole = timeout(SENT_WITHIN, streamed(*incoming, body)).await;
            let incoming = whole.map_err(|_| Refusal::TookTooLong)??;
            let sent = incoming.end().await?;
            parts.metrics.file("stored");
            tracing::debug!(took = ?began.elapsed(), "a file was sent");
            (StatusCode::CREATED, sent)
        }
    };
    Ok((status, Json(answer(&sent))).into_response())
}

/// Every byte that comes is on its way to the disk before the next is taken.
async fn streamed(mut incoming: Incoming, body: Body) -> Result<Incoming, Refusal> {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        // Broken off: nobody waits for the answer.
        let piece = piece.map_err(|_| Refusal::Unexpected)?;
        incoming.take(&piece).await?;
    }
    Ok(incoming)
}

fn answer(sent: &SentFile) -> serde_json::Value {
    let Said::File(card) = &sent.entry.body else { return json!({}) };
    json!({ "file": {
        "id": card.id().map(|id| id.to_string()), "name": card.name(), "bytes": card.bytes(), "kind": card.kind(),
        "chat": sent.chat.to_string(), "seq": sent.entry.seq, "at": sent.entry.at,
    } })
}

fn handed_out(file: KeptFile) -> Result<Response, Failure> {
    let KeptFile { card, kind, content, bytes } = file;
    let name = HeaderValue::from_str(&disposition(card.name())).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.media())),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("none")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, Body::from_stream(stream::unfold(content, piece))).into_response())
}

async fn piece(mut content: tokio::fs::File) -> Option<(io::Result<Bytes>, tokio::fs::File)> {
    let mut bytes = Vec::with_capacity(PIECE);
    match (&mut content).take(PIECE as u64).read_to_end(&mut bytes).await {
        Ok(0) => None,
        Ok(_) => Some((Ok(bytes.into()), content)),
        Err(error) => Some((Err(error), content)),
    }
}

fn named(headers: &HeaderMap) -> Result<(ClientId, String), Failure> {
    let client_id = header_text(headers, &CLIENT_ID).and_then(|id| id.parse().ok()).ok_or(Failure::UNREADABLE)?;
    Ok((client_id, decode(header_text(headers, &NAME).unwrap_or_default())))
}

fn id(file: &str) -> Result<FileId, Failure> {
    file.parse().map_err(|_| Failure::NOT_FOUND)
}
