//! Tests for opening hours, including periods that cross midnight or the end of the week.

use super::*;

fn hours(lines: &str) -> OpeningHours {
    OpeningHours::parse("Europe/Berlin", lines).expect("the lines are valid")
}

fn at(day: Day, hour: u16, minute: u16) -> WallClock {
    WallClock { day, minute: hour * 60 + minute }
}

#[test]
fn no_opening_hours_means_always_open() {
    let always = hours("\n  \n");
    assert!(always.is_open(at(Day::Sunday, 3, 0)));
    assert_eq!(always.next_opening(at(Day::Sunday, 3, 0)), None);
    assert_eq!(always.lines(Language::En), "");
}

#[test]
fn opening_and_closing_are_exact_to_the_minute() {
    let office = hours("Mon-Fri 9:00-17:30");
    assert!(!office.is_open(at(Day::Monday, 8, 59)) && office.is_open(at(Day::Monday, 9, 0)));
    assert!(office.is_open(at(Day::Friday, 17, 29)) && !office.is_open(at(Day::Friday, 17, 30)));
    assert!(!office.is_open(at(Day::Saturday, 12, 0)));
}

#[test]
fn the_next_opening_is_today_tomorrow_or_after_the_weekend() {
    let office = hours("mon-fri 9-12, 13-17");
    let next = |at| office.next_opening(at).map(|opening| (opening.days, opening.minute));
    assert_eq!(next(at(Day::Monday, 7, 0)), Some((0, 9 * 60)));
    assert_eq!(next(at(Day::Monday, 12, 30)), Some((0, 13 * 60)));
    assert_eq!(next(at(Day::Monday, 10, 0)), None);
    assert_eq!(next(at(Day::Monday, 17, 0)), Some((1, 9 * 60)));
    assert_eq!(next(at(Day::Friday, 17, 0)), Some((3, 9 * 60)));
    let once = hours("Wed 10-11");
    assert_eq!(once.next_opening(at(Day::Wednesday, 11, 0)), Some(Opening { days: 7, minute: 600 }));
}

#[test]
fn overnight_span_continues_after_midnight() {
    let night = hours("Fri-Sat 22:00-2:00");
    assert!(night.is_open(at(Day::Saturday, 1, 59)) && night.is_open(at(Day::Sunday, 1, 0)));
    assert!(!night.is_open(at(Day::Friday, 1, 0)) && !night.is_open(at(Day::Sunday, 2, 0)));
    assert!(hours("Sun 22-2").is_open(at(Day::Monday, 1, 0)), "Sunday night continues on Monday");
}

#[test]
fn opening_hours_lines_are_normalized() {
    for (said, kept) in [
        ("Monday-friday 09:00–17:00\nsat 10-14", "Mon-Fri 9:00-17:00\nSat 10:00-14:00"),
        ("Mo.-Fr. 9-17\nSat. 10-14", "Mon-Fri 9:00-17:00\nSat 10:00-14:00"),
        ("Weds 9-12\nThurs. 9-12", "Wed-Thu 9:00-12:00"),
        ("Montag–Fr 9-17\nSAMSTAG 10-14", "Mon-Fri 9:00-17:00\nSat 10:00-14:00"),
        ("Tue 9-12\nMon 9-12", "Mon-Tue 9:00-12:00"),
        ("Mon 9-12, 11-15", "Mon 9:00-15:00"),
        ("Sat-Mon 0-24", "Mon 0:00-24:00\nSat-Sun 0:00-24:00"),
    ] {
        let hours = hours(said);
        assert_eq!(hours.lines(Language::En), kept);
        assert_eq!(self::hours(kept), hours);
        assert_eq!(self::hours(&hours.lines(Language::De)), hours, "the German lines parse to the same hours");
    }
}

#[test]
fn invalid_line_error_names_its_number() {
    for line in [
        "Mon",
        "Mon 9",
        "Mon 9-9",
        "Mon 24-1",
        "Mon 25-26",
        "Mon 9:60-10",
        "Mon 9-10-11",
        "Caturday 9-10",
        "9-10",
        "ä 9-10",
        "Mon 009-10",
    ] {
        assert_eq!(OpeningHours::parse("UTC", &format!("Tue 9-10\n{line}")), Err(InvalidLine(2)), "{line}");
    }
}

/// Using a stored corpus and random input, checks that formatting parsed hours and parsing them again gives the same
/// hours.
#[test]
fn fuzz_any_lines_are_parsed_or_refused() {
    const PARTS: [&str; 18] =
        ["Mon", "fri", "Sunday", "-", "–", " ", "\n", ",", ":", "0", "9", "00", "24", "59", "60", "ü", "", "Sat 22-2"];
    let are_hours_or_none = |lines: &str| {
        let Ok(hours) = OpeningHours::parse("UTC", lines) else { return };
        assert_eq!(OpeningHours::parse("UTC", &hours.lines(Language::En)), Ok(hours.clone()), "{lines}");
        let at = WallClock { day: Day::Wednesday, minute: 12 * 60 };
        assert_eq!(hours.next_opening(at).is_none(), hours.is_open(at), "{lines}");
    };
    bolero::check!(name = "any_lines").with_iterations(5_000).with_max_len(60).for_each(|bytes: &[u8]| {
        are_hours_or_none(&String::from_utf8_lossy(bytes));
        are_hours_or_none(&bytes.iter().map(|byte| PARTS[usize::from(*byte) % PARTS.len()]).collect::<String>());
    });
}
