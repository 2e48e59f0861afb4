//! Who is not served, for a while or for good: where he is, the concierge goes, and while it lasts it does not come back.

use protocol::{
    chat::ChatState,
    close_reason::CloseReason,
    id::{VisitId, VisitorId},
    refusal::Refusal,
};

use super::{Engine, invitations::persist_visitor, refusal};
use crate::{
    clock,
    hub::{VisitKey, event::Event, millis},
    permission::Permission,
    sessions::Principal,
    store::{Actor, BlockOutcome, NewBlock},
};

impl Engine {
    /// Serves a visitor no longer, for so many milliseconds or for good: what is open with him ends, every tab of his is told to
    /// put the concierge away, and he leaves the board.
    ///
    /// # Errors
    /// `Forbidden`, also when he is in a colleague's chat and one does not supervise; `NotFound`.
    pub async fn block(&self, me: &Principal, visitor: VisitorId, lasting: Option<u64>) -> Result<(), Refusal> {
        me.may(Permission::Block)?;
        let _guard = self.lock_visitor(visitor).await;
        let hub = self.hub(me.organization);
        let facts = hub.visit_info(VisitKey::Visitor(visitor)).await;
        let chat = facts.as_ref().and_then(|facts| facts.chat.as_ref());
        if chat.is_some_and(|chat| chat.state == ChatState::InProgress && chat.agent != Some(me.agent)) {
            me.may(Permission::Supervise)?;
        }
        let here = facts.as_ref().and_then(|facts| Some((facts.visit, persist_visitor(facts)?)));
        let now = clock::now();
        let until = lasting.map(|lasting| now.saturating_add(millis(lasting)));
        let new = NewBlock { visitor, here, until, now };
        let BlockOutcome { invitation, chat } = self.store().block(Actor::from(me), new).await.map_err(refusal)?;
        hub.apply(Event::VisitorPersisted { visitor }).await;
        if let Some(record) = invitation {
            self.publish_closed_invitation(&record).await;
        }
        if let Some((record, entries)) = chat {
            self.notify(record, entries).await;
        }
        // What he has seen until now belongs to what is known of him.
        self.flush_page_views().await;
        hub.erase(visitor, CloseReason::Blocked).await;
        Ok(())
    }

    /// Serves a visitor again: the concierge is back on his next page.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound`, also when he is not blocked.
    pub async fn lift_block(&self, me: &Principal, visitor: VisitorId) -> Result<(), Refusal> {
        me.may(Permission::Block)?;
        self.store().lift_block(Actor::from(me), visitor, clock::now()).await.map_err(refusal)
    }

    /// Whose visit it is: by the hub, or when it is over, by the database.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn visitor_in_visit(&self, me: &Principal, visit: VisitId) -> Result<VisitorId, Refusal> {
        match self.hub(me.organization).visit_info(VisitKey::Visit(visit)).await {
            Some(facts) => Ok(facts.visitor),
            None => self.store().visitor_of(me.organization, visit).await.map_err(refusal),
        }
    }
}
