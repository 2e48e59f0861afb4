//! Read access to the hub's state.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use protocol::{
    Millis,
    availability::Colleague,
    board::Row,
    chat::{BoardChat, ChatState, Seq},
    id::{AgentId, ChatId, VisitId, VisitorId},
    page::PageView,
};

use super::{
    BoardCounts, VisitKey,
    event::{ConnectionId, TakenPageView, VisitInfo},
    state::State,
};

impl State {
    /// Returns the next time at which something will change without an event.
    pub(crate) fn next_moment(&self) -> Option<Millis> {
        let visit = self.due.first().map(|(at, _)| *at);
        visit.into_iter().chain(self.agents.next_moment()).min()
    }

    /// Returns all agents who are present.
    pub(crate) fn colleagues(&self) -> Vec<Colleague> {
        self.agents.present()
    }

    /// Returns whether the agent should be notified of waiting chats.
    pub(crate) fn takes_chats(&self, agent: AgentId) -> bool {
        self.agents.is_available(agent)
    }

    /// Returns the current version of each row that the dashboards show.
    pub(crate) fn rows(&self, now: Millis) -> BTreeMap<VisitId, Row> {
        let shown = self.visits.values().filter(|visit| visit.shown.is_some());
        shown.filter_map(|visit| visit.row(now, &self.timers)).map(|row| (row.visit, row)).collect()
    }

    /// Returns the current version of a row, or `None` if the dashboards do not show it.
    pub(crate) fn row(&self, visit: VisitId, now: Millis) -> Option<Row> {
        self.visits.get(&visit).filter(|visit| visit.shown.is_some())?.row(now, &self.timers)
    }

    /// Counts the visitors and live chats on the board.
    pub(crate) fn count(&self) -> BoardCounts {
        let mut counted = BoardCounts::default();
        for visit in self.visits.values().filter(|visit| visit.shown.is_some()) {
            counted.visitors += 1;
            match visit.chat.as_ref().map(|chat| chat.state) {
                Some(ChatState::Unclaimed) => counted.unclaimed += 1,
                Some(ChatState::InProgress) => counted.in_progress += 1,
                Some(ChatState::Ended) | None => {}
            }
        }
        counted
    }

    /// Returns whether the visitor's visit has another chat that began after this one.
    pub(crate) fn has_later_chat(&self, visitor: VisitorId, chat: &BoardChat) -> bool {
        let visit = self.by_visitor.get(&visitor).and_then(|id| self.visits.get(id));
        let shown = visit.and_then(|visit| visit.chat.as_ref()).filter(|shown| shown.id != chat.id);
        // A visitor has at most one live chat.
        shown.is_some_and(|shown| !chat.state.is_live() && (shown.state.is_live() || shown.id > chat.id))
    }

    /// Returns a visitor's tabs.
    pub(crate) fn connections_of(&self, visitor: VisitorId) -> impl Iterator<Item = ConnectionId> {
        let visit = self.by_visitor.get(&visitor).and_then(|id| self.visits.get(id));
        visit.into_iter().flat_map(|visit| visit.tabs.keys().copied())
    }

    /// Returns the information about a visit that the operations need.
    pub(crate) fn visit_info(&self, of: VisitKey, now: Millis) -> Option<VisitInfo> {
        let id = match of {
            VisitKey::Visit(visit) => visit,
            VisitKey::Visitor(visitor) => *self.by_visitor.get(&visitor)?,
            VisitKey::Chat(chat) => *self.by_chat.get(&chat)?,
            VisitKey::Connection(connection) => *self.by_connection.get(&connection)?,
        };
        let visit = self.visits.get(&id)?;
        let tab = if let VisitKey::Connection(connection) = of { visit.tabs.get(&connection).copied() } else { None };
        Some(VisitInfo {
            visit: id,
            visitor: visit.visitor,
            token: visit.token,
            concierge: visit.concierge,
            page: visit.page.clone(),
            browser: visit.browser.clone(),
            source: Arc::clone(&visit.source),
            keeps_source: visit.keeps_source,
            since: visit.since,
            presence: visit.presence(now, &self.timers),
            persisted: visit.persisted,
            is_on_board: visit.shown.is_some(),
            quiet_until: visit.quiet_until.filter(|until| now < *until),
            invitation: visit.invitation.clone(),
            chat: visit.chat.clone(),
            tab,
        })
    }

    /// Returns the sequence number of the last entry in the visitor's chat, or 0 if there is none.
    pub(crate) fn head_at(&self, connection: ConnectionId) -> Seq {
        self.by_connection.get(&connection).and_then(|id| self.visits.get(id)).map_or(0, |visit| visit.chat_head)
    }

    /// Returns the sequence number of the last entry in each of an agent's live chats.
    pub(crate) fn heads_of(&self, agent: AgentId) -> Vec<(ChatId, Seq)> {
        let chats = self.by_chat.iter().filter_map(|(chat, visit)| {
            let visit = self.visits.get(visit)?;
            let is_his = |had: &&BoardChat| had.id == *chat && had.agent == Some(agent) && had.state.is_live();
            visit.chat.as_ref().filter(is_his).map(|_| (*chat, visit.chat_head))
        });
        chats.collect()
    }

    /// Returns a visit's page views up to the page that it shows now, or `None` if the visit is unknown.
    pub(crate) fn page_views(&self, id: VisitId) -> Option<VecDeque<PageView>> {
        let visit = self.visits.get(&id)?;
        Some(visit.page_views.iter().cloned().chain(visit.waiting_page_view()).collect())
    }

    /// Takes the page views that are not stored yet. Only visits of persisted visitors have any.
    pub(crate) fn take_page_views(&mut self, now: Millis) -> Vec<TakenPageView> {
        let (mut lines, limits) = (Vec::new(), self.limits);
        for visit in self.visits.values_mut().filter(|visit| visit.persisted) {
            visit.record_waiting_page(now, limits);
            let written = visit.page_views.len() - std::mem::take(&mut visit.unwritten);
            let taken = |view: &PageView| TakenPageView { visit: visit.id, network: visit.network, view: view.clone() };
            lines.extend(visit.page_views.iter().skip(written).map(taken));
        }
        lines
    }
}
