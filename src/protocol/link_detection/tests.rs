//! Cases B1–B7 in docs/testing.md: malicious links and markup.

use super::*;

fn pieces(text: &str) -> Vec<TextSegment<'_>> {
    let mut pieces = Vec::new();
    for_each_segment(text, &mut |piece| pieces.push(piece));
    pieces.retain(|piece| *piece != TextSegment::Text(""));
    pieces
}

fn links(text: &str) -> Vec<String> {
    let link = |piece| match piece {
        TextSegment::Text(_) => None,
        TextSegment::Link(address) => Some(address.into()),
        TextSegment::Foreign(address) => Some(to_punycode(address)),
    };
    pieces(text).into_iter().filter_map(link).collect()
}

#[test]
fn http_address_becomes_link_and_rest_stays_text() {
    let (before, after) = (TextSegment::Text("See https:// and ("), TextSegment::Text("), please."));
    let link = TextSegment::Link("https://shop.test:8443/a_(b)?c=d#e");
    assert_eq!(pieces("See https:// and (https://shop.test:8443/a_(b)?c=d#e), please."), [before, link, after]);
    assert_eq!(
        links("HTTP://Shop.test\nhttps://a.test, https://b.test."),
        ["HTTP://Shop.test", "https://a.test", "https://b.test"]
    );
    assert_eq!(pieces(""), []);
    assert_eq!(pieces("one\ntwo"), [TextSegment::Text("one\ntwo")]);
}

/// Covers B1, B3, and A4: other schemes, markup, and misleading URLs do not become links.
#[test]
fn nothing_else_is_a_link() {
    for text in [
        "[x](javascript:__pwned=1)",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](\u{1}javascript:alert(1))",
        "data:text/html,<script>1</script>",
        "vbscript:x",
        "//canary.test",
        "<a href=//canary target=_blank>",
        "ftp://a.test",
        "xhttps://a.test",
        "https://",
        "https:///a",
        "https://a..b",
        "https://user:pass@shop.test/",
        "https://bank.test@evil.test",
        "https://bank.test:1@evil.test",
        "https://bank.test\\@evil.test".trim_start_matches("https://bank.test"),
        "https://a.test:999999",
    ] {
        assert_eq!(links(text), NONE, "{text}");
    }
}

const NONE: [String; 0] = [];

/// Covers B4: the text around a link cannot change where it leads, and the URL itself is shown.
#[test]
fn shown_link_has_the_real_host() {
    assert_eq!(
        links("[click](https://evil.test) shown as https://bank.test"),
        ["https://evil.test", "https://bank.test"]
    );
    assert_eq!(links("https://bank.test\\@evil.test"), ["https://bank.test"]);
    assert_eq!(links("https://bank.test\u{202e}/moc.live//"), ["https://bank.test"]);
    assert_eq!(links("https://a.test\"onmouseover=alert(1)"), ["https://a.test"]);
}

/// Covers B5: homographs.
#[test]
fn homograph_host_is_shown_in_punycode() {
    assert_eq!(links("https://аpple.com"), ["https://xn--pple-43d.com"]);
    assert_eq!(pieces("https://аpple.com"), [TextSegment::Foreign("https://аpple.com")], "links need punycode");
    assert_eq!(links("https://bücher.test/ü"), ["https://xn--bcher-kva.test/ü"]);
    assert_eq!(links("https://他们为什么不说中文.test"), ["https://xn--ihqwcrb4cv8a8dqg056pqjye.test"]);
    assert_eq!(links("https://bank。test／@evil.test"), NONE);
    assert_eq!(links(&["https://", &"ü".repeat(40), ".test"].concat()), NONE);
}

/// Covers B1 to B5 using a stored corpus and random input: the segments add up to the original text, and every link
/// leads to the host that it shows.
#[test]
fn fuzz_any_text_equals_its_segments() {
    const PARTS: [&str; 20] = [
        "http",
        "https",
        "s",
        "://",
        "/",
        ":",
        "8",
        "0",
        ".",
        "a",
        "-",
        "ü",
        "。",
        "@",
        "?",
        "#",
        " ",
        "\u{202e}",
        "javascript:",
        "\\",
    ];
    let is_its_pieces = |text: &str| {
        let mut together = String::new();
        for_each_segment(text, &mut |piece| match piece {
            TextSegment::Text(words) => together.push_str(words),
            TextSegment::Link(address) | TextSegment::Foreign(address) => {
                let ascii = to_punycode(address);
                let (scheme, rest) = ascii.split_once("://").expect("every link has a scheme");
                assert!(["http", "https"].contains(&scheme.to_lowercase().as_str()), "{address}");
                let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
                assert!(!host.is_empty() && host.is_ascii() && !host.contains('@'), "{address}");
                together.push_str(address);
            }
        });
        assert_eq!(together, text);
    };
    bolero::check!(name = "any_text").with_iterations(5_000).with_max_len(300).for_each(|bytes: &[u8]| {
        is_its_pieces(&String::from_utf8_lossy(bytes));
        is_its_pieces(&bytes.iter().map(|byte| PARTS[usize::from(*byte) % PARTS.len()]).collect::<String>());
    });
}

/// Covers B6 and B7: long malicious text.
#[test]
fn long_hostile_text_is_scanned_quickly() {
    for part in ["[", ">", "*", "h", "https://", "https://a.", "ü"] {
        let text = part.repeat(4_000 / part.len());
        let together: usize = pieces(&text)
            .iter()
            .map(|piece| match piece {
                TextSegment::Text(text) | TextSegment::Link(text) | TextSegment::Foreign(text) => text.len(),
            })
            .sum();
        assert_eq!(together, text.len(), "{part}");
    }
}
