//! The live rows of one organization. Pure: no clock, socket or task in here, so that a plain test can drive all of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use protocol::{
    Millis,
    board::Row,
    chat::{AgentLink, ChatState, Seq},
    id::{AgentId, ChatId, VisitId, VisitorId},
    page::PageView,
};

use super::{
    event::{Arrival, Effect, Event, Facts, KnownVisitor, Restored, SeatId, Seated, TokenHash},
    visit::{COMPOSING_HOLDS, Visit},
};
use crate::settings::Timers;

/// Who is there.
#[derive(Debug)]
pub(crate) struct State {
    timers: Timers,
    visits: HashMap<VisitId, Visit>,
    by_visitor: HashMap<VisitorId, VisitId>,
    by_token: HashMap<TokenHash, VisitId>,
    by_seat: HashMap<SeatId, VisitId>,
    by_chat: HashMap<ChatId, VisitId>,
    agents: super::agents::Agents,
    due: BTreeSet<(Millis, VisitId)>,
}

impl State {
    pub(crate) fn new(timers: Timers) -> Self {
        Self {
            timers,
            visits: HashMap::new(),
            by_visitor: HashMap::new(),
            by_token: HashMap::new(),
            by_seat: HashMap::new(),
            by_chat: HashMap::new(),
            agents: super::agents::Agents::default(),
            due: BTreeSet::new(),
        }
    }

    /// The whole behaviour of the floor.
    pub(crate) fn apply(&mut self, event: Event, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        let touched = match event {
            Event::Arrived(arrival) => Some(self.arrived(*arrival, now, &mut effects)),
            Event::Moved { seat, page } => self.at_seat(seat, |visit| visit.walk(page, now)),
            Event::Activity { seat, activity } => self.at_seat(seat, |visit| {
                if activity.input {
                    visit.last_input = now;
                    visit.is_driven = false;
                }
                visit.tabs.insert(seat, activity);
                visit.look_at_tabs(now);
            }),
            Event::Acted { seat } => self.at_seat(seat, |visit| {
                visit.last_input = now;
                visit.is_driven = false;
            }),
            Event::TabGone { seat } => self.by_seat.remove(&seat).inspect(|visit| {
                let visit = self.visits.get_mut(visit).expect("a seat's visit is there");
                visit.tabs.remove(&seat);
                if visit.tabs.is_empty() {
                    visit.gone_since = now;
                }
                visit.look_at_tabs(now);
            }),
            Event::Remembered { visitor } => self.of_visitor(visitor, |visit| visit.remembered = true),
            Event::Invitation { visitor, invitation, quiet_until } => self.of_visitor(visitor, |visit| {
                if invitation.state == protocol::invitation::InvitationState::Denied {
                    visit.denials += 1;
                }
                // Word of one that is over must not wipe out the one that is open now.
                let is_other =
                    visit.invitation.as_ref().is_some_and(|had| had.state.is_open() && had.id != invitation.id);
                if invitation.state.is_open() || !is_other {
                    visit.invitation = Some(invitation);
                }
                visit.composing = None;
                visit.quiet_until = quiet_until.max(visit.quiet_until);
            }),
            Event::Chat { visitor, mut chat, head, last_word_at } => {
                let id = chat.id;
                let visit = self.of_visitor(visitor, |visit| {
                    match &visit.chat {
                        Some(had) if had.id == chat.id && (had.version, had.state) == (chat.version, chat.state) => {
                            chat.link = had.link;
                        }
                        // The link is told when it changes from `Ok`; a new owner starts there.
                        _ => {
                            chat.link = AgentLink::Ok;
                            visit.chat_told_at = now;
                        }
                    }
                    visit.chat_head = head;
                    visit.last_word_at = last_word_at;
                    visit.chat = Some(chat);
                });
                if let Some(visit) = visit {
                    self.by_chat.insert(id, visit);
                }
                visit
            }
            Event::Composing { agent, visit } => {
                let before: Vec<_> = self.composed_by(agent).filter(|had| Some(*had) != visit).collect();
                for had in before {
                    self.visits.get_mut(&had).expect("it was just found").composing = None;
                    self.settle(had, now, &mut effects);
                }
                visit.filter(|visit| self.visits.contains_key(visit)).inspect(|visit| {
                    let visit = self.visits.get_mut(visit).expect("it was just looked for");
                    if visit.composing.is_none_or(|(by, _)| by == agent) {
                        visit.composing = Some((agent, now.saturating_add(COMPOSING_HOLDS)));
                    }
                })
            }
            Event::AgentArrived { agent, seat } => {
                self.agents.arrive(agent, seat, now);
                self.settle_chats_of(agent, now, &mut effects);
                None
            }
            Event::AgentGone { agent, seat } => {
                self.agents.leave(agent, seat, now);
                self.settle_chats_of(agent, now, &mut effects);
                None
            }
            Event::Restored(restored) => Some(self.restored(*restored, now)),
            Event::Tick => None,
        };
        if let Some(visit) = touched {
            self.settle(visit, now, &mut effects);
        }
        while let Some((_, visit)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.settle(visit, now, &mut effects);
        }
        effects
    }

