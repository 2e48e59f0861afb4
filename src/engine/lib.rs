//! The engine: everything except the web layer. Tracks visitors, invitations and chats.
//!
//! Modules, in reading order:
//! - configuration and time: `settings`, `duration`, `clock`
//! - input validation: `email_address`, `password`, `avatar`, `files`, and `validation` for the errors it reports
//! - cleaning of untrusted input before anyone sees it: `page`, `user_agent`, `traffic_source`
//! - opening hours across time zones: `opening_hours`
//! - persistence and sign-in: `store`, `sessions`, the second factor in `totp`
//! - e-mail: `mail_queue`
//! - who may do what (`permission`), read which chats (`read_scope`), and is offered a chat (`routing`)
//! - the live state: `hub`
//! - what users do: `operations` for chats, `people` for agents, `concierges` for concierges
//! - per-socket logic: `connection`
//!
//! The engine depends on neither axum nor leptos. Only the database settles a race; memory is a view of it.

pub mod duration;
pub mod settings;

pub mod avatar;
mod email_address;
pub mod files;
pub mod password;
pub mod validation;

pub mod clock;
pub mod opening_hours;
pub mod page;
pub mod traffic_source;
pub mod user_agent;

pub mod mail_queue;
pub mod permission;
pub mod read_scope;
pub mod routing;
pub mod sessions;
pub mod store;
mod totp;

mod hub;
pub(crate) mod outbound_queue;

// The integration tests include the same file and refer to the engine by its crate name.
#[cfg(test)]
extern crate self as engine;
#[cfg(test)]
#[path = "../tests/test_database.rs"]
mod test_database;

pub mod concierges;
pub mod connection;
mod operations;
pub mod people;

// The hub is private; this module exposes what its benchmarks need.
#[doc(hidden)]
pub mod bench_support;

pub use connection::{AgentConnection, ClientInfo, Outgoing, SessionCheck, VisitorConnection};
pub use hub::BoardCounts;
pub use mail_queue::MailQueue;
pub use operations::{Engine, FileUpload, SentFile, Stats, StoredFile, UploadStart, VisitorPanel};
pub use permission::Permission;
pub use sessions::{Principal, Sessions, SignIn};
pub use settings::{FileRules, Settings, TabLimits, Timers};
pub use store::{Store, StoreError};
