//! Visitors' ratings of their chats. Agents see them in the history.

use protocol::{id::VisitorToken, refusal::Refusal};

use super::{Engine, refusal};
use crate::{clock, store::Rating};

impl Engine {
    /// Returns whether the visitor may rate: the last chat had an agent and ended within the last 24 hours.
    ///
    /// # Errors
    /// `NotSignedIn` for an unknown token.
    pub async fn may_rate(&self, token: &VisitorToken) -> Result<bool, Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?.id;
        self.store().has_chat_to_rate(visitor, clock::now()).await.map_err(refusal)
    }

    /// Stores the visitor's rating of the last chat. It replaces an earlier rating within the 24 hours.
    ///
    /// # Errors
    /// `NotSignedIn` for an unknown token; `NotFound` when there is no chat to rate.
    pub async fn rate(&self, token: &VisitorToken, rating: Rating) -> Result<(), Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?.id;
        let rated = self.store().rate(visitor, rating, clock::now()).await.map_err(refusal)?;
        if rated { Ok(()) } else { Err(Refusal::NotFound) }
    }
}
