//! Writes exports line by line, either as a file for spreadsheets (see [`super::csv`]) or as JSON Lines.

use engine::store::{ExportItem, ExportedRow, ExportedValue, PastChat};
use protocol::{
    agent::Directory,
    chat::{Author, Body, Entry},
    language::Language,
};
use serde_json::{Map, Value, json};

use super::{
    csv::{self, Separator},
    history::{agent_name, concierge_name, entry_words, outcome, rating_words, visitor_name},
    i18n,
};

/// An export format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A file for spreadsheets (RFC 4180 with any separator), with one row per chat entry.
    Csv(Separator),
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
            Format::Csv(separator) => {
                format!("{}{}", csv::BYTE_ORDER_MARK, csv::row(separator, &HEADS.map(str::to_owned)))
            }
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
                    Format::Csv(_) => String::new(),
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
                    (Format::Csv(separator), Some(chat)) => self.csv(separator, chat, &entry),
                    _ => format!("{}\n", json!({ "entry": self.entry_json(&entry) })),
                }
            }
        }
    }

    /// Returns the line for a row of a visitor's data: the table's name and the columns. Agents, concierges and teams
    /// are given by name.
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
            Format::Csv(_) => String::new(),
            Format::JsonLines => {
                format!("{}\n", json!({ "end": { "chats": self.counted.0, "entries": self.counted.1 } }))
            }
        }
    }

    fn csv(&self, separator: Separator, chat: &PastChat, entry: &Entry) -> String {
        let cells = [
            chat.id.to_string(),
            csv::time(chat.began_at),
            chat.ended_at.map(csv::time).unwrap_or_default(),
            outcome(chat).to_owned(),
            chat.rating.map(rating_words).unwrap_or_default().to_owned(),
            concierge_name(&self.directory, chat).to_owned(),
            visitor_name(chat).to_owned(),
            chat.visitor_email.clone().unwrap_or_default(),
            entry.seq.to_string(),
            csv::time(entry.at),
            self.author(entry),
            entry_words(&self.directory, entry),
        ];
        csv::row(separator, &cells)
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
