//! The single rule for agents' passwords, wherever one is set: on the screens or on the command line. Passwords are
//! hashed and verified in `sessions`.

use std::cmp::Reverse;

use icu_normalizer::ComposingNormalizerBorrowed;
use zxcvbn::{Score, zxcvbn};

use crate::validation::FieldErrorKind;

/// The minimum length, in characters.
pub const CHARS: usize = 10;
/// The maximum length, in bytes. All bytes are significant.
pub const BYTES: usize = 1_024;
/// How many characters the estimator examines. The time it takes grows faster than the length.
const ESTIMATED_CHARS: usize = 100;
/// The maximum number of the account's words that the estimator compares the password with.
const MAX_WORDS: usize = 40;
/// The lowest accepted score: at least a hundred million guesses.
const LEAST_SCORE: Score = Score::Three;
/// The lowest accepted score for what remains without known words: at least a million guesses.
const LEAST_SCORE_WITHOUT_WORDS: Score = Score::Two;

/// Checks a new password. `known` is what others know about the account, such as its owner's name and email address and
/// the organization's name; a password made of these is weak.
///
/// # Errors
/// Returns [`FieldErrorKind::TooShort`] or [`FieldErrorKind::TooLong`] if the length is out of bounds, and
/// [`FieldErrorKind::WeakPassword`] if the password is easy to guess.
pub fn check(password: &str, known: &[&str]) -> Result<(), FieldErrorKind> {
    if is_too_long(password) {
        return Err(FieldErrorKind::TooLong(BYTES));
    }
    let password = normalize(password);
    if password.chars().count() < CHARS {
        return Err(FieldErrorKind::TooShort(CHARS));
    }
    let begins: String = password.chars().take(ESTIMATED_CHARS).collect();
    let words = words(known);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_strong = zxcvbn(&begins, &words).score() >= LEAST_SCORE && is_strong_without(&begins, &words);
    if is_strong { Ok(()) } else { Err(FieldErrorKind::WeakPassword) }
}

/// Returns whether enough of a password remains without the words that others know. The estimator overrates several
/// such words in a row.
fn is_strong_without(password: &str, words: &[&str]) -> bool {
    let password = password.to_lowercase();
    let rest = words.iter().fold(password.clone(), |rest, word| rest.replace(word, ""));
    rest == password || zxcvbn(&rest, words).score() >= LEAST_SCORE_WITHOUT_WORDS
}

/// Returns whether a password is too long for any account. There is then no point in hashing it.
pub(crate) fn is_too_long(password: &str) -> bool {
    // Composing makes a text at most three times shorter. The first condition bounds the time that composing takes.
    password.len() > 3 * BYTES || normalize(password).len() > BYTES
}

/// Returns the form in which a password is hashed. Keyboards differ in how they compose letters such as `ü`; without a
/// single form, a password set on one device would be wrong on another.
pub(crate) fn normalize(password: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(password).into_owned()
}

/// Returns the known texts and the words in them.
fn words(known: &[&str]) -> Vec<String> {
    let known = known.iter().chain(&["Jump-In", "jumpin"]);
    let known = known.map(|text| text.chars().take(ESTIMATED_CHARS).collect::<String>().to_lowercase());
    let whole_and_parts = known.flat_map(|text| {
        let parts = text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned);
        let together = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        parts.chain([text.clone(), together]).collect::<Vec<String>>()
    });
    let mut words: Vec<String> = whole_and_parts.filter(|word| word.chars().count() > 2).take(MAX_WORDS).collect();
    // The longest first, so that a part is not removed from a whole word that could be removed.
    words.sort_by_key(|word| Reverse(word.len()));
    words
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const KNOWN: [&str; 3] = ["Ann Archer", "ann.archer@riverside-outfitters.test", "Riverside Outfitters"];

    #[test]
    fn password_length_is_bounded() {
        let long = |bytes: usize| "correct horse battery ".chars().cycle().take(bytes).collect::<String>();
        assert_eq!(check("ninechars", &[]), Err(FieldErrorKind::TooShort(CHARS)));
        assert_eq!(check("kX9#mq2$vR", &[]), Ok(()));
        assert_eq!(check("zehn Zeichen mit Ümlaut", &[]), Ok(()));
        assert_eq!(check(&long(BYTES), &[]), Ok(()));
        assert_eq!(check(&long(BYTES + 1), &[]), Err(FieldErrorKind::TooLong(BYTES)));
        assert_eq!(check(&long(1_000_000), &[]), Err(FieldErrorKind::TooLong(BYTES)));
    }

    #[test]
    fn password_that_is_easy_to_guess_is_refused() {
        for weak in [
            "password1234",
            "qwertyuiop",
            "1234567890",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "P@ssw0rd123",
            "letmeinletmein",
            "iloveyou2024",
            "passwordpassword",
            "          ",
            "2024-11-30",
            &"x".repeat(BYTES),
        ] {
            assert_eq!(check(weak, &[]), Err(FieldErrorKind::WeakPassword), "{weak}");
        }
        for strong in [
            "correct horse battery",
            "a long enough password",
            "kX9#mq2$vR7p",
            "лошадь батарея скрепка",
            "ann loves purple turnips",
        ] {
            assert_eq!(check(strong, &KNOWN), Ok(()), "{strong}");
        }
    }

    #[test]
    fn password_made_of_what_is_known_about_the_account_is_refused() {
        for weak in [
            "AnnArcher2024",
            "annarcher1",
            "ann.archer@riverside-outfitters.test",
            "Riverside Outfitters",
            "riverside-outfitters",
            "RiversideOutfitters!",
            "R1vers1de0utf1tters",
            "Archer1234",
            "jump-in123",
            "ann-archer-1234",
            "Outfitters-Riverside-2024",
        ] {
            assert_eq!(check(weak, &KNOWN), Err(FieldErrorKind::WeakPassword), "{weak}");
        }
    }

    #[test]
    fn password_is_the_same_however_its_letters_are_composed() {
        assert_eq!(normalize("Mu\u{308}sli und Qua\u{308}ntchen"), normalize("Müsli und Quäntchen"));
        let composed = "ü".repeat(BYTES / 2);
        assert!(!is_too_long(&composed) && !is_too_long(&composed.replace('ü', "u\u{308}")));
        assert!(is_too_long(&"ü".repeat(BYTES / 2 + 1)));
    }

    /// The time for the estimate is bounded, whatever is entered.
    #[test]
    fn estimate_of_any_password_is_quick() {
        let began = Instant::now();
        let names = "Ann ".repeat(20_000);
        for hostile in ["a1", "@4$5", "qwerty", "abc", "19", "pass", "\u{301}", "1l!i|", "日本"] {
            let long: String = hostile.chars().cycle().take(BYTES / 4).collect();
            drop(check(&long, &[&names, &long, &KNOWN[1].repeat(1_000)]));
        }
        println!("nine estimates took {:?}", began.elapsed());
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}
