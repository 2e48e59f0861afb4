//! Which agents can be reached. An agent is there as long as one dashboard of his is connected.

use std::collections::{BTreeSet, HashMap};

use protocol::{Millis, chat::AgentLink, id::AgentId};

use super::event::SeatId;
use crate::settings::Timers;

/// Every agent that was ever seen or asked for.
#[derive(Debug, Default)]
pub(crate) struct Agents(HashMap<AgentId, Dashboards>);

#[derive(Debug)]
struct Dashboards {
    seats: BTreeSet<SeatId>,
    gone_since: Millis,
}

/// How an agent stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) link: AgentLink,
    /// So long gone that his chats go back to the team.
    pub(crate) is_away: bool,
    /// When this changes by itself.
    pub(crate) until: Option<Millis>,
}

impl Agents {
    pub(crate) fn arrive(&mut self, agent: AgentId, seat: SeatId, now: Millis) {
        self.0.entry(agent).or_insert(Dashboards { seats: BTreeSet::new(), gone_since: now }).seats.insert(seat);
    }

    pub(crate) fn leave(&mut self, agent: AgentId, seat: SeatId, now: Millis) {
        if let Some(dashboards) = self.0.get_mut(&agent)
            && dashboards.seats.remove(&seat)
            && dashboards.seats.is_empty()
        {
            dashboards.gone_since = now;
        }
    }

    /// An agent who was never seen counts as gone from now on: after a restart everybody has the full time to come back.
    pub(crate) fn standing(&mut self, agent: AgentId, now: Millis, timers: &Timers) -> Standing {
        let dashboards = self.0.entry(agent).or_insert(Dashboards { seats: BTreeSet::new(), gone_since: now });
        if !dashboards.seats.is_empty() {
            return Standing { link: AgentLink::Ok, is_away: false, until: None };
        }
        let after = |wait: u64| dashboards.gone_since.saturating_add(super::millis(wait));
        let (silent, lost, away) = (after(timers.agent_silent), after(timers.agent_lost), after(timers.agent_returned));
        let link = match now {
            _ if now >= lost => AgentLink::Lost,
            _ if now >= silent => AgentLink::Reconnecting,
            _ => AgentLink::Ok,
        };
        let until = [silent, lost, away].into_iter().filter(|at| *at > now).min();
        Standing { link, is_away: now >= away, until }
    }
}
