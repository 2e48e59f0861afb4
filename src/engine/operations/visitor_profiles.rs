//! Visitor profiles: the data stored about visitors, and agents' notes about them.

use protocol::{
    contact,
    id::{VisitId, VisitorId},
    refusal::Refusal,
};

use super::{Engine, invitations::checked, refusal};
use crate::{
    clock,
    hub::{VisitKey, event::Event},
    permission::Permission,
    sessions::Principal,
    store::{Actor, VisitorCursor, VisitorFacts, VisitorProfile},
    traffic_source::Source,
};

/// Information about a visit and its visitor.
#[derive(Clone, Debug)]
pub struct VisitorPanel {
    /// Where the visit came from.
    pub source: Source,
    /// Everything stored about the visitor, or `None` if the visitor has not been stored.
    pub known: Option<VisitorFacts>,
}

impl Engine {
    /// Returns at most `limit` stored visitors, most recent first. If `blocked` is set, returns only visitors who are
    /// currently blocked.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the history, [`Refusal::TookTooLong`] if the query took
    /// too long, or another error if the store fails.
    pub async fn visitor_profiles(
        &self,
        me: &Principal,
        words: &str,
        blocked: bool,
        place: Option<VisitorCursor>,
        limit: u32,
    ) -> Result<Vec<VisitorProfile>, Refusal> {
        me.may(Permission::ReadHistory)?;
        let blocked = blocked.then(clock::now);
        self.store().visitor_profiles(me.organization, words.to_owned(), blocked, place, limit).await.map_err(refusal)
    }

    /// Returns everything stored about a visitor except their chats.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the history, [`Refusal::NotFound`] if the visitor does
    /// not exist, or another error if the store fails.
    pub async fn visitor_facts(&self, me: &Principal, visitor: VisitorId) -> Result<VisitorFacts, Refusal> {
        me.may(Permission::ReadHistory)?;
        // The result must include the visitor's current page.
        self.flush_page_views().await;
        let facts = self.store().visitor_facts(me.organization, visitor).await.map_err(refusal)?;
        self.log_visitor_read(me, visitor).await;
        Ok(facts)
    }

    /// Returns information about a visit and its visitor. If the visitor is not stored, this is limited to the hub's
    /// live state.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the history, [`Refusal::NotFound`] if the visit does
    /// not exist, or another error if the store fails.
    pub async fn visitor_panel(&self, me: &Principal, visit: VisitId) -> Result<VisitorPanel, Refusal> {
        me.may(Permission::ReadHistory)?;
        let live = self.hub(me.organization).visit_info(VisitKey::Visit(visit)).await;
        let visitor = self.visitor_in_visit(me, visit).await?;
        let known = match &live {
            Some(facts) if !facts.persisted => None,
            _ => Some(self.visitor_facts(me, visitor).await?),
        };
        let recorded = known.iter().flat_map(|known| &known.visits).find(|known| known.id == visit);
        // After a restart, the hub no longer has the visit's source.
        let recorded = recorded.map(|visit| visit.source.clone()).unwrap_or_default();
        let source = live.map_or(recorded.clone(), |live| recorded.or(&live.source));
        Ok(VisitorPanel { source, known })
    }

    /// Adds an agent's note about a visitor. Visitors never see these notes.
    ///
    /// # Errors
    /// Returns [`Refusal::Empty`] or [`Refusal::TooLong`] if the text is invalid, [`Refusal::NotFound`] if the visitor
    /// does not exist, or another error if the store fails.
    pub async fn note_on_visitor(&self, me: &Principal, visitor: VisitorId, text: &str) -> Result<(), Refusal> {
        me.may(Permission::Chat)?;
        let text = checked(text)?;
        self.store().note_on_visitor(Actor::from(me), visitor, text, clock::now()).await.map_err(refusal)
    }

    /// Sets a visitor's name and email address. An empty value removes the stored one. All boards show the change
    /// immediately.
    ///
    /// # Errors
    /// Returns [`Refusal::TooLong`] if the name is too long, [`Refusal::NotAnEmail`] if the email address is invalid,
    /// [`Refusal::NotFound`] if the visitor does not exist, or another error if the store fails.
    pub async fn name_visitor(
        &self,
        me: &Principal,
        visitor: VisitorId,
        name: &str,
        email: &str,
    ) -> Result<(), Refusal> {
        me.may(Permission::Chat)?;
        let name = contact::parse_name(name)?;
        let email = if email.trim().is_empty() { None } else { Some(contact::parse_email(email)?) };
        let _guard = self.lock_visitor(visitor).await;
        let naming = self.store().name_visitor(Actor::from(me), visitor, name, email, clock::now());
        let shown = naming.await.map_err(refusal)?;
        self.hub(me.organization).apply(Event::Named { visitor, name: shown }).await;
        Ok(())
    }
}
