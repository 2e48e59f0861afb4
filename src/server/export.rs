//! Streams exports as files. An export keeps only a few lines in memory at a time. If it fails midway, the response is
//! cut off, which browsers report as a failed download.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use engine::{
    Principal,
    store::{ExportItem, HistoryFilter, StoreError},
};
use futures::stream;
use protocol::{id::VisitorId, refusal::Refusal};
use tokio::sync::mpsc::Receiver;

use super::{ServerState, client_identity, error::Failure};
use crate::screens::{
    self,
    export::{self, ExportWriter, Format},
    screen_address::Address,
};

/// `GET /history/export.csv`: exports the chats that match the history filter as CSV.
pub(super) async fn csv(parts: State<ServerState>, uri: Uri, headers: HeaderMap) -> Result<Response, Failure> {
    history(parts, uri, headers, Format::Csv).await
}

/// `GET /history/export.jsonl`: exports the chats that match the history filter as JSON Lines.
pub(super) async fn json_lines(parts: State<ServerState>, uri: Uri, headers: HeaderMap) -> Result<Response, Failure> {
    history(parts, uri, headers, Format::JsonLines).await
}

async fn history(
    State(parts): State<ServerState>,
    uri: Uri,
    headers: HeaderMap,
    format: Format,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let address = Address::parse(uri.path_and_query().map_or("/", |address| address.as_str()));
    let filter = screens::history_filter(&parts.engine, &me, &address).await?;
    let (name, kind) = match format {
        Format::Csv => ("chats.csv", "text/csv; charset=utf-8"),
        Format::JsonLines => ("chats.jsonl", "application/x-ndjson"),
    };
    stream_out(&parts, &me, filter, format, (name, kind), String::new()).await
}

/// `GET /history/visitors/{visitor}/known.json`: exports everything known about a visitor, followed by the visitor's
/// chats.
pub(super) async fn visitor(
    State(parts): State<ServerState>,
    Path(visitor): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let engine = &parts.engine;
    let visitor: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    me.may(engine::Permission::ManagePrivacy)?;
    let facts = engine.visitor_facts(&me, visitor).await?;
    let known = export::visitor_json(&facts, &engine.directory(&me).await?);
    let filter = HistoryFilter { visitor: Some(visitor), ..engine.history_filter(&me).await? };
    let files = ("visitor.jsonl", "application/x-ndjson");
    stream_out(&parts, &me, filter, Format::JsonLines, files, format!("{known}\n")).await
}

async fn stream_out(
    parts: &ServerState,
    me: &Principal,
    filter: HistoryFilter,
    format: Format,
    (name, kind): (&'static str, &'static str),
    first: String,
) -> Result<Response, Failure> {
    let directory = parts.engine.directory(me).await?;
    let what = if filter.visitor.is_some() { "a visitor" } else { name };
    let taken = parts.engine.export(me, filter, what).await.map_err(|refusal| refuse(me, refusal))?;
    let lines = ExportWriter::new(directory, format);
    let head = format!("{first}{}", lines.head());
    let state = Some((Some(head), taken, lines));
    let body = Body::from_stream(stream::unfold(state, next_chunk));
    let file = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}

/// Says that other exports are running, since the general sentence would be about requests.
fn refuse(me: &Principal, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::TooMany { .. } => {
            let sentence = screens::i18n::in_language(me.language, screens::i18n::too_many_exports);
            Failure::with_message(&refusal, sentence.to_owned())
        }
        refusal => refusal.into(),
    }
}

type ExportState = (Option<String>, Receiver<Result<ExportItem, StoreError>>, ExportWriter);

/// Yields the header, each item, and the footer. If there is an error, yields the error and ends the stream.
async fn next_chunk(state: Option<ExportState>) -> Option<(Result<Bytes, StoreError>, Option<ExportState>)> {
    let (head, mut taken, mut lines) = state?;
    if let Some(head) = head {
        return Some((Ok(head.into()), Some((None, taken, lines))));
    }
    match taken.recv().await {
        Some(Ok(ExportItem::End)) => Some((Ok(lines.end().into()), None)),
        Some(Ok(piece)) => {
            let line = lines.write_item(piece);
            Some((Ok(line.into()), Some((None, taken, lines))))
        }
        broken => {
            let error = broken.and_then(Result::err).unwrap_or(StoreError::Closed);
            tracing::warn!(%error, "an export failed midway");
            Some((Err(error), None))
        }
    }
}
