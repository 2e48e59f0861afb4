//! Tracks which agents are reachable and accepting chats. An agent is present while at least one of their dashboards is
//! connected, and idle after a period without input in any of them.

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

/// How long to wait before requesting due work again, in milliseconds. The database may have failed the first time.
const DUE_RETRY_AFTER: Millis = 5_000;
/// The minimum time after connecting before an agent can be considered idle, in milliseconds.
const IDLE_AFTER_CONNECT: Millis = 60_000;

/// All agents who have connected or been queried.
#[derive(Debug, Default)]
pub(crate) struct Agents {
    all: BTreeMap<AgentId, Agent>,
    next: Option<Millis>,
}

#[derive(Debug)]
struct Agent {
    connections: BTreeSet<ConnectionId>,
    /// Whether one of the agent's dashboards has been connected since the server started.
    was_here: bool,
    gone_since: Millis,
    availability: Availability,
    last_input: Millis,
    chats: BTreeSet<ChatId>,
    asked: Option<(AgentDue, Millis)>,
    /// The state that was last sent to the dashboards.
    shown: Option<Colleague>,
}

/// An agent's connectivity at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgentReachability {
    pub(crate) link: AgentConnectivity,
    /// Whether the agent has been gone for so long that their chats return to the team.
    pub(crate) is_lost_for_good: bool,
    /// When this will change if nothing else happens.
    pub(crate) until: Option<Millis>,
}

impl Agents {
    /// Returns the agent, adding them if they are not known yet. A new agent is considered gone as of now, so after a
    /// restart, everyone has the full time to reconnect.
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
        // Adding a second device or reconnecting does not count as input.
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

    /// Updates which agent owns the chat.
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

    /// Returns whether the agent should be notified of waiting chats.
    pub(crate) fn is_available(&self, agent: AgentId) -> bool {
        self.all.get(&agent).is_none_or(|agent| agent.availability.is_available())
    }

    /// Returns all agents who are present, as last sent to the dashboards.
    pub(crate) fn present(&self) -> Vec<Colleague> {
        self.all.values().filter_map(|agent| agent.shown.clone()).filter(|colleague| colleague.is_there).collect()
    }

    /// Applies the passage of time to all agents.
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

    /// Returns the next time at which something will change without an event.
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

    /// Returns whether the agent is present. A page reload does not count as leaving.
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
