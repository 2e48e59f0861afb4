//! The behavior of a simulated visitor, who browses, answers or ignores invitations, chats briefly, and leaves. The
//! same seed always produces the same behavior.

use std::time::Duration;

use protocol::{
    invitation::{Answer, VisitorInvitation},
    page::Page,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A site that simulated visitors browse.
#[derive(Clone, Debug)]
pub struct Site {
    /// The concierge's key.
    pub key: String,
    /// The site's origin.
    pub host: String,
    /// The path and title of each page.
    pub pages: Vec<(String, String)>,
}

/// How a visitor responds to invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationResponse {
    /// Accepts them.
    Accepts,
    /// Denies them.
    Denies,
    /// Never answers them.
    Ignores,
}

/// One visitor's behavior, derived from a seed.
#[derive(Debug)]
pub struct Behavior {
    random: StdRng,
    /// The response to invitations.
    pub attitude: InvitationResponse,
    /// The browser's user agent.
    pub user_agent: &'static str,
    /// The time zone and the `Accept-Language` header.
    pub locale: (&'static str, &'static str),
    /// The referrer, or an empty string for a direct visit.
    pub referrer: &'static str,
    /// The `utm_` parameters in the first page's URL, which are often empty.
    pub campaign: &'static str,
    /// The number of pages left to visit.
    pub pages_left: u32,
    lines: usize,
}

const BROWSERS: [&str; 7] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
];

const LOCALES: [(&str, &str); 10] = [
    ("Europe/London", "en-GB,en;q=0.9"),
    ("Europe/London", "en-GB,en;q=0.9"),
    ("America/New_York", "en-US,en;q=0.9"),
    ("Europe/Berlin", "de-DE,de;q=0.9,en;q=0.7"),
    ("Europe/Vienna", "de-AT,de;q=0.9"),
    ("Europe/Paris", "fr-FR,fr;q=0.9"),
    ("Europe/Oslo", "nb-NO,nb;q=0.9"),
    ("America/Vancouver", "en-CA,en;q=0.9"),
    ("Asia/Tokyo", "ja-JP,ja;q=0.9"),
    ("Australia/Sydney", "en-AU,en;q=0.9"),
];

/// Referrers and their matching campaign parameters.
const TRAFFIC_SOURCES: [(&str, &str); 9] = [
    ("", ""),
    ("https://search.example/", ""),
    ("https://search.example/", ""),
    ("https://search.example/", "utm_source=search&utm_medium=cpc&utm_campaign=autumn-boots&utm_term=hiking+boots"),
    ("https://www.hillwalkers.example/forum/light-tents", ""),
    ("https://mail.example/", "utm_source=newsletter&utm_medium=email&utm_campaign=november"),
    (
        "https://pictures.example/riverside.outfitters",
        "utm_source=pictures&utm_medium=social&utm_campaign=heron-launch",
    ),
    ("https://www.trail-tests.example/2026/ten-best-packs", ""),
    ("", "utm_source=flyer&utm_campaign=shop-window"),
];

const MESSAGES: [&str; 6] = [
    "Hi! Yes, I have a question.",
    "Do the Ridgeline boots run true to size?",
    "And how long does delivery take?",
    "Great, that helps.",
    "One more thing: can I return them if they don't fit?",
    "Thank you, that's all I needed!",
];

impl Behavior {
    /// Creates the behavior for the given seed.
    pub fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let attitude = match random.random_range(0..10) {
            0..6 => InvitationResponse::Accepts,
            6..8 => InvitationResponse::Denies,
            _ => InvitationResponse::Ignores,
        };
        let user_agent = BROWSERS[random.random_range(0..BROWSERS.len())];
        let pages_left = random.random_range(4..20);
        let locale = LOCALES[random.random_range(0..LOCALES.len())];
        let (referrer, campaign) = TRAFFIC_SOURCES[random.random_range(0..TRAFFIC_SOURCES.len())];
        Self { random, attitude, user_agent, locale, referrer, campaign, pages_left, lines: 0 }
    }

    /// Returns the landing page, including any campaign parameters.
    pub fn first_page(&mut self, site: &Site) -> Page {
        let page = self.page(site);
        if self.campaign.is_empty() { page } else { Page { url: format!("{}?{}", page.url, self.campaign), ..page } }
    }

    /// Returns the next page.
    pub fn page(&mut self, site: &Site) -> Page {
        let (path, title) = &site.pages[self.random.random_range(0..site.pages.len())];
        Page { url: format!("{}{path}", site.host), title: title.clone() }
    }

    /// Returns how long the visitor stays on a page (5 to 40 seconds).
    pub fn page_duration(&mut self) -> Duration {
        Duration::from_millis(self.random.random_range(5_000..40_000))
    }

    /// Returns the delay before a message or click (1.5 to 7 seconds).
    pub fn reply_delay(&mut self) -> Duration {
        Duration::from_millis(self.random.random_range(1_500..7_000))
    }

    /// Returns the answer to an invitation, if any.
    pub fn answer(&self, _invitation: &VisitorInvitation) -> Option<Answer> {
        match self.attitude {
            InvitationResponse::Accepts => Some(Answer::Accept),
            InvitationResponse::Denies => Some(Answer::Deny),
            InvitationResponse::Ignores => None,
        }
    }

    /// Returns the next message, or `None` after the last one.
    pub fn next_message(&mut self) -> Option<&'static str> {
        let line = MESSAGES.get(self.lines).copied();
        self.lines += 1;
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_same_behavior() {
        let (mut one, mut other) = (Behavior::new(7), Behavior::new(7));
        assert_eq!(one.attitude, other.attitude);
        assert_eq!((one.page_duration(), one.reply_delay()), (other.page_duration(), other.reply_delay()));
    }
}
