//! The product without the web: who is there, who was asked, who talks to whom.
//!
//! In reading order: `settings` and `clock`; opening hours by the clocks of the world (`opening`); what is cleaned before anyone
//! sees it (`page`, `browser`); the record (`store`, `sessions`), who may do what (`permission`) and look how far back (`history`); the live view of it
//! (`floor`); what people do (`desk`); and what a socket holds (`seat`).
//! It knows neither axum nor leptos. Only the database settles a race; memory is a view of it.

pub mod settings;

mod email;
pub mod flaw;
pub mod password;
pub mod picture;

pub mod browser;
pub mod clock;
pub mod opening;
pub mod page;

mod factor;
pub mod history;
pub mod permission;
pub mod routing;
pub mod sessions;
pub mod store;

mod floor;

mod desk;
pub mod people;
pub mod places;
pub mod seat;

pub use desk::{Engine, Figures};
pub use floor::Counted;
pub use permission::Deed;
pub use seat::{AgentSeat, Caller, Outgoing, VisitorSeat};
pub use sessions::{Entrance, Principal, Sessions};
pub use settings::{Settings, TabLimits, Timers};
pub use store::{Store, StoreError};
