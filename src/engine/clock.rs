//! The server's clock. The hub and the operations are handed a time; only what stands at the edge asks for one.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::Millis;

/// Now, in milliseconds since 1970 UTC.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
