//! Sanitizes the page information reported by a visitor's browser before anyone sees or stores it.

use std::fmt::Write as _;

use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::percent_decode_str;
use protocol::{
    limits::{TITLE_CHARS, URL_BYTES},
    page::Page,
};
use url::{Position, Url};

/// Sanitizes a page. Keeps only an HTTP(S) URL without credentials and query, and truncates the URL and the title.
/// Keeps the fragment only if it is a route, as in `#/cart` or `#!/cart`. If the URL is not an HTTP(S) URL, it becomes
/// empty. Queries and other fragments often contain secrets or personal data, such as reset links, order numbers, and
/// email addresses.
pub fn clean(page: &Page) -> Page {
    Page { url: clean_url(&page.url, URL_BYTES), title: clean_text(&page.title, TITLE_CHARS) }
}

/// Returns an HTTP(S) URL without credentials and query, and without a fragment unless it is a route, truncated to the
/// given number of bytes. Its path is human-readable. Returns an empty string if it is not an HTTP(S) URL.
pub(crate) fn clean_url(text: &str, bytes: usize) -> String {
    // Limits the parsing time. Only the first part of a very long URL is shown anyway.
    let text = truncate_bytes(text, URL_BYTES * 2);
    let Ok(mut url) = Url::parse(text) else { return String::new() };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return String::new();
    }
    let bare = url.set_username("").is_ok() && url.set_password(None).is_ok();
    if !bare {
        return String::new();
    }
    let route = url.fragment().filter(|fragment| fragment.starts_with('/') || fragment.starts_with("!/"));
    let route = route
        .map_or_else(String::new, |route| format!("#{}", route.split(['?', '#', '\\']).next().unwrap_or_default()));
    let readable = format!("{}{}{}", &url[..Position::BeforePath], readable_path(url.path()), readable_path(&route));
    truncate_bytes(&readable, bytes).to_owned()
}

/// Returns a path in human-readable form, so that it is shown, searched and matched in the same form however a browser
/// encodes it. Percent-encoded letters, digits and symbols are decoded and composed. Separators, control characters and
/// invisible characters stay encoded, and so does `%` itself, so decoding the result again changes nothing.
pub(crate) fn readable_path(path: &str) -> String {
    let mut readable = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        readable.push_str(&rest[..at]);
        // A run of encoded bytes, which may represent several characters.
        let is_byte = |text: &str| text.starts_with('%') && text[1..].bytes().all(|digit| digit.is_ascii_hexdigit());
        let mut end = at;
        while rest.get(end..end + 3).is_some_and(is_byte) {
            end += 3;
        }
        if end == at {
            readable.push('%');
            rest = &rest[at + 1..];
            continue;
        }
        let bytes: Vec<u8> = percent_decode_str(&rest[at..end]).collect();
        for chunk in bytes.utf8_chunks() {
            for letter in chunk.valid().chars() {
                push_readable(&mut readable, letter);
            }
            encode(&mut readable, chunk.invalid());
        }
        rest = &rest[end..];
    }
    readable.push_str(rest);
    ComposingNormalizerBorrowed::new_nfc().normalize(&readable).into_owned()
}

