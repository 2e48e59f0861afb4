//! The dashboard's own files. They are in the program, under names that change with their bytes; while one works on the
//! dashboard with cargo-leptos, they are in the folder that it writes.

use axum::{
    extract::Path,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use leptos::config::LeptosOptions;

use super::{
    embedded::{EmbeddedFile, IMMUTABLE, REVALIDATED},
    error::Failure,
};

// `FILES`, and the addresses `SCRIPT`, `WASM` and `STYLE` of what a page loads, written by build.rs.
include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// Whether the dashboard can be served: from the program, or by cargo-leptos.
pub(super) fn are_there() -> bool {
    let script = SCRIPT.rsplit('/').next().unwrap_or_default();
    EmbeddedFile::find(FILES, script).is_some() || watched::folder().is_some()
}

/// What Leptos asks for. It finds no file by them: they matter to cargo-leptos's reloading alone, which sets them itself.
pub(super) fn leptos_options() -> LeptosOptions {
    watched::leptos_options().unwrap_or_else(|| LeptosOptions::builder().output_name("jumpin").build())
}

/// `GET /pkg/{file}`
pub(super) async fn package(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // The icon has an address of its own.
    match EmbeddedFile::find(FILES, &name).filter(|file| file.name != "favicon.svg") {
        Some(file) => file.response(&headers, IMMUTABLE),
        None => watched::file("pkg", &name).await,
    }
}

/// `GET /favicon.svg`
pub(super) async fn favicon(headers: HeaderMap) -> Response {
    match EmbeddedFile::find(FILES, "favicon.svg") {
        Some(file) => file.response(&headers, REVALIDATED),
        None => Failure::NOT_FOUND.into_response(),
    }
}

/// `GET /files.js`: what the dashboard loads with a chat in which one may write. A release has it under `/pkg`.
pub(super) async fn files() -> Response {
    watched::file("", "files.js").await
}

/// `GET /robots.txt`
pub(super) async fn robots() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "User-agent: *\nDisallow: /\n").into_response()
}

/// The folder that cargo-leptos serves the dashboard from. Only a debug build knows it.
#[cfg(debug_assertions)]
mod watched {
    use std::path::PathBuf;

    use axum::{
        http::{HeaderValue, header},
        response::{IntoResponse, Response},
    };
    use leptos::config::{LeptosOptions, get_configuration};

    use crate::server::{answer::content_type, embedded::REVALIDATED, error::Failure};

    pub(super) fn folder() -> Option<PathBuf> {
        std::env::var_os("LEPTOS_SITE_ROOT").map(PathBuf::from)
    }

    pub(super) fn leptos_options() -> Option<LeptosOptions> {
        folder().and_then(|_| get_configuration(None).ok()).map(|configuration| configuration.leptos_options)
    }

    pub(super) async fn file(within: &str, name: &str) -> Response {
        let Some(folder) = folder().filter(|_| is_plain(name)) else { return Failure::NOT_FOUND.into_response() };
        let Ok(bytes) = tokio::fs::read(folder.join(within).join(name)).await else {
            return Failure::NOT_FOUND.into_response();
        };
        let kind = HeaderValue::from_static(content_type(name));
        ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, REVALIDATED)], bytes).into_response()
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
}

#[cfg(not(debug_assertions))]
mod watched {
    use axum::response::{IntoResponse, Response};
    use leptos::config::LeptosOptions;

    use crate::server::error::Failure;

    pub(super) fn folder() -> Option<std::path::PathBuf> {
        None
    }

    pub(super) fn leptos_options() -> Option<LeptosOptions> {
        None
    }

    #[expect(clippy::unused_async, reason = "as in a debug build")]
    pub(super) async fn file(_within: &str, _name: &str) -> Response {
        Failure::NOT_FOUND.into_response()
    }
}
