//! Canned replies and routing.

use engine::routing::Routing;

use super::{current_language, strings};

strings! {
    replies: "Canned replies", "Textbausteine";
    replies_lead: "In a chat, / at the start of the line opens them.", "Im Chat öffnet sie ein / am Anfang der Zeile.";
    replies_all: "All canned replies", "Alle Textbausteine";
    replies_empty: "There are none yet.", "Noch gibt es keine.";
    reply_new: "One more", "Neuer Textbaustein";
    reply_text: "Words", "Text";
    reply_for: "For", "Für";
    reply_mine: "Only me", "Nur mich";
    reply_delete: "Delete", "Löschen";
    reply_name_hint: "What it is found by.", "Woran man ihn findet.";
    reply_text_hint: "{visitor}, {agent} and {concierge} stand for names.",
        "{visitor}, {agent} und {concierge} stehen für Namen.";
    routing: "Routing", "Verteilung";
    routing_lead: "How each team deals out the chats that wait for it. Who is away or full is left out; when nobody is left, everyone in the team may claim.",
        "Wie jedes Team die Chats verteilt, die auf es warten. Wer abwesend oder ausgelastet ist, wird übergangen; bleibt niemand übrig, können alle im Team annehmen.";
}

/// How a team deals out its chats.
pub fn routing_way(routing: Routing) -> &'static str {
    let (en, de) = match routing {
        Routing::Everyone => ("Everyone in the team may claim", "Alle im Team dürfen annehmen"),
        Routing::RoundRobin => ("Offered to one after the other", "Reihum angeboten"),
        Routing::LeastBusy => ("Offered to who is in the fewest chats", "Dem mit den wenigsten Chats angeboten"),
    };
    current_language().pick(en, de)
}
