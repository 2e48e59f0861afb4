//! Texts for canned replies and routing.

use engine::routing::Routing;

use super::{current_language, strings};

strings! {
    replies: "Canned replies", "Textbausteine";
    replies_lead: "In a chat, type / at the start of a line to insert one.",
        "Geben Sie im Chat am Zeilenanfang / ein, um einen Textbaustein einzufügen.";
    replies_all: "All canned replies", "Alle Textbausteine";
    replies_empty: "No canned replies yet.", "Noch keine Textbausteine.";
    reply_new: "New canned reply", "Neuer Textbaustein";
    reply_text: "Text", "Text";
    reply_for: "Available to", "Verfügbar für";
    reply_mine: "Only me", "Nur mich";
    reply_delete: "Delete", "Löschen";
    reply_name_hint: "Agents search for the reply by this name.", "Unter diesem Namen suchen Agenten den Textbaustein.";
    reply_text_hint: "{visitor}, {agent}, and {concierge} are replaced with names.",
        "{visitor}, {agent} und {concierge} werden durch Namen ersetzt.";
    routing: "Routing", "Verteilung";
    routing_lead: "Choose how each team assigns waiting chats. Agents who are away or at their chat limit are skipped. If no one is left, anyone in the team can claim.",
        "Legen Sie fest, wie jedes Team wartende Chats verteilt. Abwesende und ausgelastete Agenten werden übersprungen. Bleibt niemand übrig, können alle im Team annehmen.";
}

/// Returns the label of a routing mode: how a team assigns its waiting chats.
pub fn routing_way(routing: Routing) -> &'static str {
    let (en, de) = match routing {
        Routing::Everyone => ("Anyone in the team can claim", "Alle im Team können annehmen"),
        Routing::RoundRobin => ("Offered to agents in turn", "Reihum angeboten"),
        Routing::LeastBusy => ("Offered to the least busy agent", "Dem Agenten mit den wenigsten Chats angeboten"),
    };
    current_language().pick(en, de)
}
