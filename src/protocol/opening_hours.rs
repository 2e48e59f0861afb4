//! Opening hours: the times of the week at which a concierge's team is available.
//!
//! This module does not convert between time zones. The time zone data is too large for the widget, so conversions are
//! done in `engine::opening_hours`.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{i18n, language::Language};

/// The number of minutes in a day.
const DAY_MINUTES: u16 = 24 * 60;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Day {
    /// Monday, the first day of the week.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday, the last day of the week.
    Sunday,
}

impl Day {
    /// Every day of the week, in order.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Returns the day's abbreviation, which has three letters in English and two in German.
    pub fn short(self, language: Language) -> &'static str {
        let name = i18n::day(language, self);
        &name[..language.pick(3, 2)]
    }

    /// Parses a day in either language. English days are recognized by their first three letters (`Mon`, `Weds.`),
    /// German days by any prefix of at least two letters (`Mo`, `mo.`, `Montag`).
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.strip_suffix('.').unwrap_or(word);
        let is = |language, letters: &str| {
            let begins = move |day: &Self| i18n::day(language, *day).get(..letters.len());
            Self::ALL.into_iter().find(|day| begins(day).is_some_and(|begun| begun.eq_ignore_ascii_case(letters)))
        };
        let english = word.get(..3).and_then(|three| is(Language::En, three));
        english.or_else(|| if word.len() < 2 { None } else { is(Language::De, word) })
    }

    /// Returns the day of the week `days` days later.
    #[must_use]
    pub fn after(self, days: usize) -> Self {
        Self::ALL[(self as usize + days) % 7]
    }
}

/// A local time, consisting of a day of the week and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    /// The day of the week.
    pub day: Day,
    /// The time of day, in minutes since midnight.
    pub minute: u16,
}

/// A continuous period within one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The day of the week.
    pub day: Day,
    /// When the period starts, in minutes since midnight.
    pub from: u16,
    /// When the period ends (exclusive), in minutes since midnight; at most 1440.
    pub to: u16,
}

/// A concierge's opening hours. If there are no spans, it is always open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningHours {
    /// The time zone's IANA name, such as `Europe/Berlin`.
    pub zone: String,
    /// The periods in which it is open, ordered by day and time. No two of them touch or overlap.
    pub spans: Vec<Span>,
}

impl Default for OpeningHours {
    fn default() -> Self {
        Self { zone: "UTC".into(), spans: Vec::new() }
    }
}

/// The next time that a concierge opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The number of days from now, 0 to 7.
    pub days: u8,
    /// The time of day, in minutes since midnight.
    pub minute: u16,
}

/// The number of an invalid line, starting at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidLine(pub usize);

impl OpeningHours {
    /// Returns whether the concierge is open at the given time.
    pub fn is_open(&self, at: WallClock) -> bool {
        self.spans.is_empty()
            || self.spans.iter().any(|span| span.day == at.day && (span.from..span.to).contains(&at.minute))
    }

    /// Returns when the concierge opens next, or `None` if it is open at the given time.
    pub fn next_opening(&self, at: WallClock) -> Option<Opening> {
        if self.is_open(at) {
            return None;
        }
        (0..=7_u8).find_map(|days| {
            let day = at.day.after(usize::from(days));
            let begins = self.spans.iter().filter(|span| span.day == day).map(|span| span.from);
            let minute = begins.filter(|from| days > 0 || *from > at.minute).min()?;
            Some(Opening { days, minute })
        })
    }

    /// Parses lines such as `Mon-Fri 9:00-12:30, 13:30-17:00`, `Sat 10-14`, or `So 22:00-2:00`. If there are no lines,
    /// the concierge is always open.
    ///
    /// # Errors
    /// Returns [`InvalidLine`], with the number of the first invalid line, if any line cannot be parsed.
    pub fn parse(zone: &str, lines: &str) -> Result<Self, InvalidLine> {
        let mut spans = Vec::new();
        for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            read_line(line, &mut spans).ok_or(InvalidLine(number + 1))?;
        }
        Ok(Self { zone: zone.into(), spans: merge_spans(spans) })
    }

    /// Formats the hours as lines that [`Self::parse`] accepts. Consecutive days with the same hours are combined into
    /// one line.
    pub fn lines(&self, language: Language) -> String {
        let mut lines: Vec<(Day, Day, String)> = Vec::new();
        for day in Day::ALL {
            let spans = self.spans.iter().filter(|span| span.day == day);
            let said: Vec<String> =
                spans.map(|span| format!("{}-{}", format_time(span.from), format_time(span.to))).collect();
            let said = said.join(", ");
            match lines.last_mut() {
                _ if said.is_empty() => {}
                Some((_, last, words)) if *words == said && last.after(1) == day => *last = day,
                _ => lines.push((day, day, said)),
            }
        }
        let line = |(first, last, said): (Day, Day, String)| match first == last {
            true => format!("{} {said}", first.short(language)),
            false => format!("{}-{} {said}", first.short(language), last.short(language)),
        };
        lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Formats a time of day, given in minutes since midnight, such as `9:05`.
pub fn format_time(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

fn read_line(line: &str, spans: &mut Vec<Span>) -> Option<()> {
    let (days, times) = line.trim().split_once(char::is_whitespace)?;
    let (first, last) = split_range(days).unwrap_or((days, days));
    let (first, last) = (Day::from_word(first)?, Day::from_word(last)?);
    let count = (last as usize + 7 - first as usize) % 7;
    for time in times.split(',') {
        let (from, to) = split_range(time)?;
        let (from, to) = (read_clock(from)?, read_clock(to)?);
        if from == to || from == DAY_MINUTES {
            return None;
        }
        for day in (0..=count).map(|days| first.after(days)) {
            if from < to {
                spans.push(Span { day, from, to });
            } else {
                // The period extends past midnight.
                spans.push(Span { day, from, to: DAY_MINUTES });
                spans.extend((to > 0).then_some(Span { day: day.after(1), from: 0, to }));
            }
        }
    }
    Some(())
}

fn split_range(text: &str) -> Option<(&str, &str)> {
    text.split_once(['-', '–']).map(|(from, to)| (from.trim(), to.trim()))
}

fn read_clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let number = |text: &str| if text.len() <= 2 { text.parse::<u16>().ok() } else { None };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY_MINUTES).then_some(minute)
}

/// Sorts the spans and merges any that touch or overlap.
fn merge_spans(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.day == span.day && span.from <= last.to => last.to = last.to.max(span.to),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
