//! What an agent may read: the board, the directory, the agent's own chats, a chat's entries, a visit's page views.

use protocol::{
    agent::{AVATARS, ConciergeCard, Directory},
    availability::Colleague,
    board::Snapshot,
    chat::{AgentChat, AgentConnectivity, ChatState, Entry, Seq},
    id::{ChatId, VisitId},
    page::PageView,
    refusal::Refusal,
};

use super::{Engine, refusal};
use crate::{
    hub::VisitKey,
    opening_hours,
    sessions::Principal,
    store::{ChatRecord, ConciergeRecord},
};

/// The maximum number of entries in one response.
const ENTRIES_AT_ONCE: u32 = 500;

impl Engine {
    /// Returns every row of the board.
    pub async fn board(&self, me: &Principal) -> Snapshot {
        self.hub(me.organization).snapshot().await
    }

    /// Returns the agents, concierges and teams that the board's rows refer to.
    ///
    /// # Errors
    /// When the store fails.
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

    /// Returns the connected agents with their availability.
    pub async fn colleagues(&self, me: &Principal) -> Vec<Colleague> {
        self.hub(me.organization).colleagues().await
    }

    /// Returns the agent's own chats.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn chats(&self, me: &Principal) -> Result<Vec<AgentChat>, Refusal> {
        let records = self.inner.store.agent_chats(me.agent).await.map_err(refusal)?;
        let mut chats = Vec::with_capacity(records.len());
        for record in records {
            chats.push(self.agent_chat(record).await);
        }
        Ok(chats)
    }

    /// Returns the entries of a chat after `after`, in order, at most 500.
    ///
    /// # Errors
    /// `NotFound`, also for a chat that the agent may not read, and when the store fails.
    pub async fn entries(&self, me: &Principal, chat: ChatId, after: Seq) -> Result<Vec<Entry>, Refusal> {
        let entries = self.inner.store.entries(chat, after, ENTRIES_AT_ONCE).await.map_err(refusal)?;
        // Checked after reading: if a colleague has claimed the chat meanwhile, the entries may be theirs.
        self.chat_to_read(me, chat).await?;
        Ok(entries)
    }

    /// Returns the pages of a visit, the oldest first.
    ///
    /// # Errors
    /// `NotFound` for a visit of another organization, and when the store fails.
    pub async fn page_views(&self, me: &Principal, visit: VisitId) -> Result<Vec<PageView>, Refusal> {
        let live = self.hub(me.organization).page_views(visit).await.unwrap_or_default();
        if live.is_empty() {
            return self.inner.store.page_views(me.organization, visit).await.map_err(refusal);
        }
        Ok(live.into())
    }

    /// Returns a chat of the agent's own organization, else `NotFound`. The board shows every live chat to every agent;
    /// one that has ended exists only for those who may read it.
    pub(crate) async fn chat_of(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
        let record = self.inner.store.chat(me.organization, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        if record.state != ChatState::Ended || self.scope(me).await?.contains(&record) {
            Ok(record)
        } else {
            Err(Refusal::NotFound)
        }
    }

    /// Returns a chat that is in the agent's [`crate::read_scope::ReadScope`]. For all others, `NotFound` does not reveal
    /// that they exist.
    pub(crate) async fn chat_to_read(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
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
