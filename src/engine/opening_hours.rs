//! Evaluates the weekly opening hours of `protocol::opening_hours` at a point in time, in their own time zone.

use jiff::{
    Timestamp, ToSpan,
    civil::{DateTime, Weekday},
    tz::TimeZone,
};
use protocol::{
    Millis,
    opening_hours::{Day, OpeningHours, WallClock},
};

const YEAR: Millis = 365 * 24 * 60 * 60 * 1_000;

/// Returns whether a time zone with this name exists.
pub fn is_zone(name: &str) -> bool {
    // Only the bundled database is searched: a name such as `/etc/localtime` must not open a file on this machine.
    !name.is_empty() && name.len() <= 64 && jiff_zone(name).is_some()
}

/// Returns a zone's offset from UTC at the given time, in minutes, or `None` if the zone is unknown.
pub fn utc_offset_minutes(zone: &str, now: Millis) -> Option<i32> {
    let at = Timestamp::from_millisecond(now).ok()?;
    Some(jiff_zone(zone)?.to_offset(at).seconds() / 60)
}

/// Returns the time zones that can be selected, sorted by name.
pub fn zones() -> Vec<String> {
    let mut zones: Vec<String> =
        jiff::tz::TimeZoneDatabase::bundled().available().map(|name| name.as_str().to_owned()).collect();
    zones.retain(|name| name == "UTC" || name.contains('/') && !name.starts_with("Etc/"));
    zones.sort();
    zones
}

/// Returns a zone's offsets from UTC, in minutes, each with the time from which it applies. The list covers the period
/// from five years ago to two years from now. The first offset also applies to all earlier times.
pub fn utc_offsets(zone: &str, now: Millis) -> Vec<(Millis, i32)> {
    let Some(zone) = jiff_zone(zone) else { return Vec::new() };
    let at = |millis: Millis| Timestamp::from_millisecond(millis).unwrap_or_default();
    let (first, last) = (at(now - 5 * YEAR), at(now + 2 * YEAR));
    let changes = zone.following(first).take_while(|change| change.timestamp() < last);
    let changes = changes.map(|change| (change.timestamp().as_millisecond(), change.offset().seconds() / 60));
    [(first.as_millisecond(), zone.to_offset(first).seconds() / 60)].into_iter().chain(changes).collect()
}

/// Returns whether the given time is within the opening hours.
pub fn is_open(hours: &OpeningHours, now: Millis) -> bool {
    hours.is_open(wall_clock(local(&zone(hours), now)))
}

/// Returns the next opening time, or `None` if it is already open.
pub fn next_opening(hours: &OpeningHours, now: Millis) -> Option<Millis> {
    let zone = zone(hours);
    let here = local(&zone, now);
    let opening = hours.next_opening(wall_clock(here))?;
    let hour = i8::try_from(opening.minute / 60).ok()?;
    let minute = i8::try_from(opening.minute % 60).ok()?;
    let at = here.date().checked_add(i32::from(opening.days).days()).ok()?.at(hour, minute, 0, 0);
    // A local time that is skipped when daylight saving time starts is shifted to the other side of the gap.
    Some(zone.to_timestamp(at).ok()?.as_millisecond())
}

/// Like [`next_opening`], but returns the local time.
pub fn next_opening_local(hours: &OpeningHours, now: Millis) -> Option<WallClock> {
    let here = wall_clock(local(&zone(hours), now));
    let opening = hours.next_opening(here)?;
    Some(WallClock { day: here.day.after(usize::from(opening.days)), minute: opening.minute })
}

/// Returns the local time in a time zone.
fn local(zone: &TimeZone, now: Millis) -> DateTime {
    zone.to_datetime(Timestamp::from_millisecond(now).unwrap_or_default())
}

fn zone(hours: &OpeningHours) -> TimeZone {
    jiff_zone(&hours.zone).unwrap_or(TimeZone::UTC)
}

fn jiff_zone(name: &str) -> Option<TimeZone> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

fn wall_clock(at: DateTime) -> WallClock {
    let day = match at.weekday() {
        Weekday::Monday => Day::Monday,
        Weekday::Tuesday => Day::Tuesday,
        Weekday::Wednesday => Day::Wednesday,
        Weekday::Thursday => Day::Thursday,
        Weekday::Friday => Day::Friday,
        Weekday::Saturday => Day::Saturday,
        Weekday::Sunday => Day::Sunday,
    };
    WallClock { day, minute: at.hour().unsigned_abs() as u16 * 60 + at.minute().unsigned_abs() as u16 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().expect("a valid timestamp").as_millisecond()
    }

    fn berlin() -> OpeningHours {
        OpeningHours::parse("Europe/Berlin", "Mon-Fri 9-17\nSun 2:30-4").expect("valid opening hours")
    }

    #[test]
    fn opening_hours_follow_local_time_across_dst() {
        assert!(!is_open(&berlin(), at("2026-01-05T07:59:00Z")) && is_open(&berlin(), at("2026-01-05T08:00:00Z")));
        assert!(is_open(&berlin(), at("2026-07-06T07:00:00Z")), "one hour earlier during daylight saving time");
        assert_eq!(next_opening(&berlin(), at("2026-07-06T07:00:00Z")), None);
    }

    #[test]
    fn next_opening_skips_nights_weekends_and_dst_changes() {
        assert_eq!(next_opening(&berlin(), at("2026-01-05T17:00:00Z")), Some(at("2026-01-06T08:00:00Z")));
        assert_eq!(next_opening(&berlin(), at("2026-07-03T16:00:00Z")), Some(at("2026-07-05T00:30:00Z")));
        // On March 29, 2026, 2:30 does not exist: clocks jump from 2:00 to 3:00, so 2:30 becomes 3:30.
        assert_eq!(next_opening(&berlin(), at("2026-03-28T16:00:00Z")), Some(at("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn utc_offsets_change_with_dst() {
        let now = at("2026-11-24T12:00:00Z");
        let clock = utc_offsets("Europe/Berlin", now);
        assert!(
            clock.contains(&(at("2026-03-29T01:00:00Z"), 120)) && clock.contains(&(at("2026-10-25T01:00:00Z"), 60))
        );
        assert!(clock.is_sorted() && clock.len() < 20, "{clock:?}");
        assert_eq!(utc_offsets("Asia/Kolkata", now).iter().map(|(_, ahead)| *ahead).collect::<Vec<_>>(), [330]);
        assert!(utc_offsets("UTC", now).iter().all(|(_, ahead)| *ahead == 0));
        assert_eq!(utc_offsets("Mars/Olympus", now), []);
    }

    #[test]
    fn unknown_zone_falls_back_to_utc() {
        assert!(is_zone("America/New_York") && is_zone("UTC"));
        for name in ["", "../../etc/passwd", "Mars/Olympus", "/etc/localtime", "Europe/Berlin\0"] {
            assert!(!is_zone(name), "{name}");
        }
        let nowhere = OpeningHours { zone: "Mars/Olympus".into(), ..berlin() };
        assert!(is_open(&nowhere, at("2026-01-05T09:00:00Z")));
        let (winter, summer) = (at("2026-01-05T09:00:00Z"), at("2026-07-05T09:00:00Z"));
        let ahead = |zone: &str| [utc_offset_minutes(zone, winter), utc_offset_minutes(zone, summer)];
        assert_eq!(ahead("Europe/Berlin"), [Some(60), Some(120)]);
        assert_eq!((ahead("Asia/Kolkata")[0], ahead("Mars/Olympus")[0]), (Some(330), None));
        assert!(zones().iter().any(|name| name == "Europe/Berlin") && zones().len() > 300);
    }
}
