//! The dashboard's own files, as cargo-leptos leaves them: a flat folder of scripts and styles, each also squeezed by brotli
//! (`.br`), and two files beside it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use axum::{
    extract::{self, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::config::LeptosOptions;
use sha2::{Digest, Sha256};

use super::{
    Parts,
    answer::{accepts_brotli, content_type},
    error::Failure,
    peer::header_text,
};

/// The folder of the site: as the settings have it, or, for a program that was copied elsewhere, `site` beside it or above it.
pub(super) fn find(leptos: &LeptosOptions) -> anyhow::Result<PathBuf> {
    let named = PathBuf::from(leptos.site_root.as_ref());
    let program = std::env::current_exe().unwrap_or_default();
    let beside = program.ancestors().skip(1).take(2).map(|folder| folder.join("site"));
    let has_files = |folder: &PathBuf| folder.join(leptos.site_pkg_dir.as_ref()).is_dir();
    std::iter::once(named.clone()).chain(beside).find(has_files).with_context(|| {
        format!("the dashboard's files are neither in {} nor in a folder `site` beside the program", named.display())
    })
}

/// `GET /pkg/{file}`
pub(super) async fn package(
    State(parts): State<Parts>,
    extract::Path(name): extract::Path<String>,
    headers: HeaderMap,
) -> Response {
    let folder = Path::new(parts.leptos.site_root.as_ref()).join(parts.leptos.site_pkg_dir.as_ref());
    serve(folder, &name, &headers).await
}

/// `GET /favicon.svg`
pub(super) async fn favicon(State(parts): State<Parts>, headers: HeaderMap) -> Response {
    serve(parts.leptos.site_root.as_ref().into(), "favicon.svg", &headers).await
}

/// `GET /files.js`: what the dashboard loads with a chat in which one may write.
pub(super) async fn files(State(parts): State<Parts>, headers: HeaderMap) -> Response {
    serve(parts.leptos.site_root.as_ref().into(), "files.js", &headers).await
}

/// `GET /robots.txt`
pub(super) async fn robots() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "User-agent: *\nDisallow: /\n").into_response()
}

async fn serve(folder: PathBuf, name: &str, headers: &HeaderMap) -> Response {
    if !is_plain(name) {
        return Failure::NOT_FOUND.into_response();
    }
    let Ok(bytes) = tokio::fs::read(folder.join(name)).await else { return Failure::NOT_FOUND.into_response() };
    let digest = Sha256::digest(&bytes);
    let etag = format!("\"{}\"", digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>());
    let squeezed =
        if accepts_brotli(headers) { tokio::fs::read(folder.join(format!("{name}.br"))).await.ok() } else { None };
    let mut response = match squeezed {
        _ if header_text(headers, &header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(&etag)) => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        Some(squeezed) => ([(header::CONTENT_ENCODING, "br")], squeezed).into_response(),
        None => bytes.into_response(),
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, etag);
    }
    response
}

/// One name in one folder: no path, no hidden file.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        assert!(is_plain("jumpin.css") && is_plain("jumpin_bg.wasm"));
        for name in ["../jumpin.db", "..", ".env", "a/b", "a\\b", "a%2e", "a\0"] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
