//! Normalizes email addresses so that addresses that look the same to a person compare equal and no address can inject
//! a header.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::validation::FieldErrorKind;

const BYTES: usize = 254;
const LOCAL_BYTES: usize = 64;

/// Normalizes an address: applies NFKC, converts it to lowercase, and encodes the host as ASCII (IDNA).
///
/// # Errors
/// Returns [`FieldErrorKind::NotAnEmail`] if the address is invalid. Before the `@`, only ASCII characters are
/// accepted, because no two of them look alike.
pub(crate) fn normalize(typed: &str) -> Result<String, FieldErrorKind> {
    let one_form = ComposingNormalizerBorrowed::new_nfkc().normalize(typed.trim()).to_lowercase();
    let (local, host) = one_form.rsplit_once('@').ok_or(FieldErrorKind::NotAnEmail)?;
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    if local.is_empty() || local.len() > LOCAL_BYTES || !local.bytes().all(is_local) {
        return Err(FieldErrorKind::NotAnEmail);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
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
        assert_eq!(normalize("ann@bücher.test"), normalize("ann@bu\u{308}cher.test"));
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
        ] {
            assert_eq!(normalize(typed), Err(FieldErrorKind::NotAnEmail), "{typed:?}");
        }
    }
}
