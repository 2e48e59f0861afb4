//! The product without the web: who is there, who was asked, who talks to whom.
//!
//! In reading order: `settings`, `duration` and `clock`; what is checked before it is believed (`email_address`, `password`, `avatar`, `files`, and the
//! `field_error` that is told) or cleaned before anyone sees it (`page`, `user_agent`, `traffic_source`); opening hours by the clocks of the world (`opening_hours`);
//! the record (`store`, `sessions`, the second `factor`), letters (`post`), who may do what (`permission`), look how far back (`history_scope`) and is offered a
//! chat (`routing`); the live view of it (`hub`); what is done in chats (`operations`), with `people` and with `places`; and what a
//! socket holds (`connection`).
//! It knows neither axum nor leptos. Only the database settles a race; memory is a view of it.

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

pub mod history_scope;
pub mod mail_queue;
pub mod permission;
pub mod routing;
pub mod sessions;
pub mod store;
mod totp;

mod hub;
pub(crate) mod outbound_queue;

// The stories have the same file, and know the engine by its name.
#[cfg(test)]
extern crate self as engine;
#[cfg(test)]
#[path = "../tests/test_database.rs"]
mod test_database;

pub mod concierges;
pub mod connection;
mod operations;
pub mod people;

// The hub is private; what its benches need of it is not.
#[doc(hidden)]
pub mod bench_support;

pub use connection::{AgentConnection, ClientInfo, Outgoing, VisitorConnection};
pub use hub::BoardCounts;
pub use mail_queue::MailQueue;
pub use operations::{Engine, FileUpload, SentFile, Stats, StoredFile, UploadStart, VisitorPanel};
pub use permission::Permission;
pub use sessions::{Principal, Sessions, SignIn};
pub use settings::{FileRules, Settings, TabLimits, Timers};
pub use store::{Store, StoreError};
