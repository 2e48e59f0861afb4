//! Records in the audit log what agents read: other agents' chats, files, and what is known about a visitor. Nobody
//! waits for this, and paging or reconnecting does not add lines.

use protocol::{
    chat::ChatState,
    id::{FileId, VisitorId},
};

use super::Engine;
use crate::{
    audit_queue::Bound,
    clock,
    sessions::Principal,
    store::{Actor, ChatRecord, NewAuditLine},
};

impl Engine {
    /// Records that an agent read another agent's chat. A chat that is waiting for an agent is not anyone's yet.
    pub(super) async fn log_chat_read(&self, me: &Principal, chat: &ChatRecord) {
        let state = match chat.state {
            ChatState::Unclaimed => return,
            _ if chat.past_agents.contains(&me.agent) => return,
            ChatState::InProgress => "in progress",
            ChatState::Ended => "ended",
        };
        self.log_read(me, "chat.read", chat.id.to_string(), state, chat.visitor).await;
    }

    /// Records that an agent downloaded a file from a chat.
    pub(super) async fn log_file_read(&self, me: &Principal, file: FileId, chat: &ChatRecord) {
        self.log_read(me, "file.read", file.to_string(), "", chat.visitor).await;
    }

    /// Records that an agent opened what is known about a visitor.
    pub(super) async fn log_visitor_read(&self, me: &Principal, visitor: VisitorId) {
        self.log_read(me, "visitor.read", visitor.to_string(), "", visitor).await;
    }

    async fn log_read(&self, me: &Principal, action: &'static str, target: String, detail: &str, visitor: VisitorId) {
        let (by, detail, at) = (Actor::from(me), detail.to_owned(), clock::now());
        let line = NewAuditLine { by, action, target, detail, visitor: Some(visitor), at };
        self.sessions().audit_queue().add(line, Bound::SameLine).await;
    }
}
