//! Decides which agent is offered a waiting chat. This module is pure: the store reads the candidates and determines
//! who gets the chat, and the hub tracks when an offer expires.

use protocol::{Millis, id::AgentId};

/// How a team distributes its waiting chats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// Any team member may claim the chat.
    #[default]
    Everyone,
    /// The chat is offered to each agent in turn.
    RoundRobin,
    /// The chat is offered to the agent with the fewest chats.
    LeastBusy,
}

impl Routing {
    /// All routing modes.
    pub const ALL: [Self; 3] = [Self::Everyone, Self::RoundRobin, Self::LeastBusy];

    /// Returns the identifier used in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::RoundRobin => "round_robin",
            Self::LeastBusy => "least_busy",
        }
    }

    /// Returns the routing mode with the given identifier.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|routing| routing.as_str() == word)
    }
}

/// A team member who is present, is accepting chats, and has not been offered this chat yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The agent's ID.
    pub agent: AgentId,
    /// The number of chats that count against the agent's limit, including open offers.
    pub chats: u32,
    /// The agent's chat limit.
    pub max_chats: u32,
    /// When the agent was last offered one of this team's chats, or 0 if that has never happened.
    pub offered_at: Millis,
}

/// Returns the agent to offer the chat to, or `None` if everyone may claim it.
pub fn next(routing: Routing, candidates: &[Candidate]) -> Option<AgentId> {
    let with_room = candidates.iter().filter(|one| one.chats < one.max_chats);
    let next = match routing {
        Routing::Everyone => None,
        Routing::RoundRobin => with_room.min_by_key(|one| (one.offered_at, one.agent)),
        Routing::LeastBusy => with_room.min_by_key(|one| (one.chats, one.offered_at, one.agent)),
    };
    next.map(|one| one.agent)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn candidate(agent: u128, chats: u32, offered_at: Millis) -> Candidate {
        Candidate { agent: AgentId(Uuid::from_u128(agent)), chats, max_chats: 3, offered_at }
    }

    fn number(agent: Option<AgentId>) -> Option<u128> {
        agent.map(|agent| agent.0.as_u128())
    }

    #[test]
    fn round_robin_picks_who_waited_longest() {
        let all = [candidate(1, 0, 30), candidate(2, 2, 10), candidate(3, 0, 20)];
        assert_eq!(number(next(Routing::RoundRobin, &all)), Some(2));
        assert_eq!(number(next(Routing::RoundRobin, &[candidate(2, 0, 0), candidate(1, 0, 0)])), Some(1));
    }

    #[test]
    fn least_busy_breaks_ties_in_turn() {
        let all = [candidate(1, 1, 10), candidate(2, 1, 5), candidate(3, 2, 0)];
        assert_eq!(number(next(Routing::LeastBusy, &all)), Some(2));
    }

    #[test]
    fn full_agents_get_no_offer_and_everyone_routing_offers_none() {
        let full = [candidate(1, 3, 0), candidate(2, 4, 0)];
        for routing in Routing::ALL {
            assert_eq!(next(routing, &full), None);
            assert_eq!(next(routing, &[]), None);
        }
        assert_eq!(next(Routing::Everyone, &[candidate(1, 0, 0)]), None);
    }

    #[test]
    fn routing_words_round_trip() {
        for routing in Routing::ALL {
            assert_eq!(Routing::from_word(routing.as_str()), Some(routing));
        }
        assert_eq!(Routing::from_word("by_lot"), None);
    }
}
