//! A message that was refused for now. The tab sends it again later. Messages that the tab sent in the meantime must
//! not be stored before it.

use std::time::{Duration, Instant};

use protocol::{id::ClientId, limits::HEARTBEAT_INTERVAL_MS, refusal::Refusal};

/// How long other messages wait for it: two heartbeats. By then, a tab that is still connected has read the refusal and
/// sends nothing before this message, or, if the disk was full, has sent it again.
const WAITED_FOR: Duration = Duration::from_millis(2 * HEARTBEAT_INTERVAL_MS as u64);

/// The tab's message that was refused last.
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

    /// Returns why another message is refused, or `None` if it is not.
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
