//! A message that was refused for now. The tab sends it again later, and those that it had sent in the meantime must not be
//! stored before it.

use std::time::{Duration, Instant};

use protocol::{id::ClientId, limits::HEARTBEAT_INTERVAL_MS, refusal::Refusal};

/// How long other messages wait for it: two heartbeats. Until then, a tab that is still there has read the refusal, and
/// sends nothing before the message, or has sent it again because the disk was full.
const WAITED_FOR: Duration = Duration::from_millis(2 * HEARTBEAT_INTERVAL_MS as u64);

/// The message of a tab that was refused last.
pub(super) struct PostponedMessage {
    client_id: ClientId,
    refusal: Refusal,
    since: Instant,
}

impl PostponedMessage {
    /// Returns the refused message if the tab keeps it and sends it again.
    pub(super) fn new(client_id: ClientId, refusal: &Refusal) -> Option<Self> {
        let is_kept = matches!(refusal, Refusal::TooMany { .. } | Refusal::StorageFull);
        is_kept.then(|| Self { client_id, refusal: refusal.clone(), since: Instant::now() })
    }

    pub(super) fn is(&self, client_id: ClientId) -> bool {
        self.client_id == client_id
    }

    /// Returns why another message is refused, if it is.
    pub(super) fn refusal_of(&self, other: ClientId) -> Option<Refusal> {
        let waited = self.since.elapsed();
        (!self.is(other) && waited < WAITED_FOR).then(|| match self.refusal {
            Refusal::TooMany { retry_after } => {
                let waited = u32::try_from(waited.as_secs()).unwrap_or(u32::MAX);
                Refusal::TooMany { retry_after: retry_after.saturating_sub(waited).max(1) }
            }
            _ => self.refusal.clone(),
        })
    }
}
