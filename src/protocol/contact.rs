//! How to reply to a visitor who has left, and the rules for visitors' names and email addresses.

use alloc::{borrow::ToOwned, string::String};

use serde::{Deserialize, Serialize};

use crate::{limits::NAME_CHARS, refusal::Refusal};

/// Whether a chat's visitor can be reached after leaving the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContactRequest {
    /// The visitor has not been asked for an email address.
    #[default]
    NotRequested,
    /// No agent has been available for a while, so the visitor is being offered the message form.
    Requested,
    /// The visitor has left an email address.
    Provided,
}

impl ContactRequest {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::NotRequested, Self::Requested, Self::Provided];
}

/// Sanitizes a name that was typed in. Returns it as a single line without invisible characters, or `None` if nothing
/// is left.
///
/// # Errors
/// Returns `TooLong` if the name has more than [`NAME_CHARS`] characters.
pub fn parse_name(typed: &str) -> Result<Option<String>, Refusal> {
    let seen: String = typed.chars().filter(|letter| is_joiner(*letter) || !is_invisible_char(*letter)).collect();
    let name = seen.trim_matches(|letter: char| letter.is_whitespace() || is_joiner(letter));
    if name.chars().count() > NAME_CHARS {
        return Err(Refusal::TooLong { limit: NAME_CHARS as u32 });
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// Validates an email address that was typed in, and converts its host to lowercase.
///
/// # Errors
/// Returns `TooLong` if the address has more than [`NAME_CHARS`] characters, and `NotAnEmail` if it is invalid in any
/// other way.
pub fn parse_email(typed: &str) -> Result<String, Refusal> {
    let typed = typed.trim();
    if typed.chars().count() > NAME_CHARS {
        return Err(Refusal::TooLong { limit: NAME_CHARS as u32 });
    }
    match typed.rsplit_once('@') {
        Some((local, host)) if is_local(local) && is_host(host) => Ok([local, "@", &host.to_lowercase()].concat()),
        _ => Err(Refusal::NotAnEmail),
    }
}

/// Returns a `mailto:` link for an email address, encoded so that no part of the address can become a header.
pub fn mailto(email: &str) -> String {
    let mut address = String::from("mailto:");
    for byte in email.bytes() {
        if byte.is_ascii_alphanumeric() || b"@.-_+".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
            address.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    address
}

/// Returns whether a character is a control character, has zero width, or changes the direction of the text around it.
pub fn is_invisible_char(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns whether a character joins or separates its neighbors. Such characters are invisible but needed in emoji and
/// some scripts.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

fn is_local(local: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(letter);
    !local.is_empty()
        && local.len() <= 64
        && local.chars().all(is_part)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    host.contains('.') && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_must_be_one_line_with_one_host() {
        for (typed, kept) in [
            ("vera@shop.test", "vera@shop.test"),
            ("  Vera.Lind+boots@Shop.TEST ", "Vera.Lind+boots@shop.test"),
            ("jörg@bücher.test", "jörg@bücher.test"),
            ("o'brien&co?@a-b.test", "o'brien&co?@a-b.test"),
        ] {
            assert_eq!(parse_email(typed).as_deref(), Ok(kept), "{typed}");
        }
        for typed in [
            "",
            "vera",
            "@shop.test",
            "vera@",
            "vera@shop",
            "vera@shop..test",
            "vera@-shop.test",
            "ve ra@shop.test",
            ".vera@shop.test",
            "a@b\r\nBcc: x@y.test",
            "a@b.test\nBcc: x@y.test",
            "a@b.test, c@d.test",
            "\"a\"<a@b.test>",
            "a＠b.test",
            "a\0@b.test",
            "a@b.test?bcc=c@d.test",
        ] {
            assert_eq!(parse_email(typed), Err(Refusal::NotAnEmail), "{typed}");
        }
        let long = "a".repeat(60) + "@" + &"b.".repeat(40) + "test";
        assert_eq!(parse_email(&long), Err(Refusal::TooLong { limit: 120 }));
    }

    #[test]
    fn name_drops_invisible_characters() {
        assert_eq!(parse_name(" Vera Lind "), Ok(Some("Vera Lind".into())));
        assert_eq!(parse_name("\0\u{1b}[2JVe\r\nra\u{202e}"), Ok(Some("[2JVera".into())));
        assert_eq!(parse_name(" \u{200b}\t"), Ok(None));
        assert_eq!(parse_name("👩‍👩‍👧"), Ok(Some("👩‍👩‍👧".into())), "a joined emoji stays one character");
        assert_eq!(parse_name("\u{200d} \u{200d}\u{202e}"), Ok(None));
        assert_eq!(parse_name(&"z\u{301}".repeat(100)), Err(Refusal::TooLong { limit: 120 }));
    }

    #[test]
    fn mailto_link_cannot_inject_headers() {
        assert_eq!(mailto("vera+boots@shop.test"), "mailto:vera+boots@shop.test");
        assert_eq!(mailto("o'brien&co?%@a.test"), "mailto:o%27brien%26co%3F%25@a.test");
        assert_eq!(mailto("jörg@a.test"), "mailto:j%C3%B6rg@a.test");
    }
}
