//! Agent-facing strings for chat events: who joined, who left, and how the chat ended.

use alloc::{format, string::String};

use super::say;
use crate::{
    chat::{ChatEvent, EndReason},
    id::AgentId,
    language::Language,
};

/// Returns the sentence that describes a chat event. `who` returns an agent's name.
pub fn chat_event(language: Language, event: &ChatEvent, who: impl Fn(AgentId) -> String) -> String {
    let (en, de) = match event {
        ChatEvent::Accepted { by, late: false } => {
            return say!(
                language,
                "The visitor accepted {by}'s invitation",
                "Der Besucher hat die Einladung von {by} angenommen",
                by = who(*by),
            );
        }
        ChatEvent::Accepted { by, late: true } => {
            return say!(
                language,
                "The visitor accepted {by}'s invitation after it had closed",
                "Der Besucher hat die Einladung von {by} nachträglich angenommen",
                by = who(*by),
            );
        }
        ChatEvent::Joined(agent) => {
            return say!(language, "{agent} joined the chat", "{agent} ist dem Chat beigetreten", agent = who(*agent));
        }
        ChatEvent::TakenOver { from, by } => {
            return say!(
                language,
                "{by} took over the chat from {from}",
                "{by} hat den Chat von {from} übernommen",
                by = who(*by),
                from = who(*from),
            );
        }
        ChatEvent::HandedOver { from, to } => {
            return say!(
                language,
                "{from} transferred the chat to {to}",
                "{from} hat den Chat an {to} übergeben",
                from = who(*from),
                to = who(*to),
            );
        }
        ChatEvent::HandedToTeam { from, .. } => {
            return say!(
                language,
                "{from} transferred the chat to another team",
                "{from} hat den Chat an ein anderes Team übergeben",
                from = who(*from),
            );
        }
        ChatEvent::AgentLost(agent) => {
            return say!(
                language,
                "{agent} was disconnected",
                "Die Verbindung zu {agent} ist unterbrochen",
                agent = who(*agent),
            );
        }
        ChatEvent::AgentBack(agent) => {
            return say!(language, "{agent} is back", "{agent} ist wieder da", agent = who(*agent));
        }
        ChatEvent::Requested => {
            ("The visitor asked to talk to a person", "Der Besucher möchte mit einem Menschen sprechen")
        }
        ChatEvent::Returned => ("The chat was returned to the team", "Der Chat wurde an das Team zurückgegeben"),
        ChatEvent::VisitorLeft => ("The visitor left the page", "Der Besucher hat die Seite verlassen"),
        ChatEvent::VisitorBack => ("The visitor came back", "Der Besucher ist wieder da"),
        ChatEvent::Ended(EndReason::Agent) => ("The agent ended the chat", "Der Agent hat den Chat beendet"),
        ChatEvent::Ended(EndReason::Visitor) => ("The visitor ended the chat", "Der Besucher hat den Chat beendet"),
        ChatEvent::Ended(EndReason::Silence) => (
            "The chat ended after 30 minutes without messages",
            "Der Chat wurde nach 30 Minuten ohne Nachrichten beendet",
        ),
        ChatEvent::Ended(EndReason::Abandoned) => (
            "The visitor left before anyone claimed the chat",
            "Der Besucher ist gegangen, bevor jemand den Chat angenommen hat",
        ),
        ChatEvent::Reopened => (
            "The visitor sent a message and reopened the chat",
            "Der Besucher hat den Chat mit einer Nachricht fortgesetzt",
        ),
        ChatEvent::ContactLeft => (
            "The visitor left an email address for a reply",
            "Der Besucher hat seine E-Mail-Adresse für eine Antwort hinterlassen",
        ),
    };
    language.pick(en, de).into()
}
