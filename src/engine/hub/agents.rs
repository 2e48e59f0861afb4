//! Which agents can be reached, and which of them take chats. An agent is there as long as one dashboard of his is
//! connected, and idle when nothing moves in any of them.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    Millis,
    availability::{Availability, Colleague},
    chat::{AgentConnectivity, BoardChat, ChatState},
    id::{AgentId, ChatId},
};

use super::{
    event::{AgentDue, ConnectionId, Effect},
    millis,
};
use crate::settings::Timers;

/// A due thing is asked for again after this time, should the database have failed.
const DUE_RETRY_AFTER: Millis = 5_000;
/// Who has just come has this long at least to move a hand.
const IDLE_AFTER_CONNECT: Millis = 60_000;

/// Every agent that was ever seen or asked for.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    all: BTreeMap<AgentId, Agent>,
    next: Option<Millis>,
}

#[derive(Debug)]
struct Agent {
    connections: BTreeSet<ConnectionId>,
    /// A dashboard of his was here in this run.
    was_here: bool,
    gone_since: Millis,
    availability: Availability,
    last_input: Millis,
    chats: BTreeSet<ChatId>,
    asked: Option<(AgentDue, Millis)>,
    /// As the dashboards have him.
    shown: Option<Colleague>,
}

/// How an agent stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgentReachability {
    pub(crate) link: AgentConnectivity,
    /// So long gone that his chats go back to the team.
    pub(crate) is_lost_for_good: bool,
    /// When this changes by itself.
    pub(crate) until: Option<Millis>,
}

impl Agents {
    /// An agent who was never seen counts as gone from now on: after a restart everybody has the full time to come back.
    fn of(&mut self, agent: AgentId, now: Millis) -> &mut Agent {
        self.all.entry(agent).or_insert_with(|| Agent {
            connections: BTreeSet::new(),
            was_here: false,
            gone_since: now,
            availability: Availability::default(),
            last_input: now,
            chats: BTreeSet::new(),
            asked: None,
            shown: None,
        })
    }

    pub(crate) fn arrive(&mut self, agent: AgentId, connection: ConnectionId, now: Millis, timers: &Timers) {
        let agent = self.of(agent, now);
        let idle_soon = now.saturating_add(IDLE_AFTER_CONNECT).saturating_sub(millis(timers.agent_idle)).min(now);
        // Another device, or a connection that comes and goes, says nothing of a hand.
        if agent.connections.is_empty() {
            agent.last_input = agent.last_input.max(idle_soon);
        }
        agent.was_here = true;
        agent.connections.insert(connection);
    }

    pub(crate) fn leave(&mut self, agent: AgentId, connection: ConnectionId, now: Millis) {
        if let Some(agent) = self.all.get_mut(&agent)
            && agent.connections.remove(&connection)
            && agent.connections.is_empty()
        {
            agent.gone_since = now;
        }
    }

    pub(crate) fn input(&mut self, agent: AgentId, now: Millis) {
        self.of(agent, now).last_input = now;
    }

    pub(crate) fn set_availability(&mut self, agent: AgentId, availability: Availability, now: Millis) {
        self.of(agent, now).availability = availability;
    }

    /// Who is in the chat, and who no longer.
    pub(crate) fn update_chat(&mut self, chat: &BoardChat, now: Millis) {
        let owner = chat.agent.filter(|_| chat.state == ChatState::InProgress);
        for (id, agent) in &mut self.all {
            if Some(*id) != owner {
                agent.chats.remove(&chat.id);
            }
        }
        if let Some(owner) = owner {
            self.of(owner, now).chats.insert(chat.id);
        }
    }

    pub(crate) fn reachability(&mut self, agent: AgentId, now: Millis, timers: &Timers) -> AgentReachability {
        self.of(agent, now).reachability(now, timers)
    }

    /// Whether chats that wait are for him.
    pub(crate) fn is_available(&self, agent: AgentId) -> bool {
        self.all.get(&agent).is_none_or(|agent| agent.availability.is_available())
    }

