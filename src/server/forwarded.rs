//! Reads the addresses that proxies added to a request, in `X-Forwarded-For` or in `Forwarded` (RFC 7239).
//!
//! Headers are read from right to left. The nearest proxy's addition is on the right, and anything that a client made
//! up is to the left of it, so unbalanced quotes or bytes that are not text must not affect what a proxy added.

use std::{borrow::Cow, net::IpAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// The header that most proxies set.
pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the addresses in a request's headers, starting with the one that the nearest proxy added. An address that
/// cannot be read (garbage, `unknown`, or an obfuscated one such as `_hidden`) is `None`.
///
/// If the request has both headers, only `X-Forwarded-For` is used. Most proxies set only that one, and pass on a
/// `Forwarded` header that a client made up.
pub(super) fn hops(headers: &HeaderMap) -> Box<dyn Iterator<Item = Option<IpAddr>> + '_> {
    let lines = |name: HeaderName| headers.get_all(name).iter().rev().map(|line| line.as_bytes());
    let mut nodes = lines(X_FORWARDED_FOR)
        .flat_map(|line| line.rsplit(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|node| !node.is_empty())
        .peekable();
    if nodes.peek().is_some() {
        return Box::new(nodes.map(|node| address(&unquote(node)?)));
    }
    let elements = lines(header::FORWARDED).flat_map(|line| rsplit_unquoted(line, b','));
    Box::new(elements.filter(|element| !element.trim_ascii().is_empty()).map(element_address))
}

/// Returns the address of an element of `Forwarded`, such as `for="[2001:db8::1]:443";proto=https`.
fn element_address(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    for pair in rsplit_unquoted(element, b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&pair[..at], &pair[at + 1..]);
        if name.trim_ascii().eq_ignore_ascii_case(b"for") && found.replace(value.trim_ascii()).is_some() {
            return None;
        }
    }
    address(&unquote(found?)?)
}

/// Splits a text from right to left at the separators that are not in quoted strings.
fn rsplit_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut is_quoted = false;
        for (at, byte) in text.iter().enumerate().rev() {
            if *byte == b'"' && !is_escaped(text, at) {
                is_quoted = !is_quoted;
            } else if *byte == separator && !is_quoted {
                rest = Some(&text[..at]);
                return Some(&text[at + 1..]);
            }
        }
        rest = None;
        Some(text)
    })
}

