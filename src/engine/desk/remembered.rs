//! Visitors who were here, and what agents say of them.

use protocol::{contact, id::VisitorId, refusal::Refusal};

use super::{Engine, invite::checked, refusal};
use crate::{
    clock,
    floor::event::Event,
    permission::Deed,
    sessions::Principal,
    store::{Doer, RememberedVisitor, VisitorFacts, VisitorPlace},
};

impl Engine {
    /// Visitors who are remembered, who was here last first, `limit` at most.
    ///
    /// # Errors
    /// `Forbidden`, `TookTooLong`, and when the store fails.
    pub async fn remembered(
        &self,
        me: &Principal,
        words: &str,
        place: Option<VisitorPlace>,
        limit: u32,
    ) -> Result<Vec<RememberedVisitor>, Refusal> {
        me.may(Deed::ReadHistory)?;
        self.store().remembered(me.organization, words.to_owned(), place, limit).await.map_err(refusal)
    }

    /// Everything that is known of a visitor, but his chats.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, and when the store fails.
    pub async fn visitor_facts(&self, me: &Principal, visitor: VisitorId) -> Result<VisitorFacts, Refusal> {
        me.may(Deed::ReadHistory)?;
        // The page that he is on now is one of his pages.
        self.flush_trails().await;
        self.store().visitor_facts(me.organization, visitor).await.map_err(refusal)
    }

    /// Notes something about a visitor; he never sees it.
    ///
    /// # Errors
    /// `Empty`, `TooLong`, `NotFound`, and when the store fails.
    pub async fn note_on_visitor(&self, me: &Principal, visitor: VisitorId, text: &str) -> Result<(), Refusal> {
        me.may(Deed::Chat)?;
        let text = checked(text)?;
        self.store().note_on_visitor(Doer::from(me), visitor, text, clock::now()).await.map_err(refusal)
    }

    /// Fills in a visitor's name and e-mail for him: every board shows it at once. An empty one is taken away.
    ///
    /// # Errors
    /// `TooLong`, `NotAnEmail`, `NotFound`, and when the store fails.
    pub async fn name_visitor(
        &self,
        me: &Principal,
        visitor: VisitorId,
        name: &str,
        email: &str,
    ) -> Result<(), Refusal> {
        me.may(Deed::Chat)?;
        let name = contact::name(name)?;
        let email = if email.trim().is_empty() { None } else { Some(contact::email(email)?) };
        let _turn = self.turn_of(visitor).await;
        let shown = name.clone().or_else(|| email.clone());
        self.store().name_visitor(Doer::from(me), visitor, name, email, clock::now()).await.map_err(refusal)?;
        self.floor(me.organization).apply(Event::Named { visitor, name: shown }).await;
        Ok(())
    }
}
