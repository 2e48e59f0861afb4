//! Screens: pages of the dashboard that the server describes, to read or to fill in.
//!
//! Live pages (the board, the chats) have their own code in the browser. All other pages (settings, history, account)
//! consist of the few blocks below, so that one small component draws them all, and forms work without WebAssembly.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{Millis, file::FileCard};

/// A page of the dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// The heading.
    pub title: String,
    /// A sentence below the heading; may be empty.
    pub lead: String,
    /// Links to the sibling screens; may be empty.
    pub tabs: Vec<Link>,
    /// The content, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A link to another page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The address: a path on this server, or an `https:` or `mailto:` URL.
    pub to: String,
    /// The text.
    pub words: String,
    /// Whether it links to the current page.
    pub here: bool,
}

/// A part of a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A highlighted paragraph.
    Notice(Tone, String),
    /// Preformatted text to copy.
    Code(String),
    /// Labels and their values.
    Facts(Vec<(String, Cell)>),
    /// A form.
    Form(Form),
    /// A table.
    Table(Table),
    /// The transcript of a chat.
    Transcript(Vec<TranscriptLine>),
    /// An image: its path on this server, and its alternative text.
    Image(String, String),
    /// A page of this server in a frame: its path and its title. The current values of the fields in [`Form::shown`]
    /// are added to the path as a query.
    Frame(String, String),
    /// Links and buttons in one line.
    Links(Vec<Cell>),
}

/// The tone of a notice, badge or form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Neutral.
    #[default]
    Plain,
    /// Success.
    Good,
    /// A problem, or an action that cannot be undone.
    Danger,
}

/// The content of a table cell, or of a labeled value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Text, with smaller text below.
    TwoLines(String, String),
    /// A link to another page.
    Link(Link),
    /// A point in time, shown in the reader's time zone.
    Time(Millis),
    /// A running clock for a time zone that is this many minutes ahead of UTC.
    Clock(i32),
    /// A short highlighted text.
    Badge(Tone, String),
    /// A form; shown as a button if all fields are hidden.
    Form(Form),
    /// An agent's small avatar, by its path on this server. The agent's name is shown next to it.
    Avatar(String),
    /// Several cells in one place.
    Group(Vec<Cell>),
}

/// A table with a head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The column headings.
    pub heads: Vec<String>,
    /// The rows, each with as many cells as there are headings.
    pub rows: Vec<Vec<Cell>>,
    /// The text shown when there are no rows.
    pub empty: String,
    /// The link to further rows.
    pub more: Option<Link>,
}

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// The author's name; empty for an event.
    pub who: String,
    /// Whether the visitor wrote it.
    pub by_visitor: bool,
    /// Whether it is a note, which only agents see.
    pub internal: bool,
    /// When it was stored.
    pub at: Millis,
    /// The text.
    pub text: String,
    /// A file, shown instead of the text.
    pub file: Option<FileCard>,
}

/// A form, submitted to this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The path that it is submitted to.
    pub to: String,
    /// Whether it only queries: its fields become part of the address, and nothing changes.
    pub is_query: bool,
    /// The fields.
    pub fields: Vec<Field>,
    /// The label of the submit button.
    pub submit: String,
    /// `Danger` for an action that cannot be undone.
    pub tone: Tone,
    /// The names of the fields that the screen's frame previews while they are filled in.
    pub shown: Vec<String>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name, as submitted.
    pub name: String,
    /// The label.
    pub label: String,
    /// A hint below the field; may be empty.
    pub hint: String,
    /// The current value. For [`FieldKind::MultiChoice`], one value per line; for [`FieldKind::Switch`], `on` or empty.
    pub value: String,
    /// Why the submitted value is invalid; empty if it is valid.
    pub error: String,
    /// Whether a value is required.
    pub required: bool,
    /// The kind of field.
    pub kind: FieldKind,
}

/// The kind of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// One line of text.
    Line,
    /// One line of text, with suggestions.
    Suggested(Vec<String>),
    /// An e-mail address.
    Email,
    /// A password.
    Password {
        /// Whether a new password is being chosen; sets the browser's autocomplete hint.
        new: bool,
    },
    /// A one-time code.
    OneTimeCode,
    /// A whole number between two limits, inclusive.
    Number(i64, i64),
    /// Several lines of text; the number of visible lines.
    Lines(u8),
    /// One of these options: value and label.
    Choice(Vec<(String, String)>),
    /// Any of these options: value and label.
    MultiChoice(Vec<(String, String)>),
    /// A switch.
    Switch,
    /// A color, as `#rrggbb`.
    Color,
    /// A day, as `YYYY-MM-DD`.
    Date,
    /// A time of day, as `HH:MM`.
    Time,
    /// A file; the accepted types, as in HTML's `accept` attribute.
    File(String),
    /// Submitted, but not shown.
    Hidden,
}

/// The result of a submitted form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubmitResult {
    /// Done; continue at this address.
    Redirect(String),
    /// Show this screen: the form with its errors, or a result.
    Render(Screen),
    /// Done; load the page at this address again, because it differs.
    Reload(String),
}

impl Screen {
    /// Creates a screen without blocks.
    pub fn new(title: &str, lead: &str) -> Self {
        Self { title: title.to_owned(), lead: lead.to_owned(), ..Self::default() }
    }

    /// Adds a block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Link {
    /// Creates a link to another page.
    pub fn new(to: &str, words: &str) -> Self {
        Self { to: to.to_owned(), words: words.to_owned(), here: false }
    }
}

impl Form {
    /// Creates a form that changes something.
    pub fn new(to: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self {
            to: to.to_owned(),
            is_query: false,
            fields,
            submit: submit.to_owned(),
            tone: Tone::Plain,
            shown: Vec::new(),
        }
    }

    /// Creates a form that only queries.
    pub fn query(to: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self { is_query: true, ..Self::new(to, submit, fields) }
    }

    /// Sets the fields that the screen's frame previews while they are filled in.
    #[must_use]
    pub fn shown(mut self, names: &[&str]) -> Self {
        self.shown = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Marks the form's action as one that cannot be undone.
    #[must_use]
    pub fn irrevocable(mut self) -> Self {
        self.tone = Tone::Danger;
        self
    }
}

impl Field {
    /// Creates an optional field.
    pub fn new(name: &str, label: &str, kind: FieldKind) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            value: String::new(),
            error: String::new(),
            required: false,
            kind,
        }
    }

    /// Creates a hidden field.
    pub fn hidden(name: &str, value: &str) -> Self {
        Self::new(name, "", FieldKind::Hidden).value(value)
    }

    /// Sets the value.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.value = value.to_owned();
        self
    }

    /// Sets a switch on or off.
    #[must_use]
    pub fn on(self, on: bool) -> Self {
        self.value(if on { "on" } else { "" })
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = hint.to_owned();
        self
    }

    /// Marks the field as required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets the error.
    #[must_use]
    pub fn error(mut self, error: &str) -> Self {
        self.error = error.to_owned();
        self
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Self::Text(words)
    }
}
