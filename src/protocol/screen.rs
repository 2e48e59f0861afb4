//! A screen: a page of the dashboard that is looked up or filled in, as the server describes it.
//!
//! What is live (the board, the chats) is drawn by code of its own in the browser. Everything else (settings, history, one's own
//! account) is made of the few blocks below, so that one small part draws all of it, and forms work without the browser's half.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{Millis, file::FileCard};

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Its heading.
    pub title: String,
    /// One sentence below it; may be empty.
    pub lead: String,
    /// The screens beside it; may be none.
    pub tabs: Vec<Link>,
    /// What stands on it, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A way to another page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The address: a path of our own, or `https:` or `mailto:`.
    pub to: String,
    /// What is read.
    pub words: String,
    /// It is the page that one is on.
    pub here: bool,
}

/// A part of a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that stands out.
    Notice(Tone, String),
    /// Something to be copied, as it is.
    Code(String),
    /// Labels and what stands behind them.
    Facts(Vec<(String, Cell)>),
    /// Something to fill in.
    Form(Form),
    /// Rows.
    Table(Table),
    /// A conversation as it was.
    Transcript(Vec<TranscriptLine>),
    /// A image: its address on this server, and what it shows.
    Image(String, String),
    /// Another page of this server, in a frame: its address, and what it shows. What changes in the fields that
    /// a form on the screen shows is asked for besides.
    Frame(String, String),
    /// Ways to other pages, and buttons, in one line.
    Links(Vec<Cell>),
}

/// How something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Look at it.
    Danger,
}

/// What one reads in a row, or behind a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words and, smaller, more words below.
    TwoLines(String, String),
    /// A way to another page.
    Link(Link),
    /// A moment, in the reader's time zone.
    Time(Millis),
    /// The time of day where the clocks are so many minutes ahead of UTC; it goes on.
    Clock(i32),
    /// A word that stands out.
    Badge(Tone, String),
    /// A form; with hidden fields only, it is a button.
    Form(Form),
    /// An agent's avatar, small: its address on this server. His name stands beside it.
    Avatar(String),
    /// Several in one place.
    Group(Vec<Cell>),
}

/// Rows with a head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The words above the columns.
    pub heads: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<Cell>>,
    /// What is read when there is no row.
    pub empty: String,
    /// The way to the rows that follow.
    pub more: Option<Link>,
}

/// A line of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLine {
    /// Who; empty: nobody, it tells what happened.
    pub who: String,
    /// Which side it stands on.
    pub by_visitor: bool,
    /// For agents only.
    pub internal: bool,
    /// When.
    pub at: Millis,
    /// What.
    pub text: String,
    /// Instead of it, a file.
    pub file: Option<FileCard>,
}

/// Something to fill in. It is sent to an address of this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Where it is sent to.
    pub to: String,
    /// It asks (its fields become part of the address) and changes nothing.
    pub is_query: bool,
    /// What is filled in.
    pub fields: Vec<Field>,
    /// The word on its button.
    pub submit: String,
    /// `Danger` for what cannot be taken back.
    pub tone: Tone,
    /// The names of the fields that the frame on the screen shows as they are filled in.
    pub shown: Vec<String>,
}

/// One thing to fill in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in what is sent.
    pub name: String,
    /// The words beside it.
    pub label: String,
    /// A sentence below it; may be empty.
    pub hint: String,
    /// What stands in it. Of [`FieldKind::MultiChoice`], one a line; of [`FieldKind::Switch`], `on` or nothing.
    pub value: String,
    /// Why what was sent cannot be; empty: it can.
    pub error: String,
    /// It cannot be left out.
    pub required: bool,
    /// What it is.
    pub kind: FieldKind,
}

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// One line.
    Line,
    /// One line, with suggestions.
    Suggested(Vec<String>),
    /// An e-mail address.
    Email,
    /// A password; the browser is told whether it is a new one.
    Password {
        /// It is being chosen.
        new: bool,
    },
    /// A code that was sent or shown elsewhere.
    OneTimeCode,
    /// A whole number, from and to.
    Number(i64, i64),
    /// Several lines; how many are seen at once.
    Lines(u8),
    /// One of these: value and words.
    Choice(Vec<(String, String)>),
    /// Any of these: value and words.
    MultiChoice(Vec<(String, String)>),
    /// On or off.
    Switch,
    /// `#rrggbb`
    Color,
    /// `YYYY-MM-DD`
    Date,
    /// `HH:MM`
    Time,
    /// A file of one of these types (as HTML's `accept`).
    File(String),
    /// Sent, but not seen.
    Hidden,
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubmitResult {
    /// It is done; here it goes on.
    Redirect(String),
    /// Something in it cannot be, and the screen says what.
    Render(Screen),
    /// It is done, and the page is another: here it is loaded anew.
    Reload(String),
}

impl Screen {
    /// An empty screen.
    pub fn new(title: &str, lead: &str) -> Self {
        Self { title: title.to_owned(), lead: lead.to_owned(), ..Self::default() }
    }

    /// With one more block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Link {
    /// A way to another page.
    pub fn new(to: &str, words: &str) -> Self {
        Self { to: to.to_owned(), words: words.to_owned(), here: false }
    }
}

impl Form {
    /// A form that changes something.
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

    /// A form that only asks.
    pub fn query(to: &str, submit: &str, fields: Vec<Field>) -> Self {
        Self { is_query: true, ..Self::new(to, submit, fields) }
    }

    /// The frame on the screen shows these fields as they are filled in.
    #[must_use]
    pub fn shown(mut self, names: &[&str]) -> Self {
        self.shown = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// What it does cannot be taken back.
    #[must_use]
    pub fn irrevocable(mut self) -> Self {
        self.tone = Tone::Danger;
        self
    }
}

impl Field {
    /// A field that may be left out.
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

    /// What is sent with the form and not seen.
    pub fn hidden(name: &str, value: &str) -> Self {
        Self::new(name, "", FieldKind::Hidden).value(value)
    }

    /// With something in it.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.value = value.to_owned();
        self
    }

    /// Switched on or off.
    #[must_use]
    pub fn on(self, on: bool) -> Self {
        self.value(if on { "on" } else { "" })
    }

    /// With a sentence below it.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = hint.to_owned();
        self
    }

    /// It cannot be left out.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What was sent cannot be.
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
