//! Limits how much a single visitor can write, and how often their browser can ask for the chat again.

use protocol::id::VisitorId;

use super::{HOUR, MINUTE, SECOND, daily_bytes::DailyBytes, rate_limit::RateLimit, windows::Rate};
use crate::settings::VisitorLimits;

/// The limits of visitors. Those of chats are in [`super::chat_starts`].
#[derive(Debug)]
pub(crate) struct VisitorRateLimits {
    /// Messages and files. Only those that are stored count: the same message may arrive many times.
    pub(crate) messages: RateLimit<VisitorId>,
    /// Requests for the entries of the chat, each of which the server may have to read from the start.
    pub(crate) resumes: RateLimit<VisitorId>,
    /// The bytes written per day, per address and per organization.
    pub(crate) bytes: DailyBytes,
}

impl VisitorRateLimits {
    pub(crate) fn new(limits: &VisitorLimits) -> Self {
        Self {
            messages: RateLimit::new(vec![
                Rate { most: limits.messages_per_ten_seconds, within: 10 * SECOND },
                Rate { most: limits.messages_per_hour, within: HOUR },
            ]),
            resumes: RateLimit::new(vec![Rate { most: limits.resumes_per_minute, within: MINUTE }]),
            bytes: DailyBytes::new(limits),
        }
    }
}
