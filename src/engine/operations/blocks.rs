//! Blocks visitors, temporarily or permanently: their tabs hide the concierge for as long as the block lasts.

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
    /// Blocks a visitor for `lasting` milliseconds, or permanently when it is `None`. Closes the visitor's open
    /// invitation and chat, makes all of the visitor's tabs hide the concierge, and removes the visitor from the board.
    ///
    /// # Errors
    /// `Forbidden`, also when the visitor is in a colleague's chat and the agent is no supervisor; `NotFound`.
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
        // The hub is about to forget the visit, so its page views are stored first.
        self.flush_page_views().await;
        hub.erase(visitor, CloseReason::Blocked).await;
        Ok(())
    }

    /// Lifts a visitor's block. The concierge reappears on the next page that the visitor opens.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound`, also when the visitor is not blocked.
    pub async fn lift_block(&self, me: &Principal, visitor: VisitorId) -> Result<(), Refusal> {
        me.may(Permission::Block)?;
        self.store().lift_block(Actor::from(me), visitor, clock::now()).await.map_err(refusal)
    }

    /// Returns the visitor of a visit: from the hub, or from the database when the visit is over.
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
