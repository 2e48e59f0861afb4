//! Screens: dashboard pages that the server describes and the browser only renders.
//!
//! Live pages (the board, the chats) have their own code in the browser. All other pages (settings, history, account)
//! are made up of the few blocks below, so one small component can render all of them, and forms work without
//! WebAssembly.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{Millis, file::FileCard};

/// A page of the dashboard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// The page's heading.
    pub title: String,
    /// A sentence shown below the heading. May be empty.
    pub lead: String,
    /// Links to sibling screens. May be empty.
    pub tabs: Vec<Link>,
    /// The content, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A link to another page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The target: a path on this server, or an `https:` or `mailto:` URL.
    pub to: String,
    /// The link's text.
    pub words: String,
    /// Whether the link points to the current page.
    pub here: bool,
}

/// A building block of a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A highlighted paragraph.
    Notice(Tone, String),
    /// Preformatted text, which can be copied.
    Code(String),
    /// A list of labels and their values.
    Facts(Vec<(String, Cell)>),
    /// A form.
    Form(Form),
    /// A table.
    Table(Table),
    /// A chat transcript.
    Transcript(Vec<TranscriptLine>),
    /// An image, given by its path on this server and its alternative text.
    Image(String, String),
    /// A page on this server, shown in a frame and given by its path and title. The current values of the fields in
    /// [`Form::shown`] are appended to the path as a query string.
    Frame(String, String),
    /// Links and buttons on one line.
    Links(Vec<Cell>),
}

/// The tone of a notice, badge, or form.
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
    /// Text with smaller text below it.
    TwoLines(String, String),
    /// A link to another page.
    Link(Link),
    /// A point in time, shown in the reader's time zone.
    Time(Millis),
    /// A running clock for a time zone, given as its offset from UTC in minutes.
    Clock(i32),
    /// A short highlighted text.
    Badge(Tone, String),
    /// A form, shown as just a button if all of its fields are hidden.
    Form(Form),
    /// An agent's avatar in a small size, given by its path on this server. The agent's name is shown next to it.
    Avatar(String),
    /// Several cells in one place.
    Group(Vec<Cell>),
}

/// A table with column headings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The column headings.
    pub heads: Vec<String>,
    /// The rows, each with as many cells as there are headings.
    pub rows: Vec<Vec<Cell>>,
    /// The text shown when there are no rows.
    pub empty: String,
    /// A link to the next rows, if there are more.
    pub more: Option<Link>,
}

/// A line in a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// The author's name, or empty for an event.
    pub who: String,
    /// Whether the visitor wrote it.
    pub by_visitor: bool,
    /// Whether this is a note, which only agents can see.
    pub internal: bool,
    /// When the line was stored.
    pub at: Millis,
    /// The text.
    pub text: String,
    /// A file, shown instead of the text.
    pub file: Option<FileCard>,
}

/// A form that is submitted to this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The path that the form is submitted to.
    pub to: String,
    /// What submitting the form does.
    pub kind: FormKind,
    /// The fields.
    pub fields: Vec<Field>,
    /// The submit button's label.
    pub submit: String,
    /// `Danger` for an action that cannot be undone.
    pub tone: Tone,
    /// The names of the fields whose values are previewed in the screen's frame while the form is being filled in.
    pub shown: Vec<String>,
}

/// What submitting a form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormKind {
    /// It changes something.
    Action,
    /// It only runs a query, and the fields become part of the URL.
    Query,
    /// The browser downloads a file. The fields are not put into the URL, because URLs stay in histories and logs.
    Download,
}

/// A form field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name under which the value is submitted.
    pub name: String,
    /// The label.
    pub label: String,
    /// A hint shown below the field. May be empty.
    pub hint: String,
    /// The current value. A [`FieldKind::MultiChoice`] has one value per line; a [`FieldKind::Switch`] is `on` or
    /// empty.
    pub value: String,
    /// Why the submitted value is invalid, or empty if it is valid.
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
    /// An email address.
    Email,
    /// A password.
    Password {
        /// Whether the user is choosing a new password, which determines the browser's autocomplete hint.
        new: bool,
    },
    /// A one-time code.
    OneTimeCode,
    /// An integer between two limits, inclusive.
    Number(i64, i64),
    /// Multiple lines of text, with the number of visible lines.
    Lines(u8),
    /// Exactly one of these options, each with a value and a label.
    Choice(Vec<(String, String)>),
    /// Any number of these options, each with a value and a label.
    MultiChoice(Vec<(String, String)>),
    /// An on/off switch.
    Switch,
    /// A color, in the form `#rrggbb`.
    Color,
    /// A date, in the form `YYYY-MM-DD`.
    Date,
    /// A time of day, in the form `HH:MM`.
    Time,
    /// A file, with the accepted types as in HTML's `accept` attribute.
    File(String),
    /// A field that is submitted but not shown.
    Hidden,
}

/// The result of submitting a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubmitResult {
    /// The form was processed. Go to this address.
    Redirect(String),
    /// Show this screen, which is either the form with its errors or a result.
    Render(Screen),
    /// The form was processed. Fully reload the page at this address, because parts outside the screen have changed.
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
    /// Creates a form whose submission changes something.
    pub fn new(to: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self {
            to: to.to_owned(),
            kind: FormKind::Action,
            fields,
            submit: submit.to_owned(),
            tone: Tone::Plain,
            shown: Vec::new(),
        }
    }

    /// Creates a form that is only a query.
    pub fn query(to: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self { kind: FormKind::Query, ..Self::new(to, submit, fields) }
    }

    /// Creates a form that downloads a file.
    pub fn download(to: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self { kind: FormKind::Download, ..Self::new(to, submit, fields) }
    }

    /// Sets the fields whose values are previewed in the screen's frame while the form is being filled in.
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

    /// Turns a switch on or off.
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
