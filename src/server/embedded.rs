//! Serves the files that build.rs has embedded: with brotli if the browser accepts it, or as 304 if the browser already
//! has them. Their hashes are computed at build time.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    content_type::{accepts_brotli, content_type},
    security_headers::header_text,
};

// `OMITTED_FEATURES`: what this build leaves out.
include!(concat!(env!("OUT_DIR"), "/build_info.rs"));

/// For URLs that change with the content: browsers may cache the file for a year.
pub(super) const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For URLs that stay the same: browsers must revalidate the file on each use.
pub(super) const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// A file of the dashboard or the widget.
pub(super) struct EmbeddedFile {
    /// The file name in the URL.
    pub(super) name: &'static str,
    /// The `ETag`, including its quotes; changes with the bytes.
    pub(super) etag: &'static str,
    /// The bytes; empty in a build without bundles.
    pub(super) plain: &'static [u8],
    /// The bytes compressed with brotli; empty in a quick build.
    pub(super) brotli: &'static [u8],
}

impl EmbeddedFile {
    /// Returns the file with this name, if this build contains it.
    pub(super) fn find(files: &'static [Self], name: &str) -> Option<&'static Self> {
        files.iter().find(|file| file.name == name && !file.plain.is_empty())
    }

    /// Returns the response to a request with these headers.
    pub(super) fn response(&self, headers: &HeaderMap, caching: HeaderValue) -> Response {
        let is_known = header_text(headers, &header::IF_NONE_MATCH).is_some_and(|tags| tags.contains(self.etag));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else if accepts_brotli(headers) && !self.brotli.is_empty() {
            ([(header::CONTENT_ENCODING, "br")], self.brotli).into_response()
        } else {
            self.plain.into_response()
        };
        let answer = response.headers_mut();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(self.name)));
        answer.insert(header::CACHE_CONTROL, caching);
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        answer.insert(header::ETAG, HeaderValue::from_static(self.etag));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[EmbeddedFile] = &[
        EmbeddedFile { name: "a.css", etag: "\"1\"", plain: b"plain", brotli: b"small" },
        EmbeddedFile { name: "a.wasm", etag: "\"2\"", plain: b"", brotli: b"" },
        EmbeddedFile { name: "a.js", etag: "\"3\"", plain: b"plain", brotli: b"" },
    ];

    fn asked(name: header::HeaderName, value: &'static str) -> HeaderMap {
        [(name, HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn embedded_file_is_served_in_accepted_encoding() {
        let brotli = asked(header::ACCEPT_ENCODING, "gzip, br");
        let style = EmbeddedFile::find(FILES, "a.css").unwrap();
        assert_eq!(style.response(&brotli, IMMUTABLE).headers()[header::CONTENT_ENCODING], "br");
        let plain = style.response(&HeaderMap::new(), IMMUTABLE);
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(plain.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let script = EmbeddedFile::find(FILES, "a.js").unwrap();
        assert!(!script.response(&brotli, IMMUTABLE).headers().contains_key(header::CONTENT_ENCODING));
    }

    #[test]
    fn matching_etag_answers_not_modified() {
        let style = EmbeddedFile::find(FILES, "a.css").unwrap();
        let again = style.response(&asked(header::IF_NONE_MATCH, "\"0\", \"1\""), REVALIDATED);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = style.response(&asked(header::IF_NONE_MATCH, "\"0\""), REVALIDATED);
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn a_file_that_was_not_built_is_not_found() {
        assert!(EmbeddedFile::find(FILES, "a.wasm").is_none());
        assert!(EmbeddedFile::find(FILES, "b.css").is_none());
    }
}