/// Returns whether an odd number of backslashes comes right before this position.
fn is_escaped(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Returns the content of a quoted string, or the text itself if it is not quoted. Returns `None` if the quotes are
/// unbalanced or do not enclose the whole text.
fn unquote(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !text.contains(&b'"') {
        return Some(Cow::Borrowed(text));
    }
    let mut inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?.iter();
    let mut content = Vec::with_capacity(inner.len());
    while let Some(byte) = inner.next() {
        match byte {
            b'"' => return None,
            b'\\' => content.push(*inner.next()?),
            other => content.push(*other),
        }
    }
    Some(Cow::Owned(content))
}

/// Parses an address with or without brackets and a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
/// `[2001:db8::1]:443`.
fn address(node: &[u8]) -> Option<IpAddr> {
    let node = std::str::from_utf8(node).ok()?.trim_ascii();
    let (host, port) = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None if node.matches(':').count() == 1 => node.split_at(node.find(':')?),
        None => (node, ""),
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    // A link-local address may include its network interface, such as `fe80::1%eth0`.
    let host = host.split_once('%').filter(|(_, zone)| !zone.is_empty()).map_or(host, |(host, _)| host);
    host.trim_ascii().parse::<IpAddr>().ok().filter(|_| is_port).map(|address| address.to_canonical())
}

/// Returns whether this is a port, or an obfuscated port such as `_a1` (RFC 7239, section 6.3).
fn is_port(text: &str) -> bool {
    let is_obfuscated = |rest: &str| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    text.strip_prefix('_').is_some_and(is_obfuscated)
        || ((1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    /// Returns the hops as text, nearest first, with `-` for one that cannot be read.
    fn read(lines: &[(&'static str, &[u8])]) -> String {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_bytes(line).unwrap());
        }
        let hops = hops(&headers).map(|hop| hop.map_or("-".to_owned(), |address| address.to_string()));
        hops.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn x_forwarded_for_is_read_in_every_notation() {
        for (line, expected) in [
            ("1.2.3.4", "1.2.3.4"),
            (" 1.2.3.4\t", "1.2.3.4"),
            ("6.6.6.6, 1.2.3.4", "1.2.3.4 6.6.6.6"),
            ("6.6.6.6,1.2.3.4", "1.2.3.4 6.6.6.6"),
            ("1.2.3.4:5678", "1.2.3.4"),
            ("1.2.3.4:_a1", "1.2.3.4"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:DB8:0:0::1]:443", "2001:db8::1"),
            ("\"1.2.3.4\"", "1.2.3.4"),
            ("\"1.2.3.4:80\"", "1.2.3.4"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("\" [2001:db8::1]:443 \"", "2001:db8::1"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%eth0]:80", "fe80::1"),
            ("", ""),
            (" , ,,", ""),
            (",1.2.3.4,,6.6.6.6,", "6.6.6.6 1.2.3.4"),
            ("unknown", "-"),
            ("_hidden", "-"),
            ("for=1.2.3.4", "-"),
            ("\"1.2.3.4", "-"),
            ("1.2.3.4\"", "-"),
            ("\"\"", "-"),
            ("'1.2.3.4'", "-"),
            ("1.2.3.4:", "-"),
            ("1.2.3.4:x", "-"),
            ("1.2.3.4:123456", "-"),
            ("1.2.3.4:-1", "-"),
            ("1.2.3.4 5.6.7.8", "-"),
            ("1.2.3.4;5.6.7.8", "-"),
            ("1.2.3", "-"),
            ("1.2.3.256", "-"),
            ("01.2.3.4", "-"),
            ("0x1.2.3.4", "-"),
            ("1.2.3.4/8", "-"),
            ("[2001:db8::1", "-"),
            ("2001:db8::1]", "-"),
            ("[2001:db8::1]443", "-"),
            ("[[2001:db8::1]]", "-"),
            ("[]:443", "-"),
            ("fe80::1%", "-"),
            ("http://1.2.3.4", "-"),
            // Whatever a client makes up, it does not affect what the proxy added on the right.
            ("\", 1.2.3.4", "1.2.3.4 -"),
            ("\"6.6.6.6, 1.2.3.4", "1.2.3.4 -"),
            ("\\, 1.2.3.4", "1.2.3.4 -"),
            ("unknown, _hidden, 1.2.3.4", "1.2.3.4 - -"),
        ] {
            assert_eq!(read(&[("x-forwarded-for", line.as_bytes())]), expected, "{line}");
        }
        assert_eq!(read(&[("x-forwarded-for", b"\xff\xfe, 1.2.3.4")]), "1.2.3.4 -", "bytes that are not text");
    }

    #[test]
    fn forwarded_is_read_with_any_parameters_in_any_order() {
        for (line, expected) in [
            ("for=1.2.3.4", "1.2.3.4"),
            ("For=1.2.3.4", "1.2.3.4"),
            ("FOR=\"1.2.3.4\"", "1.2.3.4"),
            ("for=1.2.3.4:80", "1.2.3.4"),
            ("for=\"1.2.3.4:80\"", "1.2.3.4"),
            ("for=\"[2001:db8::1]\"", "2001:db8::1"),
            ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=[2001:db8::1]:4711", "2001:db8::1"),
            ("for=\"\\[2001:db8::1]\"", "2001:db8::1"),
            ("for=1.2.3.4;proto=https;by=10.0.0.1", "1.2.3.4"),
            ("proto=https;by=10.0.0.1;for=1.2.3.4", "1.2.3.4"),
            ("proto=https ; for = 1.2.3.4 ; host=\"a;b,c\"", "1.2.3.4"),
            ("for=6.6.6.6, for=1.2.3.4;proto=http", "1.2.3.4 6.6.6.6"),
            ("for=6.6.6.6,,for=1.2.3.4,", "1.2.3.4 6.6.6.6"),
            ("host=\"for=6.6.6.6, for=7.7.7.7\";for=1.2.3.4", "1.2.3.4"),
            ("host=\"\\\", for=6.6.6.6\";for=1.2.3.4", "1.2.3.4"),
            ("", ""),
            (" , ", ""),
            (";", "-"),
            ("for=unknown", "-"),
            ("for=\"_gazonk\"", "-"),
            ("for=_SEVKISEK", "-"),
            ("for=", "-"),
            ("for=\"\"", "-"),
            ("for", "-"),
            ("proto=https", "-"),
            ("1.2.3.4", "-"),
            ("for=1.2.3.4;for=6.6.6.6", "-"),
            ("for=1.2.3.4;x", "-"),
            ("for=\"1.2.3.4", "-"),
            ("for=\"1.2.3.4\\\"", "-"),
            ("xfor=1.2.3.4", "-"),
            // Whatever a client makes up, it does not affect what the proxy added on the right.
            ("for=\", for=1.2.3.4;proto=https", "1.2.3.4 -"),
            ("for=\"6.6.6.6;by=\", for=\"1.2.3.4:80\";proto=https", "1.2.3.4 -"),
            ("\\, for=1.2.3.4", "1.2.3.4 -"),
        ] {
            assert_eq!(read(&[("forwarded", line.as_bytes())]), expected, "{line}");
        }
        assert_eq!(read(&[("forwarded", b"for=\xff, for=1.2.3.4")]), "1.2.3.4 -", "bytes that are not text");
    }

    #[test]
    fn lines_are_read_from_the_last_to_the_first() {
        let name = "x-forwarded-for";
        assert_eq!(read(&[(name, b"6.6.6.6, 7.7.7.7"), (name, b""), (name, b"1.2.3.4")]), "1.2.3.4 7.7.7.7 6.6.6.6");
        let name = "forwarded";
        assert_eq!(read(&[(name, b"for=6.6.6.6"), (name, b"for=\""), (name, b"for=1.2.3.4")]), "1.2.3.4 - 6.6.6.6");
    }

    #[test]
    fn x_forwarded_for_decides_if_both_headers_are_there() {
        let both = |first: &'static [u8]| read(&[("x-forwarded-for", first), ("forwarded", b"for=6.6.6.6")]);
        assert_eq!(both(b"1.2.3.4"), "1.2.3.4");
        assert_eq!(both(b"unknown"), "-");
        assert_eq!(both(b" ,"), "6.6.6.6", "without any address, the header is ignored");
    }

    proptest! {
        #[test]
        fn fuzz_any_header_is_read_without_panic(
            one in proptest::collection::vec(any::<u8>(), 0..300),
            other in r#"([fF]or=|by=|[0-9.:\[\]_%]{1,12}|unknown|"|\\|;|,| |=){0,40}"#,
        ) {
            let text: Vec<u8> = one.into_iter().filter(|byte| *byte >= 32 && *byte != 127).collect();
            for name in ["x-forwarded-for", "forwarded"] {
                read(&[(name, &text), (name, other.as_bytes())]);
                read(&[(name, other.as_bytes())]);
            }
        }

        /// Whatever a client sends, the address that the proxy added is the nearest one.
        #[test]
        fn fuzz_a_client_never_hides_what_a_proxy_has_added(made_up in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text: Vec<u8> = made_up.into_iter().filter(|byte| *byte >= 32 && *byte != 127).collect();
            let added = |suffix: &[u8]| [&text[..], suffix].concat();
            let nearest = |hops: String| hops.split(' ').next().unwrap().to_owned();
            prop_assert_eq!(nearest(read(&[("x-forwarded-for", &added(b", 1.2.3.4"))])), "1.2.3.4");
            prop_assert_eq!(nearest(read(&[("forwarded", &added(b", for=\"1.2.3.4:80\";proto=https"))])), "1.2.3.4");
        }
    }
}
