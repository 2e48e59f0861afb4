//! The frames exchanged between browser and server, and the pure rules that both sides apply.
//!
//! Three programs share this crate: the server, the dashboard in the agent's browser, and the widget in the visitor's
//! browser. It does no I/O and doesn't depend on a clock (the time is always passed in), a database, or a browser.
//!
//! Suggested reading order:
//! - data types: `id`, `language`, `page`, `presence`, `availability`, `invitation`, `chat`, `contact`,
//!   `file`, `note`, `canned_reply`, `concierge`
//! - pure rules: `status`, `action`, `invitation_policy`, `opening_hours`
//! - the board and each agent's view of it: `board`, `preferences`
//! - the frames on both sockets, and notices for agents: `visitor`, `agent`, `notice`
//! - pages described by the server: `screen`
//! - errors: `refusal`, `close_reason`
//! - limits and encoding: `limits`, `codec`
//! - localized text, and links in messages: `i18n`, `widget_strings`, `link_detection`

// The widget is built without the standard library to stay within its size budget.
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

/// The protocol version. Both socket URLs and both hellos include it. Postcard is not self-describing, so a widget with
/// a different version must be told to reload rather than have its frames misread.
pub const VERSION: u16 = 1;

/// A point in time, in milliseconds since 1970-01-01 UTC according to the server's clock.
pub type Millis = i64;
