//! Gives agents read access to the board, the directory, their own chats, a chat's entries, and a visit's page views.

use protocol::{
    agent::{AVATARS, ConciergeCard, Directory},
    availability::Colleague,
    board::Snapshot,
    chat::{AgentChat, AgentConnectivity, ChatState, Entry, Seq},
    id::{ChatId, VisitId},
    limits::{CATCH_UP_BYTES, ENTRIES_IN_A_FRAME},
    note::Note,
    page::PageView,
    refusal::Refusal,
};

use super::{Engine, refusal};
use crate::{
    hub::VisitKey,
    opening_hours,
    sessions::Principal,
    store::{ChatRecord, ConciergeRecord, Piece},
};

/// The maximum number of entries in one response.
const ENTRIES_AT_ONCE: usize = 500;
/// The maximum size of these entries, in bytes.
const ENTRIES_BYTES: usize = 4 * CATCH_UP_BYTES;

impl Engine {
    /// Returns all rows on the board.
    pub async fn board(&self, me: &Principal) -> Snapshot {
        self.hub(me.organization).snapshot().await
    }

    /// Returns the agents, concierges, and teams that the board's rows refer to.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn directory(&self, me: &Principal) -> Result<Directory, Refusal> {
        let record = self.inner.store.directory(me.organization).await.map_err(refusal)?;
        let concierge = |card: ConciergeRecord| ConciergeCard {
            id: card.id,
            key: card.key.0,
            name: card.settings.name,
            invitation: card.settings.invitation,
            templates: card.settings.templates,
        };
        let zone = record.zones.into_iter().find(|(agent, _)| *agent == me.agent);
        Ok(Directory {
            organization: record.organization_name,
            me: me.agent,
            language: me.language,
            role: me.role,
            my_teams: self.inner.store.teams_of(me.agent).await.map_err(refusal)?,
            agents: record.agents.into_iter().map(|card| card.with_avatars_below(AVATARS)).collect(),
            concierges: record.concierges.into_iter().map(concierge).collect(),
            teams: record.teams,
            public_url: self.inner.settings.public_url.clone(),
            clock: zone.map(|(_, zone)| opening_hours::utc_offsets(&zone, self.now())).unwrap_or_default(),
        })
    }

    /// Returns the connected agents along with their availability.
    pub async fn colleagues(&self, me: &Principal) -> Vec<Colleague> {
        self.hub(me.organization).colleagues().await
    }

    /// Returns the agent's own chats.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn chats(&self, me: &Principal) -> Result<Vec<AgentChat>, Refusal> {
        let records = self.inner.store.agent_chats(me.agent).await.map_err(refusal)?;
        let mut chats = Vec::with_capacity(records.len());
        for record in records {
            chats.push(self.agent_chat(record).await);
        }
        Ok(chats)
    }

    /// Returns up to 500 entries of a chat in order, starting after the entry numbered `after`.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not exist or the agent may not read it, or another error if the
    /// store fails.
    pub async fn entries(&self, me: &Principal, chat: ChatId, after: Seq) -> Result<Vec<Entry>, Refusal> {
        let found = self.inner.store.entries_within(chat, after, ENTRIES_AT_ONCE, ENTRIES_BYTES).await;
        let entries = found.map_err(refusal)?.items;
        // Checked after reading: if a colleague has claimed the chat meanwhile, the entries may be theirs.
        self.chat_to_read(me, chat).await?;
        Ok(entries)
    }

    /// Returns the entries of a chat after `after`, in order, as many as one frame takes.
    pub(crate) async fn entries_piece(
        &self,
        me: &Principal,
        chat: ChatId,
        after: Seq,
    ) -> Result<Piece<Entry>, Refusal> {
        let piece = self.store().entries_within(chat, after, ENTRIES_IN_A_FRAME, CATCH_UP_BYTES).await;
        self.chat_to_read(me, chat).await?;
        piece.map_err(refusal)
    }

    /// Returns the notes on a chat after the one with this number, in order, as many as one frame takes.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not exist or the agent may not read it, or another error if the
    /// store fails.
    pub async fn notes_piece(&self, me: &Principal, chat: ChatId, after: u32) -> Result<Piece<Note>, Refusal> {
        let piece = self.store().notes_within(chat, after, CATCH_UP_BYTES).await;
        self.chat_to_read(me, chat).await?;
        piece.map_err(refusal)
    }

    /// Returns a visit's page views, oldest first.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visit belongs to another organization, or another error if the store fails.
    pub async fn page_views(&self, me: &Principal, visit: VisitId) -> Result<Vec<PageView>, Refusal> {
        let live = self.hub(me.organization).page_views(visit).await.unwrap_or_default();
        if live.is_empty() {
            return self.inner.store.page_views(me.organization, visit).await.map_err(refusal);
        }
        Ok(live.into())
    }

    /// Returns a chat from the agent's own organization, or `NotFound` if there is no such chat.
    pub(crate) async fn chat_of(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
        let record = self.inner.store.chat(me.organization, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        if record.state != ChatState::Ended || self.scope(me).await?.contains(&record) {
            Ok(record)
        } else {
            Err(Refusal::NotFound)
        }
    }

    /// Returns a chat that the agent may read: one that is unclaimed or ended, one that the agent is or was in, or one
    /// whose agent has lost their connection. Supervisors may read any chat. For all other chats, returns `NotFound`,
    /// which does not reveal that they exist. Reading another agent's chat is recorded in the audit log.
    pub(crate) async fn chat_to_read(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
        let record = self.chat_in_scope(me, chat).await?;
        self.log_chat_read(me, &record).await;
        Ok(record)
    }

    /// Like [`Self::chat_to_read`], but the caller records what was read.
    pub(super) async fn chat_in_scope(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
        let record = self.chat_of(me, chat).await?;
        if self.scope(me).await?.contains(&record) { Ok(record) } else { Err(Refusal::NotFound) }
    }

    pub(crate) async fn agent_chat(&self, record: ChatRecord) -> AgentChat {
        let facts = self.hub(record.organization).visit_info(VisitKey::Visitor(record.visitor)).await;
        let visit = facts.as_ref().map_or(record.visit, |facts| facts.visit);
        let had = facts.and_then(|facts| facts.chat).filter(|chat| chat.id == record.id);
        let chat = record.to_board_chat(had.map_or(AgentConnectivity::Ok, |chat| chat.link));
        record.into_agent_chat(chat, visit)
    }
}
