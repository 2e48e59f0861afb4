//! The live state of one organization. It is pure: it uses no clock, sockets, or tasks, so ordinary unit tests can
//! exercise all of it.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
};

use protocol::{
    Millis,
    chat::ChatState,
    id::{AgentId, ChatId, VisitId, VisitorId},
};

use super::{
    agents::Agents,
    event::{ConnectionId, Effect, Event, TokenHash},
    visit::{COMPOSING_TTL, Visit},
};
use crate::settings::{Timers, VisitLimits};

/// An organization's visits and agents.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) timers: Timers,
    pub(super) limits: VisitLimits,
    /// Boxed, because about a third of the slots in the map are empty.
    pub(super) visits: HashMap<VisitId, Box<Visit>>,
    pub(super) by_visitor: HashMap<VisitorId, VisitId>,
    pub(super) by_token: HashMap<TokenHash, VisitId>,
    pub(super) by_connection: HashMap<ConnectionId, VisitId>,
    pub(super) by_chat: HashMap<ChatId, VisitId>,
    pub(super) agents: Agents,
    pub(super) due: BTreeSet<(Millis, VisitId)>,
    /// Hashes rows to detect changes. Randomly seeded so that no one can craft two rows with the same hash.
    marks: RandomState,
}

impl State {
    pub(crate) fn new(timers: Timers, limits: VisitLimits) -> Self {
        Self {
            timers,
            limits,
            visits: HashMap::new(),
            by_visitor: HashMap::new(),
            by_token: HashMap::new(),
            by_connection: HashMap::new(),
            by_chat: HashMap::new(),
            agents: Agents::default(),
            due: BTreeSet::new(),
            marks: RandomState::new(),
        }
    }

    /// Applies an event at the given time and returns its effects. This is the hub's entire behavior.
    pub(crate) fn apply(&mut self, event: Event, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        let concerns_agents = matches!(
            event,
            Event::Chat { .. }
                | Event::AgentArrived { .. }
                | Event::AgentGone { .. }
                | Event::AgentInput { .. }
                | Event::Availability { .. }
        );
        let touched = match event {
            Event::Arrived(arrival) => Some(self.admit_tab(*arrival, now, &mut effects)),
            Event::Moved { connection, page } => {
                let limits = self.limits;
                self.update_visit_at(connection, |visit| visit.record_page_view(page, now, limits))
            }
            Event::Activity { connection, activity } => {
                self.update_visit_at(connection, |visit| visit.update_tab(connection, activity, now))
            }
            Event::Acted { connection } => self.update_visit_at(connection, |visit| {
                visit.last_input = now;
                visit.is_automated = false;
            }),
            Event::TabGone { connection } => self.by_connection.remove(&connection).inspect(|visit| {
                self.visits.get_mut(visit).expect("every connection belongs to a visit").remove_tab(connection, now);
            }),
            Event::KeepsSource { connection, keeps } => {
                self.update_visit_at(connection, |visit| visit.keeps_source = keeps)
            }
            Event::VisitorPersisted { visitor } => self.update_visit_of(visitor, |visit| visit.persisted = true),
            Event::Named { visitor, name } => self.update_visit_of(visitor, |visit| visit.name = name),
            Event::Invitation { visitor, invitation, quiet_until } => self.update_visit_of(visitor, |visit| {
                // A late update to a closed invitation must not replace the one that is open now.
                let is_other =
                    visit.invitation.as_ref().is_some_and(|had| had.state.is_open() && had.id != invitation.id);
                if invitation.state.is_open() || !is_other {
                    visit.invitation = Some(invitation);
                }
                visit.composing = None;
                visit.quiet_until = quiet_until.max(visit.quiet_until);
            }),
            Event::Quiet { visitor, until } => self.update_visit_of(visitor, |visit| {
                visit.quiet_until = visit.quiet_until.max(Some(until));
                visit.quiet_unstored = visit.quiet_unstored.filter(|unstored| *unstored > until);
            }),
            Event::Chat { visitor, chat, head, last_word_at } => {
                let id = chat.id;
                self.agents.update_chat(&chat, now);
                let visit = self.update_visit_of(visitor, |visit| visit.set_chat(chat, head, last_word_at, now));
                if let Some(visit) = visit {
                    self.by_chat.insert(id, visit);
                }
                visit
            }
            Event::Composing { agent, visit } => self.composing(agent, visit, now, &mut effects),
            Event::AgentArrived { agent, connection } => {
                self.agents.arrive(agent, connection, now, &self.timers);
                self.settle_chats_of(agent, now, &mut effects);
                None
            }
            Event::AgentGone { agent, connection } => {
                self.agents.leave(agent, connection, now);
                self.settle_chats_of(agent, now, &mut effects);
                None
            }
            Event::AgentInput { agent } => {
                self.agents.input(agent, now);
                None
            }
            Event::Availability { agent, availability } => {
                self.agents.set_availability(agent, availability, now);
                None
            }
            Event::Restored(restored) => Some(self.restore_visit(*restored, now)),
            Event::Erased { visitor } => {
                if let Some(visit) = self.by_visitor.get(&visitor).copied() {
                    self.erase(visit, &mut effects);
                }
                None
            }
            Event::Tick => None,
        };
        if let Some(visit) = touched {
            self.settle(visit, now, &mut effects);
        }
        while let Some((_, visit)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.settle(visit, now, &mut effects);
        }
        if concerns_agents || self.agents.next_moment().is_some_and(|at| at <= now) {
            self.agents.settle(now, &self.timers, &mut effects);
        }
        effects
    }

