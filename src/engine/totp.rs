//! The second factor: time-based codes (RFC 6238) from an authenticator app, and recovery codes in case the app is
//! lost.

use protocol::{Millis, id::AgentId, refusal::Refusal};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

const SECRET_BYTES: usize = 20;
/// The number of recovery codes per agent.
pub(crate) const RECOVERY_CODES: usize = 10;
// Excludes characters that look alike. `#` is a filler character that is skipped.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789#";

/// Generates a new secret.
pub(crate) fn new_secret() -> Result<Vec<u8>, Refusal> {
    let mut secret = vec![0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|_| Refusal::Unexpected)?;
    Ok(secret)
}

/// Returns the secret in base32, for typing into an authenticator app.
pub(crate) fn encode_secret(secret: &[u8]) -> String {
    Secret::from(secret).to_base32()
}

/// Returns an SVG QR code that contains the secret as an `otpauth:` URL for authenticator apps.
pub(crate) fn qr_code_svg(secret: &[u8], issuer: &str, account: &str) -> Result<String, Refusal> {
    // In that URL, neither name may contain a colon.
    let plain = |text: &str| text.replace(':', " ");
    let builder = builder(secret).with_account_name(plain(account)).with_issuer(Some(plain(issuer)));
    let address = builder.build().ok().and_then(|totp| totp.to_url().ok()).ok_or(Refusal::Unexpected)?;
    let code = qrcode::QrCode::new(address).map_err(|_| Refusal::Unexpected)?;
    Ok(code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build())
}

/// Returns the time step of a code, or `None` if the code is not valid now. Codes from one step before or after are
/// accepted, because clocks differ. The store rejects codes that have already been used.
pub(crate) fn step(secret: &[u8], code: &str, now: Millis) -> Option<u64> {
    totp(secret)?.check(&digits(code)?, u64::try_from(now / 1_000).ok()?)
}

/// Returns whether a code looks like one from an authenticator app. Recovery codes are longer.
pub(crate) fn is_totp(code: &str) -> bool {
    digits(code).is_some()
}

fn digits(code: &str) -> Option<String> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    (code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

/// Generates recovery codes and returns them along with the hashes to store.
pub(crate) fn recovery_codes(agent: AgentId) -> Result<(Vec<String>, Vec<[u8; 32]>), Refusal> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    while codes.len() < RECOVERY_CODES {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes).map_err(|_| Refusal::Unexpected)?;
        // The last of the 32 characters is the filler character, so bytes that map to it are skipped.
        let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        let word: String = letters.filter(|letter| *letter != '#').take(12).collect();
        if word.len() == 12 {
            codes.push(format!("{}-{}-{}", &word[..4], &word[4..8], &word[8..]));
        }
    }
    let hashes = codes.iter().map(|code| recovery_hash(agent, code)).collect();
    Ok((codes, hashes))
}

/// Returns the hash under which a recovery code is stored. Codes have 59 bits of entropy, and wrong ones have
/// to wait, so a slow hash is not needed.
pub(crate) fn recovery_hash(agent: AgentId, code: &str) -> [u8; 32] {
    let plain: String = code.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::new().chain_update(agent.0.as_bytes()).chain_update(plain).finalize().into()
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new().with_secret(Secret::from(secret)).with_digits(6).with_skew(1).with_step_duration(30)
}

fn totp(secret: &[u8]) -> Option<Totp> {
    builder(secret).with_account_name("-").build().ok()
}

/// Returns the code for a secret at the given time, as an authenticator app would show it.
#[cfg(test)]
pub(crate) fn code(secret: &str, now: Millis) -> String {
    let secret = Secret::try_from_base32(secret).expect("valid base32");
    let totp = Builder::new().with_secret(secret).with_account_name("-").build().expect("a valid secret");
    totp.generate(u64::try_from(now / 1_000).unwrap_or_default()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_800_000_000_000;

    /// Case C8 in `docs/testing.md`: codes from one step before or after are valid, but codes from two steps away are
    /// not.
    #[test]
    fn code_is_valid_for_three_time_steps() {
        let secret = new_secret().expect("the system provides random bytes");
        let code = |at: Millis| super::code(&encode_secret(&secret), at);
        assert_eq!(step(&secret, &code(NOW), NOW), Some(60_000_000));
        for (drift, good) in [(-60_000, false), (-30_000, true), (30_000, true), (60_000, false)] {
            assert_eq!(step(&secret, &code(NOW + drift), NOW).is_some(), good, "{drift}");
        }
        let spaced = format!(" {} {}", &code(NOW)[..3], &code(NOW)[3..]);
        assert!(step(&secret, &spaced, NOW).is_some());
        for not in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"] {
            assert_eq!(step(&secret, not, NOW), None, "{not}");
        }
    }

    #[test]
    fn recovery_codes_are_unique_and_ignore_case_and_spacing() {
        let agent = AgentId(uuid::Uuid::now_v7());
        let (codes, hashes) = recovery_codes(agent).expect("the system provides random bytes");
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!((codes.len(), different.len()), (10, 10));
        assert_eq!(recovery_hash(agent, &codes[0].to_uppercase().replace('-', " ")), hashes[0]);
        assert_ne!(recovery_hash(AgentId(uuid::Uuid::now_v7()), &codes[0]), hashes[0]);
    }

    #[test]
    fn totp_qr_code_is_valid_svg_for_any_name() {
        let svg =
            qr_code_svg(b"12345678901234567890", "Riverside: \"<Outfitters>\"", "ann@demo.test").expect("a valid URL");
        assert!(svg.contains("<svg") && !svg.contains("Riverside"));
    }
}
