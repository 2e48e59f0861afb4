//! Sends frames other than board batches to tabs and dashboards.

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    chat::{AgentConnectivity, VisitorChat},
    codec,
    id::{AgentId, ChatId, VisitorId},
    limits::ENTRIES_IN_A_FRAME,
    visitor::ToVisitor,
};

use super::{
    ChatUpdate, Team, VisitKey,
    event::{ConnectionId, Event},
    task::{Connection, HubTask},
};
use crate::{clock, outbound_queue::OutboundQueue, read_scope::ReadScope, store::ChatRecord};

impl HubTask {
    pub(super) fn beat(&self, connection: ConnectionId) {
        let now = clock::now();
        if let Some(queue) = self.tabs.get(&connection) {
            queue.push(codec::encode(&ToVisitor::Heartbeat { now, head: self.state.head_at(connection) }).into());
        } else if let Some(Connection { agent, queue, .. }) = self.dashboards.get(&connection) {
            let heads = self.state.heads_of(*agent);
            queue.push(codec::encode(&ToAgent::Heartbeat { now, seq: self.batches.seq, heads }).into());
        }
    }

    pub(super) fn notify_dashboards(&self, frame: &Bytes, whom: impl Fn(&Connection) -> bool) {
        for connection in self.dashboards.values().filter(|connection| whom(connection)) {
            connection.queue.push(frame.clone());
        }
    }

    pub(super) fn notify_tabs(&self, visitor: VisitorId, tell: impl Fn(&OutboundQueue)) {
        for queue in self.state.connections_of(visitor).filter_map(|connection| self.tabs.get(&connection)) {
            tell(queue);
        }
    }

    /// Sends a notice to the connected members of a team, or to everyone if none of them is connected. It reaches at
    /// least one agent as long as any agent is connected. If the notice announces a waiting chat, only agents who are
    /// accepting chats count as connected.
    pub(super) fn notify_team(&self, Team { members, except, only_available }: &Team, frame: &Bytes) {
        let takes = |connection: &Connection| !only_available || self.state.takes_chats(connection.agent);
        let is_member = |connection: &Connection| {
            takes(connection) && members.as_ref().is_none_or(|members| members.contains(&connection.agent))
        };
        let is_meant = |connection: &Connection| Some(connection.agent) != *except && takes(connection);
        let any_member = self.dashboards.values().any(is_member);
        let stands_in = |connection: &Connection| !any_member && connection.scope == ReadScope::All;
        self.notify_dashboards(frame, |connection| {
            is_meant(connection) && (is_member(connection) || stands_in(connection))
        });
    }

    pub(super) fn send_typing_to_visitor(&self, visitor: VisitorId) {
        let frame = Bytes::from(codec::encode(&ToVisitor::Typing));
        self.notify_tabs(visitor, |queue| queue.push_ephemeral(frame.clone()));
    }

    pub(super) fn send_typing_to_agent(&self, agent: AgentId, chat: ChatId) {
        let frame = Bytes::from(codec::encode(&ToAgent::Typing(chat)));
        for connection in self.dashboards.values().filter(|connection| connection.agent == agent) {
            connection.queue.push_ephemeral(frame.clone());
        }
    }

    /// Closes the windows of agents who may not read the chat in its new state, before they hear of it.
    fn close_windows_out_of_scope(&mut self, chat: &ChatRecord) {
        for connection in self.dashboards.values_mut() {
            if connection.open.contains(&chat.id) && !connection.scope.contains(chat) {
                connection.open.remove(&chat.id);
                connection.queue.push(codec::encode(&ToAgent::AccessLost(chat.id)).into());
            }
        }
    }

    /// Sends the current state of a chat and its new entries to everybody who sees it.
    pub(super) fn chat(&mut self, ChatUpdate { chat, entries, card }: ChatUpdate) {
        self.close_windows_out_of_scope(&chat);
        let board = chat.to_board_chat(AgentConnectivity::Ok);
        // Only agents are told what happens to an earlier chat. The row and the tabs keep showing the one that
        // followed.
        let is_earlier = self.state.has_later_chat(chat.visitor, &board);
        let (head, last_word_at) = (chat.last_seq, chat.last_word_at);
        if !is_earlier {
            self.apply(Event::Chat { visitor: chat.visitor, chat: board.clone(), head, last_word_at });
        }
        let facts = self.state.visit_info(VisitKey::Visitor(chat.visitor), clock::now());
        let visit = facts.as_ref().map_or(chat.visit, |facts| facts.visit);
        let board = facts.and_then(|facts| facts.chat).filter(|had| had.id == chat.id).unwrap_or(board);

        let to_visitor = ToVisitor::Chat(Some(VisitorChat {
            id: chat.id,
            state: chat.state,
            agent: card,
            link: board.link,
            head,
            agent_receipt: chat.agent_receipt,
            visitor_receipt: chat.visitor_receipt,
            contact: chat.contact,
        }));
        let to_visitor = Bytes::from(codec::encode(&to_visitor));
        let (id, agent, shown_to) = (chat.id, chat.agent, (!is_earlier).then_some(chat.visitor));
        let to_agent = Bytes::from(codec::encode(&ToAgent::Chat(chat.into_agent_chat(board, visit))));
        let is_meant = |connection: &Connection| agent == Some(connection.agent) || connection.open.contains(&id);
        if let Some(visitor) = shown_to {
            self.notify_tabs(visitor, |queue| {
                // The frames with a visitor's entries do not name the chat, so entries of an earlier chat must not be
                // sent.
                queue.cancel(|other| other != id);
                queue.push(to_visitor.clone());
            });
        }
        self.notify_dashboards(&to_agent, is_meant);
        for some in entries.chunks(ENTRIES_IN_A_FRAME) {
            if let Some(visitor) = shown_to {
                let frame = Bytes::from(codec::encode(&ToVisitor::Entries(some.to_vec())));
                self.notify_tabs(visitor, |queue| queue.push_entries(id, frame.clone()));
            }
            let frame = Bytes::from(codec::encode(&ToAgent::Entries { chat: id, entries: some.to_vec() }));
            for connection in self.dashboards.values().filter(|connection| is_meant(connection)) {
                connection.queue.push_entries(id, frame.clone());
            }
        }
        self.notify_observers(id);
    }
}
