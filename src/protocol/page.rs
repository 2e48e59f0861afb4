//! A page of the host site, as reported by the visitor's browser.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// The page that a visitor is on. The widget sends it exactly as the browser provides it. Before the page is shown or
/// stored, the engine sanitizes it: the scheme must be `http` or `https`, the credentials, query, and fragment (unless it
/// is a route) are removed, the path is decoded, and both fields are truncated to [`crate::limits`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Page {
    /// The URL, or empty if it was not an HTTP(S) URL. Such a page is shown as text, never as a link.
    pub url: String,
    /// The document's title. May be empty.
    pub title: String,
}

impl Page {
    /// Returns the part of the URL after the host, or `/` if there is none.
    pub fn path(&self) -> &str {
        let after_scheme = self.url.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme.find('/').map_or("/", |slash| &after_scheme[slash..])
    }

    /// Returns whether the URL may be turned into a link.
    pub fn is_linkable(&self) -> bool {
        self.url.starts_with("https://") || self.url.starts_with("http://")
    }
}

/// A page view during a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// The page.
    pub page: Page,
    /// When the visitor opened it.
    pub at: crate::Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_what_follows_the_host() {
        let path = |url: &str| Page { url: url.into(), title: String::new() }.path().to_owned();
        assert_eq!(path("https://shop.test/boots/page_views"), "/boots/page_views");
        assert_eq!(path("https://shop.test"), "/");
        assert_eq!(path(""), "/");
    }

    #[test]
    fn only_http_becomes_a_link() {
        let linkable = |url: &str| Page { url: url.into(), title: String::new() }.is_linkable();
        assert!(linkable("https://shop.test/"));
        assert!(!linkable("javascript:alert(1)"));
        assert!(!linkable(""));
    }
}
