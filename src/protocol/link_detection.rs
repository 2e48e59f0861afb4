//! Finds links in messages. Only `http` and `https` URLs with a clearly visible host become links. Messages are never
//! treated as markup, so a link's text can't hide where the link leads.

use alloc::{string::String, vec::Vec};

/// A segment of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextSegment<'a> {
    /// Plain text.
    Text(&'a str),
    /// A link, displayed as its URL.
    Link(&'a str),
    /// A link whose host contains non-ASCII characters, which may imitate another host. It must be displayed in
    /// punycode ([`to_punycode`]).
    Foreign(&'a str),
}

/// Calls `put` with each segment of a text, in order. Concatenated, the segments equal the text.
///
/// The text is scanned byte by byte, without slicing that could panic, because the standard library's search functions
/// would add more to the widget than this entire module.
pub fn for_each_segment<'a>(text: &'a str, put: &mut dyn FnMut(TextSegment<'a>)) {
    let (mut begin, mut at, mut is_start) = (0, 0, true);
    let part = |begin, end| text.get(begin..end).unwrap_or_default();
    while let Some(byte) = text.as_bytes().get(at) {
        match link(text.as_bytes(), at).filter(|_| is_start) {
            Some((end, is_foreign)) => {
                put(TextSegment::Text(part(begin, at)));
                put(if is_foreign { TextSegment::Foreign(part(at, end)) } else { TextSegment::Link(part(at, end)) });
                (begin, at, is_start) = (end, end, false);
            }
            None => {
                is_start = !byte.is_ascii_alphanumeric();
                at += 1;
            }
        }
    }
    put(TextSegment::Text(part(begin, at)));
}

/// Parses the link that starts at `begin`. Returns where it ends and whether its host contains non-ASCII characters.
fn link(bytes: &[u8], begin: usize) -> Option<(usize, bool)> {
    let byte = |at: usize| bytes.get(at).copied();
    let mut host = begin;
    for letter in b"http" {
        if byte(host)? | 32 != *letter {
            return None;
        }
        host += 1;
    }
    host += usize::from(byte(host)? | 32 == b's');
    for letter in b"://" {
        if byte(host)? != *letter {
            return None;
        }
        host += 1;
    }
    let mut end = host;
    while byte(end).is_some_and(|first| !is_terminator(first, byte(end + 1), byte(end + 2))) {
        end += 1;
    }
    while end > host && byte(end - 1).is_some_and(is_closing_punctuation) {
        end -= 1;
    }
    let (mut label, mut is_foreign) = (0, false);
    for at in host..=end {
        match byte(at).filter(|_| at < end) {
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' || byte > 127 => {
                is_foreign |= byte > 127;
                label += 1;
            }
            _ if label == 0 || label > 63 => return None,
            Some(b'.') => label = 0,
            Some(b':') => return is_port(bytes.get(at + 1..end)?).then_some((end, is_foreign)),
            None | Some(b'/' | b'?' | b'#') => return Some((end, is_foreign)),
            Some(_) => return None,
        }
    }
    None
}

/// Returns whether `rest`, the text after a host and a colon, starts with a port.
fn is_port(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=5).contains(&digits) && rest.get(digits).is_none_or(|byte| matches!(byte, b'/' | b'?' | b'#'))
}

/// Returns whether a character ends a URL. Whitespace, quotes, and invisible characters (U+00A0, U+2000 to U+206F,
/// U+3000, U+FEFF) do.
fn is_terminator(byte: u8, second: Option<u8>, third: Option<u8>) -> bool {
    matches!(
        (byte, second, third),
        (0..=b' ' | b'"' | b'<' | b'>' | b'`' | b'\\' | b'^' | b'{' | b'|' | b'}' | 127, ..)
            | (0xc2, Some(0x80..=0xa0), _)
            | (0xe2, Some(0x80), _)
            | (0xe2, Some(0x81), Some(0x80..=0xaf))
            | (0xe3, Some(0x80), Some(0x80))
            | (0xef, Some(0xbb), Some(0xbf))
    )
}

/// Returns whether a character, at the end of a URL, is punctuation that follows the URL rather than part of it.
fn is_closing_punctuation(byte: u8) -> bool {
    matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'\'')
}

/// Returns the URL with its host in punycode, which is what browsers resolve.
pub fn to_punycode(address: &str) -> String {
    let begin = address.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = address.split_at(begin);
    let (host, rest) = rest.split_at(rest.find(['/', '?', '#', ':']).unwrap_or(rest.len()));
    let mut ascii = String::from(scheme);
    for (place, label) in host.split('.').enumerate() {
        if place > 0 {
            ascii.push('.');
        }
        if label.is_ascii() {
            ascii.push_str(label);
        } else {
            ascii.push_str("xn--");
            let letters: Vec<u32> = label.chars().map(u32::from).collect();
            punycode(&letters, &mut ascii);
        }
    }
    ascii + rest
}

/// Encodes a label of at most 63 characters as specified in RFC 3492.
fn punycode(letters: &[u32], out: &mut String) {
    let basic = letters.iter().filter(|letter| **letter < 128);
    let count = basic.clone().count() as u32;
    out.extend(basic.filter_map(|letter| char::from_u32(*letter)));
    if count > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (128, 0, 72, count);
    while (handled as usize) < letters.len() {
        let next = letters.iter().copied().filter(|letter| *letter >= n).min().unwrap_or(n);
        delta += (next - n) * (handled + 1);
        n = next;
        for letter in letters {
            if *letter < n {
                delta += 1;
            }
            if *letter == n {
                put_number(delta, bias, out);
                bias = adapt(delta, handled + 1, handled == count);
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        n += 1;
    }
}

fn put_number(mut number: u32, bias: u32, out: &mut String) {
    let mut k = 36;
    loop {
        let threshold = if k <= bias { 1 } else { (k - bias).min(26) };
        if number < threshold {
            return out.push(digit(number));
        }
        out.push(digit(threshold + (number - threshold) % (36 - threshold)));
        number = (number - threshold) / (36 - threshold);
        k += 36;
    }
}

fn digit(digit: u32) -> char {
    char::from(if digit < 26 { b'a' + digit as u8 } else { b'0' + (digit - 26) as u8 })
}

fn adapt(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests;
