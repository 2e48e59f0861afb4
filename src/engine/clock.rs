//! The server's clock. The hub and the operations receive the time as an argument; only their callers read this clock.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::Millis;

/// Returns the current time in milliseconds since 1970 UTC.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
