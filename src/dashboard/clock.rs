//! Times as the agent's wall clock shows them, and names for new messages. Only a browser knows the time zone: on the
//! server every function answers with a stand-in that the browser replaces once it is awake.

use protocol::{Millis, id::ClientId};

const DAY_MS: Millis = 24 * 60 * 60_000;

/// The browser's own clock; the dashboard corrects it by the server's.
pub fn browser_now() -> Millis {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::now() as Millis;
    #[cfg(not(feature = "hydrate"))]
    0
}

/// `14:05` in no zone at all.
pub fn hour_minute_of_utc(at: Millis) -> String {
    let minutes = at.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The number of the day in no zone at all: server and browser agree on it.
pub fn day_of_utc(at: Millis) -> i64 {
    at.div_euclid(DAY_MS)
}

/// The time on a clock that is ahead of UTC by so many minutes from then on; none when no clock was set.
pub fn at_utc_offset(clock: &[(Millis, i32)], at: Millis) -> Option<Millis> {
    let now = clock.iter().rfind(|(from, _)| *from <= at).or(clock.first())?;
    Some(at + Millis::from(now.1) * 60_000)
}

/// `2026-11-24`, of a day by its number since 1970 (Hinnant's civil_from_days).
pub fn date(day: i64) -> String {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day is the last.
    let from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{of_month:02}")
}

/// A new name for a message: UUIDv7. It need not be secret, only never used twice in a chat.
pub fn new_client_id() -> ClientId {
    let mut random = [0_u8; 10];
    for byte in &mut random {
        *byte = (random_fraction() * 256.0) as u8;
    }
    let millis = browser_now().max(0).unsigned_abs();
    ClientId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// A number from 0 to 1, without 1.
pub fn random_fraction() -> f64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Math::random();
    #[cfg(not(feature = "hydrate"))]
    0.0
}

/// The time on the browser's clock.
#[cfg(feature = "hydrate")]
pub fn local(at: Millis) -> Millis {
    let date = js_sys::Date::new(&(at as f64).into());
    at - date.get_timezone_offset() as Millis * 60_000
}

/// A server's clock is nobody's.
#[cfg(not(feature = "hydrate"))]
pub fn local(at: Millis) -> Millis {
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
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
    fn new_names_sort_by_time_and_are_version_7() {
        assert_eq!(new_client_id().0.get_version_num(), 7);
    }
}
