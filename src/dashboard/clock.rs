//! Local times, and client IDs for new messages. Only the browser knows its time zone, so on the server, functions that
//! depend on it return a placeholder, which the browser replaces after hydration.

use protocol::{Millis, id::ClientId};

const DAY_MS: Millis = 24 * 60 * 60_000;

/// Returns the time on the browser's clock, in milliseconds since 1970, or 0 on the server. The dashboard corrects it
/// using the server's time.
pub fn browser_now() -> Millis {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::now() as Millis;
    #[cfg(not(feature = "hydrate"))]
    0
}

/// Formats a time of day such as `14:05`, without any time zone conversion.
pub fn hour_minute_of_utc(at: Millis) -> String {
    let minutes = at.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Returns the number of days since 1970, without any time zone conversion. The result is the same on the server and in
/// the browser.
pub fn day_of_utc(at: Millis) -> i64 {
    at.div_euclid(DAY_MS)
}

/// Converts a UTC time to local time. `clock` lists UTC offsets in minutes, each with the time from which it applies.
/// Returns `None` if the list is empty.
pub fn at_utc_offset(clock: &[(Millis, i32)], at: Millis) -> Option<Millis> {
    let now = clock.iter().rfind(|(from, _)| *from <= at).or(clock.first())?;
    Some(at + Millis::from(now.1) * 60_000)
}

/// Formats a number of days since 1970 as a date such as `2026-11-24`, using Howard Hinnant's `civil_from_days`.
pub fn date(day: i64) -> String {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months are counted from March so that the leap day is the last day of the year.
    let from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{of_month:02}")
}

/// Returns a client ID for a new message, which is a UUIDv7. It only needs to be unique within a chat, not secret.
pub fn new_client_id() -> ClientId {
    let mut random = [0_u8; 10];
    for byte in &mut random {
        *byte = (random_fraction() * 256.0) as u8;
    }
    let millis = browser_now().max(0).unsigned_abs();
    ClientId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// Returns a random number in `0.0..1.0`, or 0.0 on the server.
pub fn random_fraction() -> f64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Math::random();
    #[cfg(not(feature = "hydrate"))]
    0.0
}

/// Converts a UTC time to the browser's time zone.
#[cfg(feature = "hydrate")]
pub fn local(at: Millis) -> Millis {
    let date = js_sys::Date::new(&(at as f64).into());
    at - date.get_timezone_offset() as Millis * 60_000
}

/// Returns the time unchanged, because the server does not know the browser's time zone.
#[cfg(not(feature = "hydrate"))]
pub fn local(at: Millis) -> Millis {
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_match_the_calendar() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(19_782), "2024-02-29");
        assert_eq!(date(19_783), "2024-03-01");
        assert_eq!(date(20_781), "2026-11-24");
    }

    #[test]
    fn times_wrap_at_midnight() {
        assert_eq!(hour_minute_of_utc(0), "00:00");
        assert_eq!(hour_minute_of_utc(23 * 3_600_000 + 59 * 60_000), "23:59");
        assert_eq!(hour_minute_of_utc(-60_000), "23:59");
    }

    #[test]
    fn time_uses_the_utc_offset_in_force_at_that_time() {
        let berlin = [(1_000, 60), (2_000, 120), (3_000, 60)];
        let ahead = |at| at_utc_offset(&berlin, at).map(|local| (local - at) / 60_000);
        assert_eq!([0, 1_500, 2_000, 9_000].map(ahead), [Some(60), Some(60), Some(120), Some(60)]);
        assert_eq!(at_utc_offset(&[], 0), None);
    }

    #[test]
    fn new_client_id_is_a_version_7_uuid() {
        assert_eq!(new_client_id().0.get_version_num(), 7);
    }
}
