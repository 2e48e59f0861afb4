//! Tracks observers: agents who have a chat open without being in it. The chat's agent and the observers can see who is
//! observing.

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    chat::ChatState,
    codec,
    id::{AgentId, ChatId},
    note::Note,
};

use super::{
    VisitKey,
    event::ConnectionId,
    task::{Connection, HubTask},
};
use crate::clock;

impl HubTask {
    pub(super) fn open(&mut self, connection: ConnectionId, chat: ChatId) {
        if let Some(connection) = self.dashboards.get_mut(&connection) {
            connection.open.insert(chat);
            // The agent may have missed a change while disconnected.
            self.notify_observers_again(chat, true);
        }
    }

    pub(super) fn close(&mut self, connection: ConnectionId, chat: ChatId) {
        if let Some(connection) = self.dashboards.get_mut(&connection) {
            connection.open.remove(&chat);
            self.notify_observers(chat);
        }
    }

    fn owner_of(&self, chat: ChatId) -> Option<AgentId> {
        let facts = self.state.visit_info(VisitKey::Chat(chat), clock::now())?;
        let had = facts.chat.filter(|had| had.id == chat && had.state == ChatState::InProgress)?;
        had.agent
    }

    /// Sends the list of observers if it has changed.
    pub(super) fn notify_observers(&mut self, chat: ChatId) {
        self.notify_observers_again(chat, false);
    }

    fn notify_observers_again(&mut self, chat: ChatId, in_any_case: bool) {
        let owner = self.owner_of(chat);
        let open = self.dashboards.values().filter(|connection| connection.open.contains(&chat));
        let mut readers: Vec<_> = open
            .map(|connection| connection.agent)
            .filter(|agent| owner.is_some_and(|owner| owner != *agent))
            .collect();
        readers.sort_unstable();
        readers.dedup();
        let is_same = self.readers.get(&chat).map_or(readers.is_empty(), |shown| *shown == readers);
        if is_same && !in_any_case {
            return;
        }
        let frame = codec::encode(&ToAgent::Readers { chat, readers: readers.clone() }).into();
        self.notify_dashboards(&frame, |connection| Some(connection.agent) == owner || connection.open.contains(&chat));
        match readers.is_empty() {
            true => self.readers.remove(&chat),
            false => self.readers.insert(chat, readers),
        };
    }

    pub(super) fn note(&self, chat: ChatId, agent: Option<AgentId>, note: Note) {
        let frame = Bytes::from(codec::encode(&ToAgent::Notes { chat, notes: vec![note] }));
        self.notify_dashboards(&frame, |connection: &Connection| {
            Some(connection.agent) == agent || connection.open.contains(&chat)
        });
    }
}
