//! What a password must be. How it is hashed and compared is the sessions' business.

use crate::validation::FieldErrorKind;

/// The fewest characters.
pub const CHARS: usize = 10;
/// The most bytes; all of them count.
pub const BYTES: usize = 1_024;

/// Whether it may be a password.
///
/// # Errors
/// `TooShort`, `TooLong`.
pub fn check(password: &str) -> Result<(), FieldErrorKind> {
    match password {
        short if short.chars().count() < CHARS => Err(FieldErrorKind::TooShort(CHARS)),
        long if long.len() > BYTES => Err(FieldErrorKind::TooLong(BYTES)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_length_is_bounded() {
        assert_eq!(check("ninechars"), Err(FieldErrorKind::TooShort(CHARS)));
        assert_eq!(check("tenletters"), Ok(()));
        assert_eq!(check("zehn Zeichen mit Ümlaut"), Ok(()));
        assert_eq!(check(&"x".repeat(BYTES)), Ok(()));
        assert_eq!(check(&"x".repeat(BYTES + 1)), Err(FieldErrorKind::TooLong(BYTES)));
    }
}
