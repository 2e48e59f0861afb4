//! Streams exports as files. An export keeps only a few lines in memory at a time. If it fails midway, the response is
//! cut off, which browsers report as a failed download.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use engine::{
    Principal,
    store::{ExportItem, StoreError},
};
use futures::stream;
use protocol::{id::VisitorId, refusal::Refusal};
use tokio::sync::mpsc::Receiver;

use super::{ServerState, client_identity, error::Failure, request_content_type::is_plain_form};
use crate::screens::{
    self,
    csv::Separator,
    export::{ExportWriter, Format},
    screen_address::Address,
};

/// The content type of JSON Lines.
const JSON_LINES: &str = "application/x-ndjson";
/// The maximum size of the form, in bytes.
const FORM_BYTES: usize = 16 * 1024;

/// `POST /history/export.csv`: exports the chats that match the history filter as a file for spreadsheets. The form may
/// specify the separator. The default depends on the agent's language.
pub(super) async fn csv(State(parts): State<ServerState>, request: Request) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, request.headers()).await?;
    let form = read_form(request).await?;
    let separator = match form.param("separator") {
        "" => Separator::of_language(me.language),
        word => Separator::from_word(word).ok_or(Failure::INVALID_FORM)?,
    };
    let file = match separator {
        Separator::Tab => ("chats.tsv", "text/tab-separated-values; charset=utf-8"),
        Separator::Comma | Separator::Semicolon => ("chats.csv", "text/csv; charset=utf-8"),
    };
    history(&parts, &me, &form, Format::Csv(separator), file).await
}

/// `POST /history/export.jsonl`: exports the chats that match the history filter as JSON Lines.
pub(super) async fn json_lines(State(parts): State<ServerState>, request: Request) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, request.headers()).await?;
    let form = read_form(request).await?;
    history(&parts, &me, &form, Format::JsonLines, ("chats.jsonl", JSON_LINES)).await
}

/// Reads the filter from the form. It is not read from the URL, because URLs stay in the logs of proxies.
async fn read_form(request: Request) -> Result<Address, Failure> {
    if !is_plain_form(request.headers()) {
        return Err(Failure::UNSUPPORTED_MEDIA_TYPE);
    }
    if request.uri().query().is_some() {
        return Err(Failure::UNREADABLE);
    }
    let bytes = to_bytes(request.into_body(), FORM_BYTES).await.map_err(|_| Failure::TOO_LARGE)?;
    let form = std::str::from_utf8(&bytes).map_err(|_| Failure::UNREADABLE)?;
    Ok(Address::parse(&format!("/history?{form}")))
}

async fn history(
    parts: &ServerState,
    me: &Principal,
    form: &Address,
    format: Format,
    file: (&'static str, &'static str),
) -> Result<Response, Failure> {
    let filter = screens::history_filter(&parts.engine, me, form).await?;
    let items = parts.engine.export(me, filter, file.0).await;
    stream_out(parts, me, items, format, file, &screens::filtered_history_address(form)).await
}

/// `POST /history/visitors/{visitor}/known.json`: exports everything stored about a visitor, one row per line.
pub(super) async fn visitor(
    State(parts): State<ServerState>,
    Path(visitor): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let me = client_identity::require_principal(&parts, &headers).await?;
    let visitor: VisitorId = visitor.parse().map_err(|_| Refusal::NotFound)?;
    let items = parts.engine.export_visitor(&me, visitor).await;
    let screen = format!("/history/visitors/{visitor}");
    stream_out(&parts, &me, items, Format::JsonLines, ("visitor.jsonl", JSON_LINES), &screen).await
}

async fn stream_out(
    parts: &ServerState,
    me: &Principal,
    items: Result<Receiver<Result<ExportItem, StoreError>>, Refusal>,
    format: Format,
    (name, kind): (&'static str, &'static str),
    screen: &str,
) -> Result<Response, Failure> {
    let items = match items {
        // The screen with the form asks for the password.
        Err(Refusal::PasswordNeeded) => return Ok(Redirect::to(screen).into_response()),
        items => items.map_err(|refusal| refuse(me, refusal))?,
    };
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

/// Says that other exports are running. The general message would be about requests.
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
