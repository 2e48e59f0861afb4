//! What the visitors of the demo's past ask, where they come from and where they go.

use engine::user_agent::Device;

use super::attachments::{Attachment, RETURN_LABEL, TORN_ZIP};

/// Whose demo it is.
pub(super) const ORGANIZATION: &str = "Riverside Outfitters";

/// What a visitor asks, what he is answered, what he says to that, and the tag it gets.
pub(super) struct Conversation {
    pub(super) question: &'static str,
    pub(super) answer: &'static str,
    pub(super) thanks: &'static str,
    pub(super) tag: &'static str,
    /// What he sends with his question.
    pub(super) sent: Option<Attachment>,
    /// What he is sent with the answer.
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

/// What most of them are about.
pub(super) const CONVERSATIONS: [Conversation; 8] = [
    conversation(
        "Do the Ridgeline boots run small?",
        "They are true to size; with thick socks take half a size more.",
        "Thanks, ordered!",
        "sizes",
    ),
    conversation(
        "Is the Meander 38 fine as cabin luggage?",
        "With most airlines, yes: it is 55 by 32 by 21 cm.",
        "Great, that helps.",
        "products",
    ),
    conversation(
        "My parcel has not moved since Monday.",
        "I see it left the depot this morning. It should be with you tomorrow.",
        "All right, I will wait.",
        "delivery",
    ),
    Conversation {
        given: Some(RETURN_LABEL),
        ..conversation(
            "Can I return a tent that was pitched once?",
            "Yes, within 30 days, as long as it is clean and dry. Here is the label.",
            "Good to know.",
            "returns",
        )
    },
    conversation(
        "Which stove works below freezing?",
        "A liquid fuel stove; gas loses its pressure in the cold.",
        "Makes sense, thank you.",
        "products",
    ),
    conversation(
        "The discount code does not work.",
        "It was for orders above 80. I have made you another one.",
        "It works now, thanks!",
        "orders",
    ),
    Conversation {
        sent: Some(TORN_ZIP),
        ..conversation(
            "Do you repair zips? It is the middle one.",
            "We do, for as long as you have it. Send it in with a note.",
            "Lovely, I will.",
            "repairs",
        )
    },
    conversation(
        "How heavy is the Heron 2 with the footprint?",
        "2.4 kg in all, 2.1 without the footprint.",
        "Lighter than I thought.",
        "products",
    ),
];

/// Of one who is blocked for it, and what is noted of him.
pub(super) const NUISANCE: Conversation = conversation(
    "10,000 followers for 49 a month, today only!",
    "We sell boots and tents. Please, no advertising here.",
    "Last chance: 5,000 for free, just say yes",
    "spam",
);
pub(super) const NUISANCE_NOTE: &str = "Advertises followers, for the third time.";

/// Who has a name of which others know.
pub(super) const NAMES: [Option<&str>; 6] =
    [None, Some("Mara Lindqvist"), None, Some("Tom Okafor"), None, Some("Jule Brandt")];
pub(super) const PAGES: [(&str, &str); 5] = [
    ("/", "Gear for the long way round"),
    ("/boots", "Boots"),
    ("/boots/ridgeline", "Ridgeline Mid boots"),
    ("/packs/meander-38", "Meander 38 pack"),
    ("/tents/heron-2", "Heron 2 tent"),
];
pub(super) const BROWSERS: [&str; 4] =
    ["Firefox 143 · Linux", "Chrome 140 · Windows", "Safari 18 · iPhone", "Edge 140 · Windows"];

/// Where they came from, as browsers say it, and what they stand on: as long as the list of browsers.
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
