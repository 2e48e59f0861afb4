//! The product without the web: who is there, who was asked, who talks to whom.
//!
//! In reading order: `settings`, `duration` and `clock`; what is checked before it is believed (`email`, `password`, `avatar`, `files`, and the
//! `field_error` that is told) or cleaned before anyone sees it (`page`, `browser`, `source`); opening hours by the clocks of the world (`opening`);
//! the record (`store`, `sessions`, the second `factor`), letters (`post`), who may do what (`permission`), look how far back (`history`) and is offered a
//! chat (`routing`); the live view of it (`hub`); what is done in chats (`operations`), with `people` and with `places`; and what a
//! socket holds (`connection`).
//! It knows neither axum nor leptos. Only the database settles a race; memory is a view of it.

pub mod duration;
pub mod settings;

pub mod avatar;
mod email;
pub mod files;
pub mod password;
pub mod validation;

pub mod browser;
pub mod clock;
pub mod opening;
pub mod page;
pub mod source;

pub mod history;
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
pub use hub::Counted;
pub use mail_queue::MailQueue;
pub use operations::{Engine, Incoming, KeptFile, Sending, SentFile, Stats, VisitorPanel};
pub use permission::Permission;
pub use sessions::{Principal, Sessions, SignIn};
pub use settings::{FileRules, Settings, TabLimits, Timers};
pub use store::{Store, StoreError};
