//! What is said between browser and server, and the pure rules that both sides apply.
//!
//! Three programs read this room: the server, the dashboard in the agent's browser and the widget in the visitor's.
//! It does no I/O, and knows no clock (a time is always handed in), no database and no browser.
//!
//! In reading order: the nouns (`id`, `language`, `page`, `presence`, `availability`, `invitation`, `chat`, `contact`, `file`), the pure rules over
//! them (`status`, `action`, `courtesy`, `opening_hours`), the board and how an agent likes to see it (`preferences`), the two
//! conversations (`visitor`, `agent`) and what calls an agent (`notice`), the pages that are looked up or
//! filled in (`screen`), how either can fail (`refusal`, `close_reason`), the bounds of everything (`limits`), the bytes (`codec`)
//! the words people read (`i18n`, `widget_strings`)
//! and the links in what they write (`link_detection`).

// For the widget, which is built without the standard library: it would weigh too much.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod id;
pub mod language;
pub mod page;
pub mod presence;

pub mod availability;
pub mod canned_reply;
pub mod chat;
pub mod concierge;
pub mod contact;
pub mod file;
pub mod invitation;
pub mod note;

pub mod action;
pub mod invitation_policy;
pub mod opening_hours;
pub mod status;

pub mod board;
pub mod preferences;

pub mod agent;
pub mod notice;
pub mod visitor;

pub mod screen;

pub mod close_reason;
pub mod refusal;

pub mod codec;
pub mod i18n;
pub mod limits;
pub mod link_detection;
pub mod widget_strings;

/// The version of the frames. It stands in the addresses of both sockets and in both hellos: postcard does not describe
/// itself, so a widget of another version must be told to reload, never be misread.
pub const VERSION: u16 = 1;

/// A point in time: milliseconds since 1970-01-01 UTC, by the server's clock.
pub type Millis = i64;
