//! Canned replies and routing.

use engine::routing::Routing;

use super::words;

words! {
    REPLIES: "Canned replies";
    REPLIES_LEAD: "In a chat, / at the start of the line opens them.";
    REPLIES_ALL: "All canned replies";
    REPLIES_EMPTY: "There are none yet.";
    REPLY_NEW: "One more";
    REPLY_TEXT: "Words";
    REPLY_FOR: "For";
    REPLY_MINE: "Only me";
    REPLY_DELETE: "Delete";
    REPLY_NAME_HINT: "What it is found by.";
    REPLY_TEXT_HINT: "{visitor}, {agent} and {concierge} stand for names.";
    ROUTING: "Routing";
    ROUTING_LEAD: "How each team deals out the chats that wait for it. Who is away or full is left out; when nobody is left, everyone in the team may claim.";
}

/// How a team deals out its chats.
pub fn routing(routing: Routing) -> &'static str {
    match routing {
        Routing::Everyone => "Everyone in the team may claim",
        Routing::RoundRobin => "Offered to one after the other",
        Routing::LeastBusy => "Offered to who is in the fewest chats",
    }
}
