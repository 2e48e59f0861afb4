//! Handles uploads and downloads of chat files. Files are streamed to and from disk. Only one upload at a time is
//! loaded into memory in full so that it can be inspected before it is stored. Files are only served as attachments and
//! are never displayed, and a file's URL is useless without the visitor's token or the agent's session. The response is
//! the same whether a file is missing, has been deleted, or belongs to someone else.

use std::{io, net::SocketAddr, time::Instant};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{ConnectInfo, Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::{FileUpload, SentFile, StoredFile, UploadStart};
use futures::{StreamExt as _, stream};
use protocol::{
    chat::Body as EntryBody,
    file::{ACCEPT, content_disposition},
    i18n,
    id::{ChatId, ClientId, FileId},
    language::Language,
    refusal::Refusal,
};
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use super::{
    ServerState, client_identity, client_identity::visitor_token, connection::Uploads, error::Failure, listener::Peer,
    security_headers::header_text,
};
use crate::screens::screen_address::decode;

/// How much of a file is read from disk at a time, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// The header that contains the file's name, percent-encoded.
const NAME: HeaderName = HeaderName::from_static("x-file-name");
/// The header that contains the client's id for the message. If an upload is repeated with the same id, the existing
/// file is returned.
const CLIENT_ID: HeaderName = HeaderName::from_static("x-client-id");
/// Prevents browsers from running or displaying a file's content.
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// The query string `?lang=de`.
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

/// `GET /concierge/v1/files`: returns what upload scripts need, which is the size limit, the accepted types, and the UI
/// strings.
pub(super) async fn terms(State(parts): State<ServerState>, Query(query): Query<LanguageQuery>) -> Response {
    let limit = parts.engine.settings().file_rules.max_file_bytes;
    let strings: serde_json::Map<_, _> =
        i18n::file_strings(query.language()).map(|(name, text)| (name.to_owned(), text.into())).into_iter().collect();
    let terms = json!({ "limit": limit, "accept": ACCEPT, "strings": strings });
    ([(header::CACHE_CONTROL, "no-cache")], Json(terms)).into_response()
}

/// `POST /concierge/v1/files`: receives a file that a visitor sends in their chat.
pub(super) async fn upload_from_visitor(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let refuse = |refusal: Refusal| {
        let sentence = i18n::file_refusal_text(query.language(), &refusal);
        parts.metrics.file(refusal.code());
        Failure::with_message(&refusal, sentence)
    };
    let token = visitor_token(&headers).ok_or(Failure::NOT_SIGNED_IN)?;
    let (client_id, name) = upload_headers(&headers)?;
    let sending = parts.engine.begin_visitor_upload(&token, client_id, &name, client.ip()).await.map_err(refuse)?;
    receive(&parts, &peer.uploads, sending, body).await.map_err(refuse)
}

/// The query string `?chat=ID`.
#[derive(Debug, Deserialize)]
pub(super) struct ChatQuery {
    chat: ChatId,
}

/// `POST /files?chat=ID`: receives a file that an agent sends in one of their chats.
pub(super) async fn upload_from_agent(
    State(parts): State<ServerState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    to: Result<Query<ChatQuery>, axum::extract::rejection::QueryRejection>,
    body: Body,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let refuse = |refusal: Refusal| {
        parts.metrics.file(refusal.code());
        match refusal {
            Refusal::Busy { .. } | Refusal::TookTooLong => {
                Failure::with_message(&refusal, i18n::file_refusal_text(me.language, &refusal))
            }
            _ => Failure::in_language(&refusal, me.language),
        }
    };
    let Ok(Query(ChatQuery { chat })) = to else { return Err(Failure::NOT_FOUND) };
    let (client_id, name) = upload_headers(&headers)?;
    let sending = parts.engine.begin_agent_upload(&me, chat, client_id, &name).await.map_err(refuse)?;
    receive(&parts, &peer.uploads, sending, body).await.map_err(refuse)
}

/// `GET /concierge/v1/files/{file}`: serves a file from one of the visitor's own chats.
pub(super) async fn download_for_visitor(
    State(parts): State<ServerState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (token, file) = (visitor_token(&headers).ok_or(Failure::NOT_FOUND)?, id(&file)?);
    download_response(parts.engine.file_for_visitor(&token, file).await?)
}

/// `GET /files/{file}`: serves a file from a chat that the agent is allowed to open.
pub(super) async fn download_for_agent(
    State(parts): State<ServerState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::principal(&parts, &headers).await?.ok_or(Failure::NOT_FOUND)?;
    download_response(parts.engine.file(&me, id(&file)?).await?)
}

async fn receive(
    parts: &ServerState,
    uploads: &Uploads,
    sending: UploadStart,
    body: Body,
) -> Result<Response, Refusal> {
    let (status, sent) = match sending {
        UploadStart::AlreadySent(sent) => (StatusCode::OK, sent),
        UploadStart::Accepted(incoming) => {
            let began = Instant::now();
            // The upload has its own time limits, which replace the connection's.
            let _running = uploads.begin();
            let incoming = stream_to_disk(*incoming, body).await?;
            let sent = incoming.end().await?;
            parts.metrics.file("stored");
            tracing::debug!(took = ?began.elapsed(), "stored a file");
            (StatusCode::CREATED, sent)
        }
    };
    Ok((status, Json(answer(&sent))).into_response())
}

/// Writes each chunk to disk before reading the next one.
async fn stream_to_disk(mut incoming: FileUpload, body: Body) -> Result<FileUpload, Refusal> {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = incoming.while_in_time(pieces.next()).await? {
        // The client aborted the upload, so no one is waiting for this response.
        let piece = piece.map_err(|_| Refusal::Unexpected)?;
        incoming.take(&piece).await?;
    }
    Ok(incoming)
}

fn answer(sent: &SentFile) -> serde_json::Value {
    let EntryBody::File(card) = &sent.entry.body else { return json!({}) };
    json!({ "file": {
        "id": card.id().map(|id| id.to_string()), "name": card.name(), "bytes": card.bytes(), "kind": card.kind(),
        "chat": sent.chat.to_string(), "seq": sent.entry.seq, "at": sent.entry.at,
    } })
}

fn download_response(file: StoredFile) -> Result<Response, Failure> {
    let StoredFile { card, kind, content, bytes } = file;
    let name = HeaderValue::from_str(&content_disposition(card.name())).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.media())),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("none")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, Body::from_stream(stream::unfold(content, read_chunk))).into_response())
}

async fn read_chunk(mut content: tokio::fs::File) -> Option<(io::Result<Bytes>, tokio::fs::File)> {
    let mut bytes = Vec::with_capacity(CHUNK_BYTES);
    match (&mut content).take(CHUNK_BYTES as u64).read_to_end(&mut bytes).await {
        Ok(0) => None,
        Ok(_) => Some((Ok(bytes.into()), content)),
        Err(error) => Some((Err(error), content)),
    }
}

fn upload_headers(headers: &HeaderMap) -> Result<(ClientId, String), Failure> {
    let client_id = header_text(headers, &CLIENT_ID).and_then(|id| id.parse().ok()).ok_or(Failure::UNREADABLE)?;
    Ok((client_id, decode(header_text(headers, &NAME).unwrap_or_default())))
}

fn id(file: &str) -> Result<FileId, Failure> {
    file.parse().map_err(|_| Failure::NOT_FOUND)
}
