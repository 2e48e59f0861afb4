//! What a simulated visitor or agent writes of himself into what he says: who he is, the how-manieth it is, and when he said
//! it. Whoever reads it knows how long it was on its way.

use std::time::{Duration, SystemTime};

use protocol::{id::ClientId, page::Page};
use uuid::Uuid;

/// What stands before a trace tag in a path.
const PLACE: &str = "/load/";

/// One thing that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceTag {
    /// Which visitor, or which agent.
    pub(crate) who: u32,
    /// The how-manieth of his kind, from 1.
    pub(crate) count: u32,
    /// Microseconds since 1970, by the clock that all processes of a machine share.
    pub(crate) at: u64,
}

/// The time of trace tags, microseconds.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds since a time of [`now`].
pub(crate) fn since(at: u64) -> u64 {
    now().saturating_sub(at)
}

impl TraceTag {
    /// A trace tag of this moment.
    pub(crate) fn now(who: u32, count: u32) -> Self {
        Self { who, count, at: now() }
    }

    /// As the page of a site that a visitor goes to.
    pub(crate) fn page(self, site: &str) -> Page {
        Page { url: format!("{site}{PLACE}{}", self.words()), title: format!("Ridgeline boots, page {}", self.count) }
    }

    /// The trace tag in a page's address.
    pub(crate) fn of_page(page: &Page) -> Option<Self> {
        Self::of_address(&page.url)
    }

    /// The trace tag in an address.
    pub(crate) fn of_address(url: &str) -> Option<Self> {
        url.split_once(PLACE).and_then(|(_, words)| Self::of_words(words))
    }

    /// As something that is written to the other side.
    pub(crate) fn text(self) -> String {
        format!("{} Do the Ridgeline boots run true to size?", self.words())
    }

    /// The trace tag in what somebody wrote.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        Self::of_words(text.split(' ').next()?)
    }

    /// As the name of a message.
    pub(crate) fn client_id(self) -> ClientId {
        ClientId(Uuid::from_u64_pair(self.at, u64::from(self.who) << 32 | u64::from(self.count)))
    }

    /// When a message of this name was said.
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
    fn a_trace_tag_is_read_as_it_was_written() {
        let tag = TraceTag::now(18_999, 7);
        assert_eq!(TraceTag::of_page(&tag.page("https://load.test")), Some(tag));
        assert_eq!(TraceTag::of_text(&tag.text()), Some(tag));
        assert_eq!(TraceTag::time_of(tag.client_id()), tag.at);
    }

    #[test]
    fn what_somebody_else_wrote_has_no_trace_tag() {
        for text in ["", "Hello", "1/2", "1/2/3/4", "1/2/x Hello"] {
            assert_eq!(TraceTag::of_text(text), None, "{text}");
        }
        let page = Page { url: "https://load.test/boots/1/2/3".into(), title: String::new() };
        assert_eq!(TraceTag::of_page(&page), None);
    }
}