    fn arrived(&mut self, arrival: Arrival, now: Millis, effects: &mut Vec<Effect>) -> VisitId {
        let by_token = arrival.token.and_then(|token| self.by_token.get(&token).copied());
        let by_name = || arrival.known.as_ref().and_then(|known| self.by_visitor.get(&known.visitor).copied());
        let token_is_known = by_token.is_some() || arrival.known.is_some();
        let token = arrival.token.filter(|_| token_is_known).unwrap_or(arrival.fresh_token);
        // A bot that carries a person's token is not believed; a person's other tab need not prove itself again.
        let (id, is_new) = by_token.or_else(by_name).map_or((arrival.fresh.0, true), |id| (id, false));
        let known = arrival.known.clone();
        let visit = self.visits.entry(id).or_insert_with(|| {
            let visitor = known.as_ref().map_or(arrival.fresh.1, |known| known.visitor);
            let mut visit = blank(id, visitor, now);
            visit.remembered = known.is_some();
            visit.is_driven = arrival.is_driven;
            visit
        });
        if let Some(KnownVisitor { name, quiet_until, denials, .. }) = arrival.known {
            visit.name = name;
            visit.quiet_until = visit.quiet_until.max(quiet_until);
            visit.denials = visit.denials.max(denials);
            visit.remembered = true;
        }
        let came_back = visit.left.take().is_some();
        if came_back && let Some(chat) = visit.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress) {
            let due = super::event::Due::VisitorBack(chat.id);
            effects.push(Effect::Due { visit: id, visitor: visit.visitor, due });
        }
        visit.token = Some(token);
        visit.concierge = arrival.concierge;
        visit.browser = arrival.browser;
        visit.is_mobile = arrival.is_mobile;
        if is_new || arrival.activity.visible || visit.tabs.is_empty() {
            visit.last_input =
                if is_new || visit.tabs.is_empty() || arrival.activity.input { now } else { visit.last_input };
        }
        visit.tabs.insert(arrival.seat, arrival.activity);
        visit.look_at_tabs(now);
        visit.walk(arrival.page, now);
        let seated = Seated {
            visit: id,
            visitor: visit.visitor,
            token_is_known,
            remembered: visit.remembered,
            quiet_until: visit.quiet_until.filter(|until| now < *until),
        };
        effects.push(Effect::Seated(seated));
        self.by_visitor.insert(seated.visitor, id);
        self.by_token.insert(token, id);
        self.by_seat.insert(arrival.seat, id);
        id
    }

    fn restored(&mut self, restored: Restored, now: Millis) -> VisitId {
        let id = restored.visit;
        let mut visit = blank(id, restored.visitor.visitor, restored.since);
        visit.gone_since = now;
        // Which kind of browser it is was not asked: everybody has the longer time to come back.
        visit.is_mobile = true;
        visit.name = restored.visitor.name;
        visit.quiet_until = restored.visitor.quiet_until;
        visit.denials = restored.visitor.denials;
        visit.remembered = true;
        visit.concierge = restored.concierge;
        visit.browser = restored.browser;
        visit.page = restored.page;
        self.by_visitor.insert(visit.visitor, id);
        self.visits.insert(id, visit);
        id
    }

    fn at_seat(&mut self, seat: SeatId, change: impl FnOnce(&mut Visit)) -> Option<VisitId> {
        let id = *self.by_seat.get(&seat)?;
        self.visits.get_mut(&id).map(change).map(|()| id)
    }

    fn of_visitor(&mut self, visitor: VisitorId, change: impl FnOnce(&mut Visit)) -> Option<VisitId> {
        let id = *self.by_visitor.get(&visitor)?;
        self.visits.get_mut(&id).map(change).map(|()| id)
    }

    fn composed_by(&self, agent: AgentId) -> impl Iterator<Item = VisitId> {
        let composing = self.visits.values().filter(move |visit| visit.composing.is_some_and(|(by, _)| by == agent));
        composing.map(|visit| visit.id)
    }

    fn settle_chats_of(&mut self, agent: AgentId, now: Millis, effects: &mut Vec<Effect>) {
        let visits: HashSet<_> = self.by_chat.values().copied().collect();
        for id in visits {
            let is_his = |visit: &Visit| visit.chat.as_ref().is_some_and(|chat| chat.agent == Some(agent));
            if self.visits.get(&id).is_some_and(is_his) {
                self.settle(id, now, effects);
            }
        }
    }

    /// Lets time and facts take effect on one visit: its dues, its row, its next moment.
    fn settle(&mut self, id: VisitId, now: Millis, effects: &mut Vec<Effect>) {
        let Some(visit) = self.visits.get_mut(&id) else { return };
        let owner = visit.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress).and_then(|chat| chat.agent);
        let agent = owner.map(|agent| self.agents.standing(agent, now, &self.timers));
        let visitor = visit.visitor;
        let dues = visit.settle(now, agent, &self.timers);
        effects.extend(dues.into_iter().map(|due| Effect::Due { visit: id, visitor, due }));
        let row = visit.row(now, &self.timers);
        if row != visit.shown {
            effects.push(row.clone().map_or(Effect::Gone(id), |row| Effect::Changed(Box::new(row))));
            visit.shown = row;
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

    fn forget(&mut self, id: VisitId) {
        let Some(visit) = self.visits.remove(&id) else { return };
        self.by_visitor.remove_if_is(visit.visitor, id);
        if let Some(token) = visit.token {
            self.by_token.remove_if_is(token, id);
        }
        self.by_chat.retain(|_, of| *of != id);
    }

    /// When time alone changes something next.
    pub(crate) fn next_moment(&self) -> Option<Millis> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Every row as the dashboards have it.
    pub(crate) fn rows(&self) -> BTreeMap<VisitId, Row> {
        self.visits.values().filter_map(|visit| visit.shown.clone()).map(|row| (row.visit, row)).collect()
    }

    /// The tabs of a visitor.
    pub(crate) fn seats_of(&self, visitor: VisitorId) -> impl Iterator<Item = SeatId> {
        let visit = self.by_visitor.get(&visitor).and_then(|id| self.visits.get(id));
        visit.into_iter().flat_map(|visit| visit.tabs.keys().copied())
    }

    pub(crate) fn facts(&self, id: VisitId, now: Millis) -> Option<Facts> {
        let visit = self.visits.get(&id)?;
        Some(Facts {
            visit: id,
            visitor: visit.visitor,
            token: visit.token,
            concierge: visit.concierge,
            browser: visit.browser.clone(),
            since: visit.since,
            presence: visit.presence(now, &self.timers),
            remembered: visit.remembered,
            denials: visit.denials,
            quiet_until: visit.quiet_until.filter(|until| now < *until),
            invitation: visit.invitation.clone(),
            chat: visit.chat.clone(),
        })
    }

    pub(crate) fn visit_of_visitor(&self, visitor: VisitorId) -> Option<VisitId> {
        self.by_visitor.get(&visitor).copied()
    }

    pub(crate) fn visit_of_chat(&self, chat: ChatId) -> Option<VisitId> {
        self.by_chat.get(&chat).copied()
    }

    /// The last entry of the visitor's chat.
    pub(crate) fn head_at(&self, seat: SeatId) -> Seq {
        self.by_seat.get(&seat).and_then(|id| self.visits.get(id)).map_or(0, |visit| visit.chat_head)
    }

    /// The last entries of an agent's live chats.
    pub(crate) fn heads_of(&self, agent: AgentId) -> Vec<(ChatId, Seq)> {
        let chats = self.by_chat.iter().filter_map(|(chat, visit)| {
            let visit = self.visits.get(visit)?;
            let is_his =
                |had: &&protocol::chat::BoardChat| had.id == *chat && had.agent == Some(agent) && had.state.is_live();
            visit.chat.as_ref().filter(is_his).map(|_| (*chat, visit.chat_head))
        });
        chats.collect()
    }

    pub(crate) fn trail(&self, id: VisitId) -> Option<VecDeque<PageView>> {
        self.visits.get(&id).map(|visit| visit.trail.clone())
    }

    /// What of the trails is to be written; those of silent visitors are not.
    pub(crate) fn take_trails(&mut self) -> Vec<(VisitId, PageView)> {
        let remembered = self.visits.values_mut().filter(|visit| visit.remembered);
        remembered
            .flat_map(|visit| visit.unwritten.drain(..).map(|view| (visit.id, view)).collect::<Vec<_>>())
            .collect()
    }
}

