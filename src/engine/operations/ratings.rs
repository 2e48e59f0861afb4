//! What a visitor thinks of the chat that he had. Agents read it in the history.

use protocol::{id::VisitorToken, refusal::Refusal};

use super::{Engine, refusal};
use crate::{clock, store::Rating};

impl Engine {
    /// Whether a visitor may say what he thinks: his last chat was with an agent, and ended within the last day.
    ///
    /// # Errors
    /// `NotSignedIn` for a token that is nobody's.
    pub async fn may_rate(&self, token: &VisitorToken) -> Result<bool, Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?.id;
        self.store().has_chat_to_rate(visitor, clock::now()).await.map_err(refusal)
    }

    /// A visitor says what he thinks of his last chat. Said again within the day, the last word counts.
    ///
    /// # Errors
    /// `NotSignedIn` for a token that is nobody's; `NotFound` when there is no chat that he may rate.
    pub async fn rate(&self, token: &VisitorToken, rating: Rating) -> Result<(), Refusal> {
        let visitor = self.visitor_of(token).await?.ok_or(Refusal::NotSignedIn)?.id;
        let rated = self.store().rate(visitor, rating, clock::now()).await.map_err(refusal)?;
        if rated { Ok(()) } else { Err(Refusal::NotFound) }
    }
}
