//! Brings a tab up to date after it connects or misses something, by sending the open invitation, the chat, and the
//! chat's entries.

use bytes::Bytes;
use protocol::{
    chat::{AgentConnectivity, Seq, VisitorChat},
    codec,
    id::ChatId,
    invitation::{BoardInvitation, InvitationState, VisitorInvitation},
    limits::{CATCH_UP_BYTES, ENTRIES_IN_A_FRAME},
    visitor::ToVisitor,
};

use super::Engine;
use crate::{
    clock,
    connection::VisitorConnection,
    hub::{VisitKey, event::Event},
    outbound_queue::{CatchUp, CatchUpKind},
    store::{ChatRecord, InvitationRecord, Piece, StoreError},
};

impl Engine {
    /// Sends a tab the open invitation, the chat, and the chat's entries after `head`.
    pub(crate) async fn catch_up(&self, connection: &VisitorConnection, head: Seq) -> Result<(), StoreError> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let store = self.store();
        let now = clock::now();
        if let Some(invitation) = store.current_invitation_of(connection.visitor, now).await? {
            self.catch_up_invitation(connection, invitation).await;
        }
        let Some(chat) = store.live_chat_of(connection.visitor, now).await? else {
            if head > 0 {
                connection.push(&ToVisitor::Chat(None));
            }
            return Ok(());
        };
        self.push_chat(connection, chat.clone()).await;
        self.push_entries(connection, chat.id, known_head(&chat, head)).await?;
        // In the hub, a new visit does not include the chat from an earlier visit yet.
        let facts = self.hub(connection.organization).visit_info(VisitKey::Visitor(connection.visitor)).await;
        if chat.state.is_live() && facts.is_none_or(|facts| facts.chat.is_none_or(|had| had.id != chat.id)) {
            self.notify(chat, Vec::new()).await;
        }
        Ok(())
    }

    /// Sends an open invitation to the tab. A denied invitation is only sent to the board, because the welcome frame
    /// already contained the quiet period.
    async fn catch_up_invitation(&self, connection: &VisitorConnection, record: InvitationRecord) {
        let hub = self.hub(connection.organization);
        let facts = hub.visit_info(VisitKey::Visitor(connection.visitor)).await;
        if facts.is_none_or(|facts| facts.invitation.is_none_or(|had| had.id != record.id)) {
            let invitation = board_invitation(&record);
            let quiet_until = record.quiet_until;
            hub.apply(Event::Invitation { visitor: connection.visitor, invitation, quiet_until }).await;
        }
        if record.state.is_open() && !connection.on_excluded_page {
            connection.push(&ToVisitor::Invitation(Some(self.visitor_invitation(record).await)));
        }
    }

    /// Shows or hides the prompt after the tab has entered or left an excluded page.
    pub(crate) async fn refresh_prompt(&self, connection: &VisitorConnection) -> Result<(), StoreError> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let standing = self.store().current_invitation_of(connection.visitor, clock::now()).await?;
        if let Some(record) = standing.filter(|record| record.state.is_open()) {
            let invitation =
                if connection.on_excluded_page { None } else { Some(self.visitor_invitation(record).await) };
            connection.push(&ToVisitor::Invitation(invitation));
        }
        Ok(())
    }

    pub(crate) async fn push_chat(&self, connection: &VisitorConnection, chat: ChatRecord) {
        let facts = self.hub(connection.organization).visit_info(VisitKey::Visitor(connection.visitor)).await;
        let had = facts.and_then(|facts| facts.chat).filter(|had| had.id == chat.id);
        let agent = match chat.agent.or(chat.reserved_for) {
            Some(agent) => self.card(chat.organization, agent).await,
            None => None,
        };
        connection.push(&ToVisitor::Chat(Some(VisitorChat {
            id: chat.id,
            state: chat.state,
            agent,
            link: had.map_or(AgentConnectivity::Ok, |chat| chat.link),
            head: chat.last_seq,
            agent_receipt: chat.agent_receipt,
            visitor_receipt: chat.visitor_receipt,
            contact: chat.contact,
        })));
    }

    /// Sends the tab the entries of its chat after `head`: the first piece at once, and the others as the tab takes
    /// them.
    pub(crate) async fn push_entries(
        &self,
        connection: &VisitorConnection,
        chat: ChatId,
        head: Seq,
    ) -> Result<(), StoreError> {
        connection.queue.cancel(|other| other != chat);
        let catch_up = CatchUp { chat, of: CatchUpKind::Entries, after: head };
        if connection.queue.begin(catch_up) {
            let (frame, after, is_all) = self.visitor_piece(catch_up).await?;
            frame.into_iter().for_each(|frame| connection.queue.push(frame));
            connection.queue.advance(catch_up, after, is_all);
        }
        Ok(())
    }

    /// Reads the next piece of a tab's catch-up: its frame unless nothing is missing, its last entry, and whether it is
    /// the last piece.
    pub(crate) async fn visitor_piece(&self, catch_up: CatchUp) -> Result<(Option<Bytes>, Seq, bool), StoreError> {
        let CatchUp { chat, after, .. } = catch_up;
        let Piece { items, is_all } =
            self.store().entries_within(chat, after, ENTRIES_IN_A_FRAME, CATCH_UP_BYTES).await?;
        let Some(last) = items.last() else { return Ok((None, after, is_all)) };
        let seq = last.seq;
        Ok((Some(codec::encode(&ToVisitor::Entries(items)).into()), seq, is_all))
    }

    pub(crate) async fn visitor_invitation(&self, record: InvitationRecord) -> VisitorInvitation {
        let nobody = protocol::agent::AgentCard { id: record.by, name: String::new(), avatar: String::new() };
        VisitorInvitation {
            id: record.id,
            by: self.card(record.organization, record.by).await.unwrap_or(nobody),
            text: record.text,
            state: record.state,
            expires_at: record.expires_at,
        }
    }
}

/// Returns the sequence number of the last entry that a client has of this chat. If `head` is past the end of the chat,
/// it belongs to another chat, so this returns 0.
pub(crate) fn known_head(chat: &ChatRecord, head: Seq) -> Seq {
    if head > chat.last_seq { 0 } else { head }
}

/// Returns the invitation as shown on the board. A late denial counts as a denial.
pub(super) fn board_invitation(record: &InvitationRecord) -> BoardInvitation {
    BoardInvitation {
        id: record.id,
        by: record.by,
        state: if record.is_denied() { InvitationState::Denied } else { record.state },
        sent_at: record.sent_at,
        expires_at: record.expires_at,
    }
}
