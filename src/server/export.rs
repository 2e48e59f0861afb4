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
    store::{ExportItem, StoreError},
};
use futures::stream;
use protocol::{id::VisitorId, refusal::Refusal};
use tokio::sync::mpsc::Receiver;

use super::{ServerState, client_identity, error::Failure};
use crate::screens::{
    self,
    export::{ExportWriter, Format},
    screen_address::Address,
};

/// The content type of JSON Lines.
const JSON_LINES: &str = "application/x-ndjson";

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
        Format::JsonLines => ("chats.jsonl", JSON_LINES),
    };
    let items = parts.engine.export(&me, filter, name).await?;
    stream_out(&parts, &me, items, format, (name, kind)).await
}

/// `GET /history/visitors/{visitor}/known.json`: exports everything stored about a visitor, one row per line.
pub(super) async fn visitor(
    State(parts): State<ServerState>,
    Path(visitor): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let visitor: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    let items = parts.engine.export_visitor(&me, visitor).await?;
    stream_out(&parts, &me, items, Format::JsonLines, ("visitor.jsonl", JSON_LINES)).await
}

async fn stream_out(
    parts: &ServerState,
    me: &Principal,
    items: Receiver<Result<ExportItem, StoreError>>,
    format: Format,
    (name, kind): (&'static str, &'static str),
) -> Result<Response, Failure> {
    let lines = ExportWriter::new(parts.engine.directory(me).await?, format);
    let state = Some((Some(lines.head()), items, lines));
    let body = Body::from_stream(stream::unfold(state, next_chunk));
    let file = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(|_| Failure::UNEXPECTED)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
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
