//! The history: past chats with their entries and notes, limited to what an agent may see.

use protocol::{
    chat::{Entry, Seq},
    id::ChatId,
    note::Note,
    refusal::Refusal,
};

use super::{Engine, refusal};
use crate::{
    permission::Permission,
    read_scope::ReadScope,
    sessions::Principal,
    store::{HistoryCursor, HistoryFilter, PastChat},
};

impl Engine {
    /// Returns which chats an agent may read.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn scope(&self, me: &Principal) -> Result<ReadScope, Refusal> {
        me.may(Permission::ReadHistory)?;
        let teams = self.store().teams_of(me.agent).await.map_err(refusal)?;
        Ok(ReadScope::of(me.role, me.agent, teams.into_iter().collect()))
    }

    /// Returns a filter for everything that an agent may see of the history, to be narrowed by the caller.
    ///
    /// # Errors
    /// `Forbidden`, and when the store fails.
    pub async fn history_filter(&self, me: &Principal) -> Result<HistoryFilter, Refusal> {
        Ok(HistoryFilter::all(me.organization, self.scope(me).await?))
    }

    /// Returns a page of the history: the chats that began before `place`, the latest first, at most `limit`.
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
        // The caller's filter must not widen the agent's scope.
        let filter = HistoryFilter { organization: me.organization, scope: self.scope(me).await?, ..filter };
        self.store().history(filter, place, limit).await.map_err(refusal)
    }

    /// Returns a chat of the history.
    ///
    /// # Errors
    /// `NotFound`, also for a chat that the agent may not see.
    pub async fn past_chat(&self, me: &Principal, chat: ChatId) -> Result<PastChat, Refusal> {
        let scope = self.scope(me).await?;
        self.store().past_chat(me.organization, scope, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Returns the agents' notes on a chat of the history.
    ///
    /// # Errors
    /// `NotFound`, also for a chat that the agent may not see.
    pub async fn past_notes(&self, me: &Principal, chat: ChatId) -> Result<Vec<Note>, Refusal> {
        self.notes(me, chat).await
    }

    /// Returns the entries of a chat of the history after `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// `NotFound`, also for a chat that the agent may not see.
    pub async fn transcript(
        &self,
        me: &Principal,
        chat: ChatId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, Refusal> {
        let entries = self.store().entries(chat, after, limit).await.map_err(refusal)?;
        self.chat_to_read(me, chat).await?;
        Ok(entries)
    }
}
