//! Password rules. Passwords are hashed and verified in `sessions`.

use crate::validation::FieldErrorKind;

/// The minimum length, in characters.
pub const CHARS: usize = 10;
/// The maximum length, in bytes. All bytes are significant.
pub const BYTES: usize = 1_024;

/// Checks the length of a password.
///
/// # Errors
/// Returns [`FieldErrorKind::TooShort`] or [`FieldErrorKind::TooLong`] if the length is out of bounds.
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
