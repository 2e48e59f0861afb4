//! Looking back: the chats that were, as far as one may see them.

use protocol::{
    chat::{Entry, Seq},
    id::ChatId,
    note::Note,
    refusal::Refusal,
};

use super::{Engine, refusal};
use crate::{
    history_scope::HistoryScope,
    permission::Permission,
    sessions::Principal,
    store::{HistoryCursor, HistoryFilter, PastChat},
};

impl Engine {
    /// How far back, and how wide, an agent may look.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn scope(&self, me: &Principal) -> Result<HistoryScope, Refusal> {
        me.may(Permission::ReadHistory)?;
        let teams = self.store().teams_of(me.agent).await.map_err(refusal)?;
        Ok(HistoryScope::of(me.role, me.agent, teams.into_iter().collect()))
    }

    /// Everything that an agent may see of the history, to be narrowed.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn history_filter(&self, me: &Principal) -> Result<HistoryFilter, Refusal> {
        Ok(HistoryFilter::all(me.organization, self.scope(me).await?))
    }

    /// A page of the history: the chats that begin before `place`, the latest first, `limit` at most.
    ///
    /// # Errors
    /// `Forbidden`, `TookTooLong`, and when the store fails.
    pub async fn history(
        &self,
        me: &Principal,
        filter: HistoryFilter,
        place: Option<HistoryCursor>,
        limit: u32,
    ) -> Result<Vec<PastChat>, Refusal> {
        // Whoever made the filter, nobody looks further than he may.
        let filter = HistoryFilter { organization: me.organization, scope: self.scope(me).await?, ..filter };
        self.store().history(filter, place, limit).await.map_err(refusal)
    }

    /// A chat of the history.
    ///
    /// # Errors
    /// `NotFound` also for one that he may not see.
    pub async fn past_chat(&self, me: &Principal, chat: ChatId) -> Result<PastChat, Refusal> {
        let scope = self.scope(me).await?;
        self.store().past_chat(me.organization, scope, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// What agents wrote to each other beside a chat of the history.
    ///
    /// # Errors
    /// `NotFound` also for one that he may not see.
    pub async fn past_notes(&self, me: &Principal, chat: ChatId) -> Result<Vec<Note>, Refusal> {
        self.past_chat(me, chat).await?;
        self.store().notes(chat).await.map_err(refusal)
    }

    /// What was said and what happened in a chat of the history after `after`, in order, `limit` at most.
    ///
    /// # Errors
    /// `NotFound` also for one that he may not see.
    pub async fn transcript(
        &self,
        me: &Principal,
        chat: ChatId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, Refusal> {
        self.past_chat(me, chat).await?;
        self.store().entries(chat, after, limit).await.map_err(refusal)
    }
}