    /// Everybody who is there, as the dashboards have them.
    pub(crate) fn present(&self) -> Vec<Colleague> {
        self.all.values().filter_map(|agent| agent.shown.clone()).filter(|colleague| colleague.is_there).collect()
    }

    /// Lets time and facts take effect on every agent.
    pub(crate) fn settle(&mut self, now: Millis, timers: &Timers, effects: &mut Vec<Effect>) {
        for (id, agent) in &mut self.all {
            let due = agent.due(now, timers);
            if let Some(due) = due.filter(|due| agent.is_to_be_asked(*due, now)) {
                effects.push(Effect::AgentDue { agent: *id, due });
            }
            if due.is_none() {
                agent.asked = None;
            }
            let colleague = agent.colleague(*id, now, timers);
            let was_there = agent.shown.as_ref().is_some_and(|shown| shown.is_there);
            if agent.shown.as_ref() != Some(&colleague) && (colleague.is_there || was_there) {
                effects.push(Effect::Colleague(colleague.clone()));
                agent.shown = Some(colleague);
            }
        }
        self.next = self.all.values().filter_map(|agent| agent.next_moment(now, timers)).min();
    }

    /// When time alone changes something next.
    pub(crate) fn next_moment(&self) -> Option<Millis> {
        self.next
    }
}

impl Agent {
    fn reachability(&self, now: Millis, timers: &Timers) -> AgentReachability {
        if !self.connections.is_empty() {
            return AgentReachability { link: AgentConnectivity::Ok, is_lost_for_good: false, until: None };
        }
        let after = |wait: u64| self.gone_since.saturating_add(millis(wait));
        let (silent, lost, returned) =
            (after(timers.agent_reconnecting), after(timers.agent_lost), after(timers.agent_reassign));
        let link = match now {
            _ if now >= lost => AgentConnectivity::Lost,
            _ if now >= silent => AgentConnectivity::Reconnecting,
            _ => AgentConnectivity::Ok,
        };
        let until = [silent, lost, returned].into_iter().filter(|at| *at > now).min();
        AgentReachability { link, is_lost_for_good: now >= returned, until }
    }

    /// A page that is loaded anew is no departure.
    fn is_there(&self, now: Millis, timers: &Timers) -> bool {
        self.was_here && self.reachability(now, timers).link == AgentConnectivity::Ok
    }

    fn colleague(&self, id: AgentId, now: Millis, timers: &Timers) -> Colleague {
        Colleague {
            agent: id,
            availability: self.availability.clone(),
            is_there: self.is_there(now, timers),
            chats: u32::try_from(self.chats.len()).unwrap_or(u32::MAX),
        }
    }

    fn idle_at(&self, timers: &Timers) -> Option<Millis> {
        let may_idle = !self.connections.is_empty() && self.availability.is_available();
        may_idle.then(|| self.last_input.saturating_add(millis(timers.agent_idle)))
    }

    fn due(&self, now: Millis, timers: &Timers) -> Option<AgentDue> {
        match &self.availability {
            Availability::Away { since, .. } if self.availability.is_idle() && self.last_input > *since => {
                Some(AgentDue::Back)
            }
            _ => self.idle_at(timers).filter(|at| now >= *at).map(|_| AgentDue::Idle),
        }
    }

    fn is_to_be_asked(&mut self, due: AgentDue, now: Millis) -> bool {
        let waits = self.asked.is_some_and(|(asked, at)| asked == due && now < at.saturating_add(DUE_RETRY_AFTER));
        if !waits {
            self.asked = Some((due, now));
        }
        !waits
    }

    fn next_moment(&self, now: Millis, timers: &Timers) -> Option<Millis> {
        let gone = if self.was_here { self.reachability(now, timers).until } else { None };
        let again = self.asked.map(|(_, at)| at.saturating_add(DUE_RETRY_AFTER));
        [self.idle_at(timers), gone, again].into_iter().flatten().filter(|at| *at > now).min()
    }
}
