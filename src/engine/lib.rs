//! The engine: everything except the web layer. It tracks visitors, invitations, and chats.
//!
//! The modules, in the order in which they are best read:
//! - configuration and time: `settings`, `duration`, `clock`
//! - input validation: `email_address`, `password`, `avatar`, `files`, and `validation` for the errors it reports
//! - sanitizing untrusted input before anyone sees it: `page`, `user_agent`, `traffic_source`
//! - opening hours across time zones: `opening_hours`
//! - persistence and sign-in: `store`, `sessions`, and `totp` for the second factor
//! - email: `mail_queue`
//! - access: who may do what (`permission`), who may read which past chats (`history_scope`), and who is offered a chat
//!   (`routing`)
//! - live state: `hub`
//! - user actions: `operations` for chats, `people` for agents, and `concierges` for concierges
//! - per-socket logic: `connection`
//!
//! The engine depends on neither axum nor Leptos. Only the database resolves races; the in-memory state is just a view
//! of it.

pub mod duration;
pub mod settings;

mod audit_queue;
pub mod avatar;
pub mod email_address;
pub mod files;
pub mod password;
mod password_hasher;
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

mod free_disk;
mod hub;
mod limits;
pub(crate) mod outbound_queue;

// The integration tests also include this file, and they refer to the engine by its crate name.
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
pub use email_address::EmailAddress;
pub use free_disk::FreeDiskStats;
pub use hub::BoardCounts;
pub use limits::{AgentRequestLimits, ConnectionLimit, ConnectionPermit, FormLimit, FormPermit, RequestLimits};
pub use mail_queue::MailQueue;
pub use operations::{Engine, FileUpload, LeftMessage, SentFile, Stats, StoredFile, UploadStart, VisitorPanel};
pub use permission::Permission;
pub use sessions::{Principal, Sessions, SignIn};
pub use settings::{
    DiskSettings, EmailLimits, ExportLimits, FileRules, RequestRates, SearchLimits, Settings, SignInLimits, TabLimits,
    Timers, UploadLimits, VisitLimits, VisitorLimits,
};
pub use store::{Store, StoreError};
