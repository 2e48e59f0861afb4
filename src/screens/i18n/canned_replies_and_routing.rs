//! Strings for canned replies and routing.

use engine::routing::Routing;

use super::{current_language, strings};

strings! {
    replies: "Canned replies", "Textbausteine";
    replies_lead: "In a chat, type a slash (/) at the start of a line to insert a canned reply.",
        "Geben Sie im Chat am Zeilenanfang einen Schrägstrich (/) ein, um einen Textbaustein einzufügen.";
    replies_all: "All canned replies", "Alle Textbausteine";
    replies_empty: "No canned replies yet.", "Noch keine Textbausteine.";
    reply_new: "New canned reply", "Neuer Textbaustein";
    reply_text: "Text", "Text";
    reply_for: "Available to", "Verfügbar für";
    reply_mine: "Only me", "Nur mich";
    reply_delete: "Delete", "Löschen";
    reply_name_hint: "Agents use this name to find the reply.", "Unter diesem Namen finden Agenten den Textbaustein.";
    reply_text_hint: "{visitor}, {agent}, and {concierge} are replaced with the corresponding names.",
        "{visitor}, {agent} und {concierge} werden durch die jeweiligen Namen ersetzt.";
    routing: "Routing", "Verteilung";
    routing_lead: "Choose how waiting chats are assigned on each team. Agents who are away or at their chat limit are skipped. If that leaves no one, anyone on the team can claim the chat.",
        "Legen Sie für jedes Team fest, wie wartende Chats verteilt werden. Abwesende und ausgelastete Agenten werden übersprungen. Bleibt niemand übrig, können alle im Team den Chat annehmen.";
}

/// Returns the label for a routing mode, which determines how a team's waiting chats are assigned.
pub fn routing_way(routing: Routing) -> &'static str {
    let (en, de) = match routing {
        Routing::Everyone => ("Anyone on the team can claim chats", "Alle im Team können Chats annehmen"),
        Routing::RoundRobin => ("Chats are offered to agents in turn", "Chats werden den Agenten reihum angeboten"),
        Routing::LeastBusy => (
            "Chats are offered to the least busy agent",
            "Chats werden dem am wenigsten ausgelasteten Agenten angeboten",
        ),
    };
    current_language().pick(en, de)
}
