//! A page of the customer's site, as the visitor's browser names it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// Where a visitor is. From the widget it comes as the browser has it; the engine cleans it (scheme http or https,
/// no credentials, query or fragment, both fields cut to [`crate::limits`]) before anyone sees or stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Page {
    /// The address. Empty when it was not an http(s) address: such a page is shown as text and never as a link.
    pub url: String,
    /// The document's title; may be empty.
    pub title: String,
}

impl Page {
    /// The part of the address after the host, `/` when there is none.
    pub fn path(&self) -> &str {
        let after_scheme = self.url.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme.find('/').map_or("/", |slash| &after_scheme[slash..])
    }

    /// Whether the address may become a link.
    pub fn is_linkable(&self) -> bool {
        self.url.starts_with("https://") || self.url.starts_with("http://")
    }
}

/// One line of a visit's page views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// The page.
    pub page: Page,
    /// When the visitor came to it.
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
