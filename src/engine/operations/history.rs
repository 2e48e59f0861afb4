//! Provides access to past chats with their entries and notes, limited to what the agent may see.

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
    /// Returns which past chats the agent may read.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the history, or another error if the store fails.
    pub async fn scope(&self, me: &Principal) -> Result<ReadScope, Refusal> {
        me.may(Permission::ReadHistory)?;
        let teams = self.store().teams_of(me.agent).await.map_err(refusal)?;
        Ok(ReadScope::of(me.role, me.agent, teams.into_iter().collect()))
    }

    /// Returns a filter that matches all past chats the agent may see. The caller can narrow it down.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the history, or another error if the store fails.
    pub async fn history_filter(&self, me: &Principal) -> Result<HistoryFilter, Refusal> {
        Ok(HistoryFilter::all(me.organization, self.scope(me).await?))
    }

    /// Returns a page of the history: at most `limit` chats that began before `place`, newest first.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not read the history, [`Refusal::TookTooLong`] if the query took
    /// too long, or another error if the store fails.
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

    /// Returns a single past chat.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not exist or the agent may not see it.
    pub async fn past_chat(&self, me: &Principal, chat: ChatId) -> Result<PastChat, Refusal> {
        let scope = self.scope(me).await?;
        self.store().past_chat(me.organization, scope, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Returns the agents' notes on a past chat.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not exist or the agent may not see it.
    pub async fn past_notes(&self, me: &Principal, chat: ChatId) -> Result<Vec<Note>, Refusal> {
        self.notes(me, chat).await
    }

    /// Returns at most `limit` entries of a past chat in order, starting after the entry numbered `after`.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not exist or the agent may not see it.
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
