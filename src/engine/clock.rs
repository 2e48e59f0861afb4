//! The server's clock. The hub's state and the store receive the time as an argument; only their callers read the
//! clock.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::Millis;

/// Returns the current time in milliseconds since the Unix epoch.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
