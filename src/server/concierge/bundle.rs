//! Serves the widget's embedded files and the frame's document: compressed and cacheable.

use std::{fmt::Write as _, io::Write as _};

use axum::{
    extract::{Path, Query},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::server::{
    content_type::accepts_brotli,
    embedded::{EmbeddedFile, IMMUTABLE, REVALIDATED},
    error::Failure,
    security_headers::header_text,
};

// `FILES`, `VERSION`, `FRAME` and the hashes `STYLE` and `SCRIPT` of its inlined parts, written by build.rs; in a debug
// build, the compiled files are empty.
include!(concat!(env!("OUT_DIR"), "/widget.rs"));

/// Returns whether this build contains the widget.
pub(in crate::server) fn is_built() -> bool {
    EmbeddedFile::find(FILES, "widget_bg.wasm").is_some()
}

/// `GET /loader.js`: serves the script of the embed line.
pub(in crate::server) async fn loader(query: Query<VersionQuery>, headers: HeaderMap) -> Response {
    serve("loader.js", &query, &headers)
}

/// `GET /concierge/v1/{file}`: serves a file of the widget.
pub(in crate::server) async fn file(
    Path(name): Path<String>,
    query: Query<VersionQuery>,
    headers: HeaderMap,
) -> Response {
    serve(&name, &query, &headers)
}

/// The query `?v=VERSION`: identifies exactly these bytes.
#[derive(Debug, Default, Deserialize)]
pub(in crate::server) struct VersionQuery {
    v: Option<String>,
}

fn serve(name: &str, Query(version): &Query<VersionQuery>, headers: &HeaderMap) -> Response {
    let Some(file) = EmbeddedFile::find(FILES, name) else { return Failure::NOT_FOUND.into_response() };
    let caching = if version.v.as_deref() == Some(VERSION) { IMMUTABLE } else { REVALIDATED };
    let mut response = file.response(headers, caching);
    let answer = response.headers_mut();
    // Pages of other origins load these files, including pages that require integrity or isolation.
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    response
}

/// Returns the document, or 304 if the browser has it. It is loaded with each page of a customer's site, so it is
/// compressed.
pub(super) fn page(document: &str, asked: &HeaderMap) -> Response {
    let mut etag = String::from("\"");
    for byte in Sha256::digest(document).iter().take(8) {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    let tag = [(header::ETAG, etag.clone())];
    if header_text(asked, &header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(&etag)) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    if !accepts_brotli(asked) {
        return (tag, document.to_owned()).into_response();
    }
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 18);
    match writer.write_all(document.as_bytes()) {
        Ok(()) => drop(writer),
        Err(_) => return (tag, document.to_owned()).into_response(),
    }
    (tag, [(header::CONTENT_ENCODING, "br")], compressed).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_page_is_compressed_and_cached_by_etag() {
        let mut asked = HeaderMap::new();
        asked.insert(header::ACCEPT_ENCODING, "br".parse().unwrap());
        let first = page("<!doctype html>", &asked);
        assert_eq!(first.headers()[header::CONTENT_ENCODING], "br");
        asked.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(page("<!doctype html>", &asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(page("<!doctype html> ", &asked).status(), StatusCode::OK);
    }
}
