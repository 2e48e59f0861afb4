//! Serves the dashboard's own files. They are embedded under names that contain their hash; under cargo-leptos, they
//! are read from the folder that it writes.

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

// `FILES`, and the URLs `SCRIPT`, `WASM` and `STYLE` that a page loads; written by build.rs.
include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// Returns whether the dashboard can be served, embedded or by cargo-leptos.
pub(super) fn is_available() -> bool {
    let script = SCRIPT.rsplit('/').next().unwrap_or_default();
    EmbeddedFile::find(FILES, script).is_some() || watched::folder().is_some()
}

/// Returns Leptos's options. Only cargo-leptos's live reload uses them, and it sets them itself.
pub(super) fn leptos_options() -> LeptosOptions {
    watched::leptos_options().unwrap_or_else(|| LeptosOptions::builder().output_name("jumpin").build())
}

/// `GET /pkg/{file}`: serves a file of the dashboard.
pub(super) async fn package(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // The icon has a URL of its own.
    if let Some(file) = EmbeddedFile::find(FILES, &name).filter(|file| file.name != "favicon.svg") {
        return file.response(&headers, IMMUTABLE);
    }
    // A page loaded before an upgrade requests the old version of this script when it opens its first chat.
    match FILES.iter().find(|file| is_files_script(file.name) && is_files_script(&name)) {
        Some(file) => file.response(&headers, REVALIDATED),
        None => watched::file("pkg", &name).await,
    }
}

/// Returns whether this is the script for files in chats, in any version: `files.HASH.js`.
fn is_files_script(name: &str) -> bool {
    let hash = name.strip_prefix("files.").and_then(|rest| rest.strip_suffix(".js"));
    hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `GET /favicon.svg`: serves the icon.
pub(super) async fn favicon(headers: HeaderMap) -> Response {
    match EmbeddedFile::find(FILES, "favicon.svg") {
        Some(file) => file.response(&headers, REVALIDATED),
        None => Failure::NOT_FOUND.into_response(),
    }
}

/// `GET /files.js`: serves the script for files in chats under cargo-leptos. A release serves it under `/pkg`.
pub(super) async fn files() -> Response {
    watched::file("", "files.js").await
}

/// `GET /robots.txt`: excludes all crawlers.
pub(super) async fn robots() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "User-agent: *\nDisallow: /\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn outdated_page_still_gets_files_script() {
        let old = package(Path("files.0123456789abcdef.js".into()), HeaderMap::new()).await;
        assert_eq!((old.status().as_u16(), &old.headers()[header::CACHE_CONTROL]), (200, &REVALIDATED));
        let current = FILES.iter().find(|file| is_files_script(file.name)).expect("embedded in every build");
        let current = package(Path(current.name.into()), HeaderMap::new()).await;
        assert_eq!(current.headers()[header::CACHE_CONTROL], IMMUTABLE);
        for name in ["files.js", "files.0123.js", "jumpin.0123456789abcdef.js", "favicon.svg"] {
            assert_eq!(package(Path(name.into()), HeaderMap::new()).await.status(), 404, "{name}");
        }
    }
}

/// Serves the dashboard from the folder that cargo-leptos writes. Compiled only into debug builds.
#[cfg(debug_assertions)]
mod watched {
    use std::path::PathBuf;

    use axum::{
        http::{HeaderValue, header},
        response::{IntoResponse, Response},
    };
    use leptos::config::{LeptosOptions, get_configuration};

    use crate::server::{content_type::content_type, embedded::REVALIDATED, error::Failure};

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

    /// Returns whether this is a plain file name: no path, no hidden file.
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

    #[expect(clippy::unused_async, reason = "same signature as in a debug build")]
    pub(super) async fn file(_within: &str, _name: &str) -> Response {
        Failure::NOT_FOUND.into_response()
    }
}
