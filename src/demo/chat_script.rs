//! The contents of the demo's past chats: what visitors ask, where they come from, and which pages they view.

use engine::user_agent::Device;

use super::attachments::{Attachment, RETURN_LABEL, TORN_ZIP};

/// The organization that owns the demo.
pub(super) const ORGANIZATION: &str = "Riverside Outfitters";

/// A short conversation: the visitor's question, the agent's answer, the visitor's reply, and the chat's tag.
pub(super) struct Conversation {
    pub(super) question: &'static str,
    pub(super) answer: &'static str,
    pub(super) thanks: &'static str,
    pub(super) tag: &'static str,
    /// The visitor's attachment, sent with the question.
    pub(super) sent: Option<Attachment>,
    /// The agent's attachment, sent with the answer.
    pub(super) given: Option<Attachment>,
}

const fn conversation(
    question: &'static str,
    answer: &'static str,
    thanks: &'static str,
    tag: &'static str,
) -> Conversation {
    Conversation { question, answer, thanks, tag, sent: None, given: None }
}

/// The conversations of most past chats.
pub(super) const CONVERSATIONS: [Conversation; 8] = [
    conversation(
        "Hi, do the Ridgeline boots run small?",
        "They're true to size. If you wear thick socks, go half a size up.",
        "Perfect, just ordered them. Thanks!",
        "sizes",
    ),
    conversation(
        "Can I take the Meander 38 as cabin luggage?",
        "On most airlines, yes. It measures 55 × 32 × 21 cm.",
        "Great, that helps.",
        "products",
    ),
    conversation(
        "Hi, my package hasn't moved since Monday.",
        "I can see it left the depot this morning, so it should reach you tomorrow.",
        "OK, I'll wait. Thanks for checking!",
        "delivery",
    ),
    Conversation {
        given: Some(RETURN_LABEL),
        ..conversation(
            "Can I return a tent I've only pitched once?",
            "Yes, within 90 days, as long as it's clean and dry. Here's the return label.",
            "Good to know, thanks.",
            "returns",
        )
    },
    conversation(
        "Which stove works below freezing?",
        "A liquid fuel stove. Gas canisters lose pressure in the cold.",
        "Makes sense, thank you.",
        "products",
    ),
    conversation(
        "My discount code isn't working.",
        "That one is only valid for orders over €80. I've just made you a new one.",
        "It works now, thanks!",
        "orders",
    ),
    Conversation {
        sent: Some(TORN_ZIP),
        ..conversation(
            "Do you repair zippers? It's the middle one in the photo.",
            "We do, for life. Just send it in with a short note.",
            "Great, will do!",
            "repairs",
        )
    },
    conversation(
        "How heavy is the Heron 2 with the footprint?",
        "About 1.7 kg in total, or 1.5 kg without the footprint.",
        "Lighter than I thought!",
        "products",
    ),
];

/// A conversation with a spammer, who is then blocked.
pub(super) const NUISANCE: Conversation = conversation(
    "10,000 followers for just €49 a month, today only!",
    "We only sell boots and tents. Please don't advertise in this chat.",
    "Last chance: 5,000 followers for free, just say yes",
    "spam",
);
/// The agent's note about the spammer.
pub(super) const NUISANCE_NOTE: &str = "Third time advertising followers here.";

/// The visitors' names (`None` for visitors who have not given one).
pub(super) const NAMES: [Option<&str>; 6] =
    [None, Some("Mara Lindqvist"), None, Some("Tom Okafor"), None, Some("Jule Brandt")];
pub(super) const PAGES: [(&str, &str); 5] = [
    ("/", "Gear for the long way around"),
    ("/boots", "Boots"),
    ("/boots/ridgeline", "Ridgeline Mid boots"),
    ("/packs/meander-38", "Meander 38 pack"),
    ("/tents/heron-2", "Heron 2 tent"),
];
pub(super) const BROWSERS: [&str; 4] =
    ["Firefox 143 · Linux", "Chrome 140 · Windows", "Safari 18 · iPhone", "Edge 140 · Windows"];

/// Traffic sources, addresses, languages, and devices, as reported by browsers. There is one for each of [`BROWSERS`].
pub(super) const SOURCES: [(&str, &str, &str, Device); 4] = [
    ("Europe/Oslo https://search.example/", "https://shop.example/", "nb-NO", Device::Desktop),
    (
        "Europe/London https://mail.example/",
        "https://shop.example/?utm_source=newsletter&utm_medium=email&utm_campaign=october",
        "en-GB",
        Device::Desktop,
    ),
    ("Europe/Berlin https://www.hillwalkers.example/forum", "https://shop.example/", "de-DE", Device::Phone),
    ("America/New_York", "https://shop.example/", "en-US", Device::Desktop),
];
