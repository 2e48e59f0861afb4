//! What a simulated visitor does: roams, answers or does not, chats a little, leaves. The same seed does the same.

use std::time::Duration;

use protocol::{
    invitation::{Answer, VisitorInvitation},
    page::Page,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Where simulated visitors roam.
#[derive(Clone, Debug)]
pub struct Site {
    /// The key of the concierge.
    pub key: String,
    /// The origin of the pages.
    pub host: String,
    /// Path and title of each page.
    pub pages: Vec<(String, String)>,
}

/// What a visitor does about an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attitude {
    /// Says yes.
    Accepts,
    /// Says no.
    Denies,
    /// Never answers.
    Ignores,
}

/// A visitor's habits.
#[derive(Debug)]
pub struct Habits {
    random: StdRng,
    /// What he does about invitations.
    pub attitude: Attitude,
    /// His browser.
    pub user_agent: &'static str,
    /// How many more pages he looks at.
    pub pages_left: u32,
    lines: usize,
}

const BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
];

const LINES: [&str; 6] = [
    "Hi! Yes, I have a question.",
    "Do the Ridgeline boots run true to size?",
    "And how long does delivery take?",
    "Great, that helps.",
    "One more thing: can I return them when they do not fit?",
    "Thank you, that is all I needed!",
];

impl Habits {
    /// The habits of this seed.
    pub fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let attitude = match random.random_range(0..10) {
            0..6 => Attitude::Accepts,
            6..8 => Attitude::Denies,
            _ => Attitude::Ignores,
        };
        let user_agent = BROWSERS[random.random_range(0..BROWSERS.len())];
        let pages_left = random.random_range(4..20);
        Self { random, attitude, user_agent, pages_left, lines: 0 }
    }

    /// The next page.
    pub fn page(&mut self, site: &Site) -> Page {
        let (path, title) = &site.pages[self.random.random_range(0..site.pages.len())];
        Page { url: format!("{}{path}", site.host), title: title.clone() }
    }

    /// How long he stays on a page.
    pub fn stay(&mut self) -> Duration {
        Duration::from_millis(self.random.random_range(5_000..40_000))
    }

    /// How long he thinks before a word or a click.
    pub fn think(&mut self) -> Duration {
        Duration::from_millis(self.random.random_range(1_500..7_000))
    }

    /// What he answers to this invitation, if he does.
    pub fn answer(&self, _invitation: &VisitorInvitation) -> Option<Answer> {
        match self.attitude {
            Attitude::Accepts => Some(Answer::Accept),
            Attitude::Denies => Some(Answer::Deny),
            Attitude::Ignores => None,
        }
    }

    /// What he says next; after a while nothing.
    pub fn line(&mut self) -> Option<&'static str> {
        let line = LINES.get(self.lines).copied();
        self.lines += 1;
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_does_the_same() {
        let (mut one, mut other) = (Habits::new(7), Habits::new(7));
        assert_eq!(one.attitude, other.attitude);
        assert_eq!((one.stay(), one.think()), (other.stay(), other.think()));
    }
}
