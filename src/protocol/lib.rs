//! The frames between browser and server, and the pure rules that both sides apply.
//!
//! Three programs use this crate: the server, the dashboard in the agent's browser, and the widget in the visitor's. It
//! does no I/O and depends on no clock (the time is always passed in), no database and no browser.
//!
//! In reading order:
//! - data types: `id`, `language`, `page`, `presence`, `availability`, `invitation`, `chat`, `contact`,
//!   `file`, `note`, `canned_reply`, `concierge`
//! - pure rules: `status`, `action`, `invitation_policy`, `opening_hours`
//! - the board, and each agent's view of it: `board`, `preferences`
//! - the frames of both sockets, and notices for agents: `visitor`, `agent`, `notice`
//! - pages described by the server: `screen`
//! - errors: `refusal`, `close_reason`
//! - limits and encoding: `limits`, `codec`
//! - texts, and links in messages: `i18n`, `widget_strings`, `link_detection`

// For the widget, which is built without the standard library to stay within its size budget.
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

/// The version of the frames, part of both sockets' addresses and of both hellos. Postcard is not self-describing, so a
/// widget of another version must be told to reload, never be misread.
pub const VERSION: u16 = 1;

/// A point in time: milliseconds since 1970-01-01 UTC, by the server's clock.
pub type Millis = i64;