fn push_readable(readable: &mut String, letter: char) {
    // Direction marks, joiners, and other invisible characters.
    let is_invisible = matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}');
    let is_shown = match letter {
        '\0'..='\u{7f}' => letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '~'),
        _ => !letter.is_control() && !letter.is_whitespace() && !is_invisible,
    };
    if is_shown {
        readable.push(letter);
    } else {
        encode(readable, letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn encode(readable: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _ = write!(readable, "%{byte:02X}");
    }
}

/// Returns the text as a single line with single spaces, truncated to the given number of characters.
pub(crate) fn clean_text(text: &str, chars: usize) -> String {
    let words = text.chars().take(chars * 4).map(|letter| if letter.is_control() { ' ' } else { letter });
    let line = words.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    // Not a truncated buffer: thousands of titles stay in memory.
    line.char_indices().nth(chars).map_or(line.as_str(), |(end, _)| &line[..end]).into()
}

pub(crate) fn truncate_bytes(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Returns whether a page with this origin may embed a concierge that is limited to these sites. If no sites are
/// listed, any page may embed it.
///
/// A site is an origin (`https://shop.test`), a host (`shop.test`), or all subdomains of a host (`*.shop.test`). An
/// empty origin means that the frame was opened directly through a link, without a host page, which is allowed.
///
/// This check is not authentication. The socket is opened by our own frame, so its `Origin` header is ours on every
/// site. The origin checked here is the one that the loader passed to the frame, and a program can claim any origin.
/// What keeps a *browser* from showing the frame on another site is `frame-ancestors` in the frame's response. This
/// check only gives a page that copied the embed tag a clear error, and keeps its visitors off the board.
pub fn is_allowed(sites: &[String], origin: &str) -> bool {
    if sites.is_empty() || origin.is_empty() {
        return true;
    }
    let Ok(origin) = Url::parse(origin) else { return false };
    let Some(host) = origin.host_str() else { return false };
    let host_and_port = origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    sites.iter().any(|site| {
        let site = site.trim().trim_end_matches('/').to_ascii_lowercase();
        if site.contains("://") {
            Url::parse(&site).is_ok_and(|site| site.origin() == origin.origin())
        } else if let Some(domain) = site.strip_prefix("*.") {
            host.strip_suffix(domain).is_some_and(|under| under.ends_with('.'))
        } else {
            site == host || site == host_and_port
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(url: &str) -> String {
        clean(&Page { url: url.into(), title: String::new() }).url
    }

    #[test]
    fn credentials_query_and_fragment_are_removed() {
        assert_eq!(cleaned("https://ann:secret@shop.test/boots?token=1#top"), "https://shop.test/boots");
        assert_eq!(cleaned("http://shop.test"), "http://shop.test/");
    }

    #[test]
    fn fragment_that_is_a_route_is_kept_without_its_query() {
        assert_eq!(cleaned("https://shop.test/app?a=1#/cart?token=1"), "https://shop.test/app#/cart");
        assert_eq!(cleaned("https://shop.test/#!/cart/7"), "https://shop.test/#!/cart/7");
        assert_eq!(cleaned("https://shop.test/#/%C3%BCber"), "https://shop.test/#/über");
        assert_eq!(cleaned("https://shop.test/#/cart#token=1"), "https://shop.test/#/cart");
        for other in ["#cart/7", "#", "#?/cart", "#access_token=1", "#!cart"] {
            assert_eq!(cleaned(&format!("https://shop.test/{other}")), "https://shop.test/", "{other}");
        }
    }

    #[test]
    fn path_is_the_same_however_it_is_encoded() {
        for path in [
            "/kasse/übersicht",
            "/kasse/%C3%BCbersicht",
            "/kasse/%c3%bcbersicht",
            "/kasse/u%CC%88bersicht",
            "/k%61sse/%C3%BCbersicht",
        ] {
            assert_eq!(cleaned(&format!("https://shop.test{path}")), "https://shop.test/kasse/übersicht", "{path}");
            assert_eq!(readable_path(path), "/kasse/übersicht", "{path}");
        }
        for same in ["/a%2Fb", "/50%25", "/a%20b", "/%E2%80%AEgnp.exe", "/%FF%FE", "/%", "/%zz", "/%C3", "/日本語/靴"]
        {
            assert_eq!(readable_path(same), same);
        }
    }

    #[test]
    fn url_that_is_not_http_is_dropped() {
        for url in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "", "shop.test", "https://"] {
            assert_eq!(cleaned(url), "", "{url}");
        }
    }

    #[test]
    fn url_and_title_are_truncated() {
        let page =
            clean(&Page { url: format!("https://shop.test/{}", "ä".repeat(9_000)), title: " a\n\u{0}b ".repeat(900) });
        assert!(page.url.len() <= URL_BYTES && page.url.starts_with("https://shop.test/"));
        assert!(page.title.chars().count() <= TITLE_CHARS && page.title.starts_with("a b a b"));
    }

    #[test]
    fn only_listed_sites_are_allowed() {
        let sites = |list: &[&str]| list.iter().map(|site| (*site).to_owned()).collect::<Vec<_>>();
        assert!(is_allowed(&[], "") && is_allowed(&[], "https://any.test"));
        let one = sites(&["https://shop.test"]);
        assert!(
            is_allowed(&one, "https://shop.test") && is_allowed(&one, ""),
            "a frame opened directly has no host page"
        );
        assert!(
            !is_allowed(&one, "http://shop.test")
                && !is_allowed(&one, "https://evil-shop.test")
                && !is_allowed(&one, "null")
        );
        let hosts = sites(&["shop.test", "*.boots.test"]);
        assert!(is_allowed(&hosts, "http://shop.test:8080") && is_allowed(&hosts, "https://www.boots.test"));
        assert!(!is_allowed(&hosts, "https://boots.test") && !is_allowed(&hosts, "https://evilboots.test"));
    }

    /// Cases A4 to A7 in `docs/testing.md`: fuzzes `clean` with a corpus and random input.
    #[test]
    fn fuzz_any_page_is_cleaned() {
        const PARTS: [&str; 20] = [
            "http",
            "https",
            "javascript",
            ":",
            "//",
            "/",
            "\\",
            "@",
            "user",
            "?",
            "#",
            "a",
            ".test",
            "\t",
            "\n",
            "\0",
            " ",
            "ü",
            "%2e",
            "[::1]",
        ];
        let is_clean = |text: &str| {
            let once = clean(&Page { url: text.into(), title: text.into() });
            assert!(once.url.len() <= URL_BYTES && !once.url.contains(['?', '\\']), "{text:?}: {once:?}");
            let fragment = once.url.split_once('#').map_or("/", |(_, fragment)| fragment);
            assert!(
                "!/".starts_with(fragment) || fragment.starts_with('/') || fragment.starts_with("!/"),
                "{text:?}: {once:?}"
            );
            if !once.url.is_empty() {
                let url = Url::parse(&once.url).expect("a clean URL parses");
                assert!(
                    once.is_linkable() && url.username().is_empty() && url.password().is_none(),
                    "{text:?}: {once:?}"
                );
            }
            assert!(once.title.chars().count() <= TITLE_CHARS && !once.title.chars().any(char::is_control), "{text:?}");
            assert_eq!(clean(&once), once, "{text:?}");
        };
        bolero::check!(name = "any_page").with_iterations(5_000).with_max_len(3_000).for_each(|bytes: &[u8]| {
            is_clean(&String::from_utf8_lossy(bytes));
            is_clean(&bytes.iter().take(60).map(|byte| PARTS[usize::from(*byte) % PARTS.len()]).collect::<String>());
        });
    }
}
