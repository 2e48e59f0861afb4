//! Handles visitors' ratings of their chats. Agents see the ratings in the history.

use protocol::{id::VisitorToken, refusal::Refusal};

use super::{Engine, refusal};
use crate::{clock, store::Rating};

impl Engine {
    /// Returns whether the visitor may rate their last chat. The chat must have had an agent and must have ended within
    /// the last 24 hours.
    ///
    /// # Errors
    /// Returns [`Refusal::NotSignedIn`] if the token is unknown.
    pub async fn may_rate(&self, token: &VisitorToken) -> Result<bool, Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?.id;
        self.store().has_chat_to_rate(visitor, clock::now()).await.map_err(refusal)
    }

    /// Stores the visitor's rating of their last chat. Within 24 hours, a new rating replaces an earlier one.
    ///
    /// # Errors
    /// Returns [`Refusal::NotSignedIn`] if the token is unknown, [`Refusal::NotFound`] if there is no chat to rate, and
    /// [`Refusal::StorageFull`] if there is too little free disk space.
    pub async fn rate(&self, token: &VisitorToken, rating: Rating) -> Result<(), Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?.id;
        self.inner.free_disk.check()?;
        let rated = self.store().rate(visitor, rating, clock::now()).await.map_err(refusal)?;
        if rated { Ok(()) } else { Err(Refusal::NotFound) }
    }
}
