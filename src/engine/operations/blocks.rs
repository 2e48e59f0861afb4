//! Blocks visitors temporarily or permanently. The concierge is hidden in their tabs for as long as the block lasts.

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
    /// Blocks a visitor for `lasting` milliseconds, or permanently if it is `None`. Closes the visitor's open
    /// invitation and chat, hides the concierge in all of the visitor's tabs, and removes the visitor from the board.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not block visitors, or if the visitor is in a colleague's chat
    /// and the agent is not a supervisor. Returns [`Refusal::NotFound`] if the visitor does not exist.
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
        // The hub is about to drop the visit, so its page views are stored first.
        self.flush_page_views().await;
        hub.erase(visitor, CloseReason::Blocked).await;
        Ok(())
    }

    /// Unblocks a visitor. The concierge reappears on the next page that the visitor opens.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not block visitors, and [`Refusal::NotFound`] if the visitor
    /// does not exist or is not blocked.
    pub async fn lift_block(&self, me: &Principal, visitor: VisitorId) -> Result<(), Refusal> {
        me.may(Permission::Block)?;
        self.store().lift_block(Actor::from(me), visitor, clock::now()).await.map_err(refusal)
    }

    /// Returns the visitor that a visit belongs to. If the hub no longer has the visit, the database is queried.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visit does not exist.
    pub async fn visitor_in_visit(&self, me: &Principal, visit: VisitId) -> Result<VisitorId, Refusal> {
        match self.hub(me.organization).visit_info(VisitKey::Visit(visit)).await {
            Some(facts) => Ok(facts.visitor),
            None => self.store().visitor_of(me.organization, visit).await.map_err(refusal),
        }
    }
}
