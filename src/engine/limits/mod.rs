//! All limits per client address, visitor and account, so that nobody can exhaust the server or guess passwords. Each
//! takes bounded memory and constant time: no table is ever walked as a whole.

pub(crate) mod audit_lines;
pub(crate) mod chat_starts;
pub(crate) mod codes;
mod concurrency;
mod connections;
pub(crate) mod daily_bytes;
pub(crate) mod emails;
mod forms;
mod network;
pub(crate) mod rate_limit;
mod requests;
pub(crate) mod sign_ins;
mod table;
pub(crate) mod tabs;
mod turns;
pub(crate) mod uploads;
pub(crate) mod visitors;
mod windows;

pub(crate) use concurrency::{ConcurrencyLimit, ConcurrencyPermit};
pub use connections::{ConnectionLimit, ConnectionPermit};
pub use forms::{FormLimit, FormPermit};
pub(crate) use network::Network;
pub use requests::{AgentRequestLimits, RequestLimits};
pub(crate) use turns::Turns;

const SECOND: protocol::Millis = 1_000;
const MINUTE: protocol::Millis = 60 * SECOND;
const HOUR: protocol::Millis = 60 * MINUTE;
const DAY: protocol::Millis = 24 * HOUR;

/// Returns a wait in whole seconds, rounded up, for a refusal.
fn seconds(wait: protocol::Millis) -> u32 {
    u32::try_from(wait.max(0).unsigned_abs().div_ceil(1_000)).unwrap_or(u32::MAX)
}
