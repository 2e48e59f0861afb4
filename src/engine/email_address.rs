//! The single rule for agents' email addresses. They are normalized so that addresses that look the same to a person
//! compare equal and no address can inject a header. Screens, the command line and the store all use it, so an account
//! created by one of them can be found by the others.

use std::{fmt, str::FromStr};

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::validation::FieldErrorKind;

const BYTES: usize = 254;
const LOCAL_BYTES: usize = 64;
/// The longest text that is examined, in bytes.
const MAX_TYPED: usize = 8 * BYTES;

/// An email address in its normalized form. The store accepts no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Normalizes an address: applies NFKC, converts it to lowercase, and encodes the host as ASCII (IDNA).
    ///
    /// # Errors
    /// Returns [`FieldErrorKind::NotAnEmail`] if the address is invalid. Before the `@`, only ASCII characters are
    /// accepted, because no two of them look alike.
    pub fn parse(typed: &str) -> Result<Self, FieldErrorKind> {
        normalize(typed).map(Self)
    }

    /// Returns the normalized address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the normalized address.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl FromStr for EmailAddress {
    type Err = FieldErrorKind;

    fn from_str(typed: &str) -> Result<Self, FieldErrorKind> {
        Self::parse(typed)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PartialEq<str> for EmailAddress {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for EmailAddress {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

fn normalize(typed: &str) -> Result<String, FieldErrorKind> {
    // A text this long cannot become short enough, and normalizing it would take too long.
    if typed.len() > MAX_TYPED {
        return Err(FieldErrorKind::NotAnEmail);
    }
    let one_form = ComposingNormalizerBorrowed::new_nfkc().normalize(typed.trim()).to_lowercase();
    let (local, host) = one_form.rsplit_once('@').ok_or(FieldErrorKind::NotAnEmail)?;
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    if local.is_empty() || local.len() > LOCAL_BYTES || !local.bytes().all(is_local) {
        return Err(FieldErrorKind::NotAnEmail);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(FieldErrorKind::NotAnEmail);
    }
    // In a URL's host, percent signs are an encoding; in an email address, they are invalid.
    if host.contains('%') {
        return Err(FieldErrorKind::NotAnEmail);
    }
    match url::Host::parse(host) {
        Ok(url::Host::Domain(host)) if host.len() + local.len() < BYTES && is_host(&host) => {
            Ok(format!("{local}@{host}"))
        }
        _ => Err(FieldErrorKind::NotAnEmail),
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case F12 in `docs/testing.md`: different spellings of the same address compare equal.
    #[test]
    fn email_address_is_normalized() {
        for typed in [" Ann@Example.TEST ", "ann＠example.test", "ａnn@example.test", "ann@EXAMPLE。test"] {
            assert_eq!(normalize(typed).as_deref(), Ok("ann@example.test"), "{typed}");
        }
        assert_eq!(normalize("ann@bücher.test"), normalize("ANN@bu\u{308}cher.test"));
        assert_eq!(normalize("ann@bücher.test").as_deref(), Ok("ann@xn--bcher-kva.test"));
    }

    /// Case A15: rejects anything that could end a header and anything that only looks like an address.
    #[test]
    fn invalid_email_address_is_refused() {
        let long = format!("{}@example.test", "a".repeat(65));
        for typed in [
            "",
            "ann",
            "@example.test",
            "ann@",
            "a@b\r\nBcc: x@y",
            "a b@example.test",
            "ann@exa mple.test",
            "a\0@b.test",
            "ınfo@example.test",
            "ann@[127.0.0.1]",
            "ann@127.0.0.1",
            "ann@-a.test",
            "a..b@example.test",
            ".a@b.test",
            &long,
            "<ann@example.test>",
            "ann@example.test,ben@example.test",
            "аnn@example.test",
            "ann@ex%61mple.test",
            "ann@example.test.",
            &"a".repeat(1_000_000),
        ] {
            assert_eq!(normalize(typed), Err(FieldErrorKind::NotAnEmail), "{typed:?}");
        }
    }

    /// Returns other spellings of an address that people and their keyboards might produce.
    fn spellings(address: &EmailAddress) -> Vec<String> {
        let (local, host) = address.as_str().rsplit_once('@').expect("an address has an @");
        let unicode = url::quirks::domain_to_unicode(host);
        let decomposed = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&unicode).into_owned();
        vec![
            address.to_string(),
            address.as_str().to_ascii_uppercase(),
            format!("\u{a0} {address}\t\n"),
            format!("{local}＠{host}"),
            format!("{local}@{}", host.replace('.', "。")),
            format!("{local}@{unicode}"),
            format!("{local}@{decomposed}"),
        ]
    }

    proptest::proptest! {
        #[test]
        fn any_accepted_address_is_found_again_in_every_spelling(
            typed in "[ \t]{0,2}[!#-'*+./-9=?A-Z^-~-]{1,20}[@＠][a-zA-ZäöüßéıİＡ中文がक्ष0-9.。-]{1,20}\\.?[a-zA-Zü]{2,6}[ \t]{0,2}"
        ) {
            if let Ok(address) = EmailAddress::parse(&typed) {
                for spelling in spellings(&address) {
                    proptest::prop_assert_eq!(EmailAddress::parse(&spelling), Ok(address.clone()), "{}", spelling);
                }
            }
        }

        #[test]
        fn any_text_is_accepted_in_one_form_only(typed in "\\PC{0,40}@\\PC{0,40}") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                proptest::prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                proptest::prop_assert!(address.as_str().is_ascii() && !address.as_str().contains(char::is_whitespace));
            }
        }
    }
}
