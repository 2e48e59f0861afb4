//! Hexadecimal encoding for tokens and ids that are stored or posted to other tabs.

use alloc::string::String;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Encodes bytes as lowercase hex, with two digits per byte.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes {
        hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
        hex.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    hex
}

/// Decodes exactly `N` bytes of lowercase hex. Returns `None` for any other input.
pub(crate) fn from_hex<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let hex = hex.as_bytes();
    let mut bytes = [0; N];
    if hex.len() != 2 * N {
        return None;
    }
    for (place, digit) in hex.iter().enumerate() {
        let value = DIGITS.iter().position(|known| known == digit)?;
        bytes[place / 2] = bytes[place / 2] << 4 | value as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_malformed_hex_is_rejected() {
        let bytes: [u8; 32] = core::array::from_fn(|n| (n * 8) as u8);
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        assert_eq!(to_hex(&[0x0f, 0xa0]), "0fa0");
        assert_eq!(from_hex::<32>("zz"), None);
        assert_eq!(from_hex::<32>(&"z".repeat(64)), None);
    }
}