trait RemoveIf<K, V> {
    fn remove_if_is(&mut self, key: K, value: V);
}

impl<K: Eq + std::hash::Hash, V: Eq> RemoveIf<K, V> for HashMap<K, V> {
    /// Removes the key unless it has come to mean something else.
    fn remove_if_is(&mut self, key: K, value: V) {
        if self.get(&key) == Some(&value) {
            self.remove(&key);
        }
    }
}

fn blank(id: VisitId, visitor: VisitorId, since: Millis) -> Visit {
    Visit {
        id,
        visitor,
        token: None,
        name: None,
        concierge: protocol::id::ConciergeId(uuid::Uuid::nil()),
        page: protocol::page::Page::default(),
        browser: String::new(),
        is_mobile: false,
        since,
        remembered: false,
        denials: 0,
        quiet_until: None,
        tabs: BTreeMap::new(),
        last_input: since,
        hidden_since: None,
        gone_since: since,
        left: None,
        is_driven: false,
        dropped: false,
        invitation: None,
        chat: None,
        chat_head: 0,
        chat_told_at: since,
        last_word_at: since,
        composing: None,
        trail: VecDeque::new(),
        unwritten: VecDeque::new(),
        shown: None,
        due_at: None,
        asked: Vec::new(),
        called_again: None,
    }
}
