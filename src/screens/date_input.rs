//! Parses dates entered by users, such as `2026-05-31`, as days in UTC.

use protocol::Millis;

const DAY: Millis = 24 * 60 * 60 * 1_000;

/// Returns the first millisecond of the day, or `None` if the text is not a valid date.
pub fn start_of(text: &str) -> Option<Millis> {
    let mut parts = text.split('-').map(|part| {
        let is_plain = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_plain { part.parse::<i64>().ok() } else { None }
    });
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if parts.next().is_some() || !(1970..=9999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Counting years from March makes the leap day the last day of the year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some((days - 719_468) * DAY)
}

/// Returns the first millisecond after the day, or `None` if the text is not a valid date.
pub fn end_of(text: &str) -> Option<Millis> {
    start_of(text).map(|begin| begin + DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_utc() {
        assert_eq!(start_of("1970-01-01"), Some(0));
        assert_eq!(start_of("2000-03-01"), Some(951_868_800_000));
        assert_eq!(start_of("2024-02-29"), Some(1_709_164_800_000));
        assert_eq!(end_of("2026-12-31"), start_of("2027-01-01"));
    }

    #[test]
    fn invalid_day_is_none() {
        for text in ["", "2026", "2026-02-30", "2025-02-29", "0000-01-01", "275760-09-13", "2026-13-01", "2026-00-10"] {
            assert_eq!(start_of(text), None, "{text}");
        }
        for text in
            ["-1-1-1", "2026-1-1-1", "+026-01-01", "2026-01-01T00:00", "Fri, 1 Jan (a(b)) 2026", "２０２６-01-01"]
        {
            assert_eq!(start_of(text), None, "{text}");
        }
    }
}
