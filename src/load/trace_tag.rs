//! Trace tags that simulated visitors and agents include in everything they send. Each tag contains the sender, a
//! sequence number, and the time it was sent, which the receiver uses to compute the latency.

use std::time::{Duration, SystemTime};

use protocol::{id::ClientId, page::Page};
use uuid::Uuid;

/// The path prefix of a trace tag.
const PLACE: &str = "/load/";

/// The sender, sequence number, and send time of a page change or message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceTag {
    /// The number of the visitor or agent.
    pub(crate) who: u32,
    /// The sequence number per sender and kind, starting at 1.
    pub(crate) count: u32,
    /// The time in microseconds since the Unix epoch, by the clock that all processes on a machine share.
    pub(crate) at: u64,
}

/// Returns the current time in microseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Returns the number of microseconds that have passed since `at`, a time returned by [`now`].
pub(crate) fn since(at: u64) -> u64 {
    now().saturating_sub(at)
}

impl TraceTag {
    /// Creates a tag with the current time.
    pub(crate) fn now(who: u32, count: u32) -> Self {
        Self { who, count, at: now() }
    }

    /// Encodes the tag as a page on a site.
    pub(crate) fn page(self, site: &str) -> Page {
        Page { url: format!("{site}{PLACE}{}", self.words()), title: format!("Ridgeline boots, page {}", self.count) }
    }

    /// Decodes the tag from a page's URL.
    pub(crate) fn of_page(page: &Page) -> Option<Self> {
        Self::of_address(&page.url)
    }

    /// Decodes the tag from a URL.
    pub(crate) fn of_address(url: &str) -> Option<Self> {
        url.split_once(PLACE).and_then(|(_, words)| Self::of_words(words))
    }

    /// Encodes the tag as a message text.
    pub(crate) fn text(self) -> String {
        format!("{} Do the Ridgeline boots run true to size?", self.words())
    }

    /// Decodes the tag from a message text.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        Self::of_words(text.split(' ').next()?)
    }

    /// Encodes the tag as a message's client id.
    pub(crate) fn client_id(self) -> ClientId {
        ClientId(Uuid::from_u64_pair(self.at, u64::from(self.who) << 32 | u64::from(self.count)))
    }

    /// Decodes the send time from a client id.
    pub(crate) fn time_of(client_id: ClientId) -> u64 {
        client_id.0.as_u64_pair().0
    }

    fn words(self) -> String {
        format!("{}/{}/{}", self.who, self.count, self.at)
    }

    fn of_words(words: &str) -> Option<Self> {
        let mut words = words.split('/');
        let tag = Self {
            who: words.next()?.parse().ok()?,
            count: words.next()?.parse().ok()?,
            at: words.next()?.parse().ok()?,
        };
        words.next().is_none().then_some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_tag_round_trips() {
        let tag = TraceTag::now(18_999, 7);
        assert_eq!(TraceTag::of_page(&tag.page("https://load.test")), Some(tag));
        assert_eq!(TraceTag::of_text(&tag.text()), Some(tag));
        assert_eq!(TraceTag::time_of(tag.client_id()), tag.at);
    }

    #[test]
    fn foreign_text_has_no_trace_tag() {
        for text in ["", "Hello", "1/2", "1/2/3/4", "1/2/x Hello"] {
            assert_eq!(TraceTag::of_text(text), None, "{text}");
        }
        let page = Page { url: "https://load.test/boots/1/2/3".into(), title: String::new() };
        assert_eq!(TraceTag::of_page(&page), None);
    }
}