    fn update_visit_at(&mut self, connection: ConnectionId, change: impl FnOnce(&mut Visit)) -> Option<VisitId> {
        let id = *self.by_connection.get(&connection)?;
        self.visits.get_mut(&id).map(|visit| change(visit)).map(|()| id)
    }

    fn update_visit_of(&mut self, visitor: VisitorId, change: impl FnOnce(&mut Visit)) -> Option<VisitId> {
        let id = *self.by_visitor.get(&visitor)?;
        self.visits.get_mut(&id).map(|visit| change(visit)).map(|()| id)
    }

    fn composing(
        &mut self,
        agent: AgentId,
        visit: Option<VisitId>,
        now: Millis,
        effects: &mut Vec<Effect>,
    ) -> Option<VisitId> {
        let is_his = |visit: &Visit| visit.composing.is_some_and(|(by, _)| by == agent);
        let before = self.visits.values().filter(|had| Some(had.id) != visit && is_his(had));
        for had in before.map(|had| had.id).collect::<Vec<_>>() {
            self.visits.get_mut(&had).expect("the id was just taken from this map").composing = None;
            self.settle(had, now, effects);
        }
        let id = visit?;
        let visit = self.visits.get_mut(&id)?;
        if visit.composing.is_none_or(|(by, _)| by == agent) {
            visit.composing = Some((agent, now.saturating_add(COMPOSING_TTL)));
        }
        Some(id)
    }

    fn settle_chats_of(&mut self, agent: AgentId, now: Millis, effects: &mut Vec<Effect>) {
        let visits: HashSet<_> = self.by_chat.values().copied().collect();
        for id in visits {
            let is_his = |visit: &Visit| visit.chat.as_ref().is_some_and(|chat| chat.agent == Some(agent));
            if self.visits.get(&id).is_some_and(|visit| is_his(visit)) {
                self.settle(id, now, effects);
            }
        }
    }

    /// Applies the passage of time to a visit: determines which work is due, updates its row, and schedules its next
    /// update.
    fn settle(&mut self, id: VisitId, now: Millis, effects: &mut Vec<Effect>) {
        let Some(visit) = self.visits.get_mut(&id) else { return };
        let owner = visit.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress).and_then(|chat| chat.agent);
        let agent = owner.map(|agent| self.agents.reachability(agent, now, &self.timers));
        let visitor = visit.visitor;
        let dues = visit.settle(now, agent, &self.timers);
        effects.extend(dues.into_iter().map(|due| Effect::Due { visit: id, visitor, due }));
        let row = visit.row(now, &self.timers);
        let mark = row.as_ref().map(|row| self.marks.hash_one(row));
        if mark != visit.shown {
            effects.push(row.map_or(Effect::Gone(id), |row| Effect::Changed(Box::new(row))));
            visit.shown = mark;
        }
        if let Some(at) = visit.due_at.take() {
            self.due.remove(&(at, id));
        }
        if visit.is_over(now, &self.timers) {
            self.forget(id);
        } else if let Some(at) = visit.next_moment(now, agent, &self.timers) {
            visit.due_at = Some(at);
            self.due.insert((at, id));
        }
    }

    /// Removes all traces of a visit, including its row on the boards.
    fn erase(&mut self, id: VisitId, effects: &mut Vec<Effect>) {
        let Some(visit) = self.visits.get_mut(&id) else { return };
        if visit.shown.take().is_some() {
            effects.push(Effect::Gone(id));
        }
        if let Some(at) = visit.due_at.take() {
            self.due.remove(&(at, id));
        }
        self.by_connection.retain(|_, of| *of != id);
        self.forget(id);
    }

    fn forget(&mut self, id: VisitId) {
        let Some(visit) = self.visits.remove(&id) else { return };
        self.by_visitor.remove_if_equal(visit.visitor, id);
        if let Some(token) = visit.token {
            self.by_token.remove_if_equal(token, id);
        }
        self.by_chat.retain(|_, of| *of != id);
    }
}

trait RemoveIf<K, V> {
    fn remove_if_equal(&mut self, key: K, value: V);
}

impl<K: Eq + std::hash::Hash, V: Eq> RemoveIf<K, V> for HashMap<K, V> {
    /// Removes the key unless it now maps to another value.
    fn remove_if_equal(&mut self, key: K, value: V) {
        if self.get(&key) == Some(&value) {
            self.remove(&key);
        }
    }
}
