//! Durations as written in the configuration, such as `"250ms"`, `"15s"`, `"30m"`, and `"24h"`.

use std::{fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
/// `ms` must come before `s`, because it also ends with `s`.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", SECOND), ("m", MINUTE), ("h", HOUR)];

/// A duration setting: a whole number followed by a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationSetting {
    /// The length, in milliseconds.
    pub milliseconds: u64,
}

/// The error returned when a string is not a valid duration.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a valid duration: use a value such as \"15s\", \"30m\", \"24h\", or \"250ms\"")]
pub struct NotADuration(String);

impl FromStr for DurationSetting {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let milliseconds = UNITS.iter().find_map(|(unit, length)| {
            let number = text.strip_suffix(unit)?;
            // The integer parser would accept a leading sign.
            let is_whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse::<u64>().ok().filter(|_| is_whole)?.checked_mul(*length)
        });
        milliseconds.map(|milliseconds| Self { milliseconds }).ok_or_else(|| NotADuration(text.to_owned()))
    }
}

/// Formats the duration in the largest unit that divides it evenly.
impl fmt::Display for DurationSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |length: u64| self.milliseconds >= length && self.milliseconds.is_multiple_of(length);
        let (unit, length) = UNITS.into_iter().rev().find(|(_, length)| fits(*length)).unwrap_or(UNITS[0]);
        write!(formatter, "{}{unit}", self.milliseconds / length)
    }
}

impl<'de> Deserialize<'de> for DurationSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = DurationSetting;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a duration such as \"15s\", \"30m\", \"24h\", or \"250ms\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<DurationSetting, E> {
                text.parse().map_err(E::custom)
            }

            // Durations used to be plain numbers (in milliseconds), so numbers get a more helpful error message.
            fn visit_i64<E: Error>(self, number: i64) -> Result<DurationSetting, E> {
                match u64::try_from(number) {
                    Ok(number) => self.visit_u64(number),
                    Err(_) => Err(E::custom(NotADuration(number.to_string()))),
                }
            }

            fn visit_u64<E: Error>(self, milliseconds: u64) -> Result<DurationSetting, E> {
                let same = DurationSetting { milliseconds };
                Err(E::custom(format_args!("`{milliseconds}` has no unit: write \"{same}\" instead")))
            }
        }

        deserializer.deserialize_any(Text)
    }
}

/// Deserializes a duration as a number of milliseconds. For use with `#[serde(deserialize_with = …)]`.
///
/// # Errors
/// Returns an error if the value is not a valid duration.
pub fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    DurationSetting::deserialize(deserializer).map(|duration| duration.milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written_in_the_largest_whole_unit() {
        let read = |text: &str| text.parse::<DurationSetting>().map(|duration| duration.milliseconds);
        for (text, milliseconds) in
            [("0ms", 0), ("250ms", 250), ("15s", 15_000), ("90s", 90_000), ("30m", 1_800_000), ("24h", 86_400_000)]
        {
            assert_eq!(read(text).unwrap(), milliseconds, "{text}");
        }
        for (milliseconds, text) in
            [(0, "0ms"), (16, "16ms"), (1_500, "1500ms"), (90_000, "90s"), (60_000, "1m"), (86_400_000, "24h")]
        {
            assert_eq!(DurationSetting { milliseconds }.to_string(), text);
        }
    }

    #[test]
    fn invalid_duration_is_refused() {
        let largest = u64::MAX;
        for text in ["", "15", "s", "ms", "+15s", "-15s", "1.5s", "15 s", " 15s", "15S", "1h30m", "15d", "15sms"] {
            assert!(text.parse::<DurationSetting>().is_err(), "{text:?}");
        }
        assert!(format!("{largest}s").parse::<DurationSetting>().is_err());
        assert!(format!("{largest}0ms").parse::<DurationSetting>().is_err());
    }
}
