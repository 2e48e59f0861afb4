//! What agents read in a chat that is no message: who came, who went, and how it ended.

use alloc::{format, string::String};

use super::say;
use crate::{
    chat::{ChatEvent, EndReason},
    id::AgentId,
    language::Language,
};

/// A line of a chat that is not a message.
pub fn chat_event(language: Language, event: &ChatEvent, who: impl Fn(AgentId) -> String) -> String {
    let (en, de) = match event {
        ChatEvent::Accepted { by, late: false } => {
            return say!(
                language,
                "The visitor accepted the invitation of {by}",
                "Der Besucher hat die Einladung von {by} angenommen",
                by = who(*by),
            );
        }
        ChatEvent::Accepted { by, late: true } => {
            return say!(
                language,
                "The visitor accepted the invitation of {by}, after it had ended",
                "Der Besucher hat die Einladung von {by} angenommen, nachdem sie geendet hatte",
                by = who(*by),
            );
        }
        ChatEvent::Joined(agent) => {
            return say!(language, "{agent} joined the chat", "{agent} ist dem Chat beigetreten", agent = who(*agent));
        }
        ChatEvent::TakenOver { from, by } => {
            return say!(
                language,
                "{by} took the chat over from {from}",
                "{by} hat den Chat von {from} übernommen",
                by = who(*by),
                from = who(*from),
            );
        }
        ChatEvent::HandedOver { from, to } => {
            return say!(
                language,
                "{from} handed the chat over to {to}",
                "{from} hat den Chat an {to} übergeben",
                from = who(*from),
                to = who(*to),
            );
        }
        ChatEvent::HandedToTeam { from, .. } => {
            return say!(
                language,
                "{from} handed the chat to another team",
                "{from} hat den Chat an ein anderes Team übergeben",
                from = who(*from),
            );
        }
        ChatEvent::AgentLost(agent) => {
            return say!(
                language,
                "The connection to {agent} was lost",
                "Die Verbindung zu {agent} ist unterbrochen",
                agent = who(*agent),
            );
        }
        ChatEvent::AgentBack(agent) => {
            return say!(language, "{agent} is back", "{agent} ist wieder da", agent = who(*agent));
        }
        ChatEvent::Requested => ("The visitor asked for a person", "Der Besucher hat um einen Menschen gebeten"),
        ChatEvent::Returned => ("The chat went back to the team", "Der Chat ging zurück an das Team"),
        ChatEvent::VisitorLeft => ("The visitor left the page", "Der Besucher hat die Seite verlassen"),
        ChatEvent::VisitorBack => ("The visitor came back", "Der Besucher ist zurückgekommen"),
        ChatEvent::Ended(EndReason::Agent) => ("The agent ended the chat", "Der Agent hat den Chat beendet"),
        ChatEvent::Ended(EndReason::Visitor) => ("The visitor ended the chat", "Der Besucher hat den Chat beendet"),
        ChatEvent::Ended(EndReason::Silence) => (
            "The chat ended: nobody wrote for half an hour",
            "Der Chat ist beendet: Eine halbe Stunde lang hat niemand geschrieben",
        ),
        ChatEvent::Ended(EndReason::Abandoned) => {
            ("The visitor left before anyone claimed the chat", "Der Besucher ging, bevor jemand den Chat annahm")
        }
        ChatEvent::Reopened => {
            ("The visitor wrote again: the chat goes on", "Der Besucher hat wieder geschrieben: Der Chat geht weiter")
        }
        ChatEvent::ContactLeft => (
            "The visitor left his e-mail, to be answered there",
            "Der Besucher hat seine E-Mail-Adresse für eine Antwort hinterlassen",
        ),
    };
    language.pick(en, de).into()
}
