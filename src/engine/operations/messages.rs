//! Handles messages, edits, receipts, and typing notices. A message is stored before it is acknowledged and delivered.

use protocol::{
    agent::ToAgent,
    chat::{Author, Body, ChatState, EndReason, Receipt, Seq},
    concierge::Consent,
    id::{ChatId, ClientId, OrganizationId, TeamId, VisitorId},
    refusal::Refusal,
    visitor::ToVisitor,
};

use super::{Engine, invitations::checked, notify::Call, refusal};
use crate::{
    clock,
    connection::{AgentConnection, VisitorConnection},
    hub::{VisitKey, event::Event},
    limits::{
        Network,
        daily_bytes::{CountedBytes, Written},
    },
    sessions::Principal,
    store::{ChatRecord, NewMessage, NewMessageEdit, NewVisit, NewVisitor, StoredMessage},
};

/// The visitor on whose behalf an operation runs, regardless of which tab requested it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VisitorContext {
    pub(crate) organization: OrganizationId,
    pub(crate) visitor: VisitorId,
    /// The team of the visitor's concierge.
    pub(crate) team: Option<TeamId>,
    /// The client's network, when it is known and subject to limits.
    pub(crate) network: Option<Network>,
}

/// Returns whether a visitor's message goes on with the chat, instead of beginning another.
pub(super) fn goes_on(chat: &ChatRecord) -> bool {
    chat.state.is_live() || chat.end_reason == Some(EndReason::Silence)
}

impl Engine {
    /// Sends a visitor's message. If there is no live chat, also requests one.
    pub(crate) async fn send_visitor_message(
        &self,
        connection: &VisitorConnection,
        client_id: ClientId,
        text: &str,
    ) -> Result<(), Refusal> {
        let (shown, said) = self.post_as_visitor(connection.context(), client_id, Body::Text(checked(text)?)).await?;
        // If the message is in a chat other than the one shown, its `seq` would be meaningless.
        let seq = if said.chat.id == shown { said.entry.seq } else { 0 };
        connection.push(&ToVisitor::Acknowledged { client_id, seq, at: said.entry.at });
        Ok(())
    }

    /// Stores a visitor's message in the chat that the visitor sees, and notifies everyone involved. Returns that
    /// chat's ID and the stored message.
    pub(super) async fn post_as_visitor(
        &self,
        context: VisitorContext,
        client_id: ClientId,
        body: Body,
    ) -> Result<(ChatId, StoredMessage), Refusal> {
        let _guard = self.lock_visitor(context.visitor).await;
        let counted = self.admit_message(context, client_id, &body).await?;
        let facts = self.hub(context.organization).visit_info(VisitKey::Visitor(context.visitor)).await;
        let live = facts.and_then(|facts| facts.chat).filter(|chat| chat.state.is_live()).map(|chat| chat.id);
        let send_message = async |chat: ChatId| {
            let (organization, author, body) = (context.organization, Author::Visitor, body.clone());
            self.store_message(NewMessage { organization, chat, author, client_id, body, now: clock::now() }).await
        };
        let at_once = match live {
            Some(chat) => match send_message(chat).await {
                // The hub's state may be outdated.
                Err(Refusal::ChatEnded) => None,
                said => Some((chat, said?)),
            },
            None => None,
        };
        let (shown, said) = match at_once {
            Some(said) => said,
            None => {
                let chat = self.chat_to_write_in(context, client_id).await?;
                (chat, send_message(chat).await?)
            }
        };
        if said.fresh {
            self.inner.visitor_limits.messages.count(context.visitor, said.entry.at);
            counted.into_iter().for_each(CountedBytes::keep);
        }
        self.publish_message(said.clone()).await?;
        Ok((shown, said))
    }

    /// Returns whether the visitor's message with this ID is stored.
    pub(crate) async fn has_message(&self, visitor: VisitorId, client_id: ClientId) -> Result<bool, Refusal> {
        Ok(self.store().chat_of_message(visitor, client_id).await.map_err(refusal)?.is_some())
    }

    /// Returns the chat for a visitor's message when the hub has no live one: the chat that already contains the
    /// message, the one that ended in silence, or a new one.
    async fn chat_to_write_in(&self, context: VisitorContext, client_id: ClientId) -> Result<ChatId, Refusal> {
        if let Some(chat) = self.store().chat_of_message(context.visitor, client_id).await.map_err(refusal)? {
            return Ok(chat);
        }
        let found = self.store().live_chat_of(context.visitor, clock::now()).await.map_err(refusal)?;
        match found.filter(goes_on) {
            Some(chat) => Ok(chat.id),
            None => Ok(self.request_chat(context).await?.id),
        }
    }

    /// Sends an agent's message to one of that agent's own chats.
    pub(crate) async fn send_agent_message(
        &self,
        connection: &AgentConnection,
        chat: ChatId,
        client_id: ClientId,
        text: &str,
    ) -> Result<(), Refusal> {
        let said = self.post_as_agent(&connection.principal, chat, client_id, Body::Text(checked(text)?)).await?;
        connection.push(&ToAgent::Acknowledged { chat, client_id, seq: said.entry.seq, at: said.entry.at });
        Ok(())
    }

    /// Stores an agent's message and notifies everyone involved.
    pub(super) async fn post_as_agent(
        &self,
        me: &Principal,
        chat: ChatId,
        client_id: ClientId,
        body: Body,
    ) -> Result<StoredMessage, Refusal> {
        let visitor = self.visitor_in(me, chat).await?;
        let _guard = self.lock_visitor(visitor).await;
        let (organization, author) = (me.organization, Author::Agent(me.agent));
        let said =
            self.store_message(NewMessage { organization, chat, author, client_id, body, now: clock::now() }).await?;
        self.publish_message(said.clone()).await?;
        Ok(said)
    }

    /// Edits one of the agent's own messages, or deletes it if `text` is `None`.
    pub(crate) async fn edit_message(
        &self,
        me: &Principal,
        chat: ChatId,
        of: Seq,
        text: Option<String>,
    ) -> Result<(), Refusal> {
        let text = text.as_deref().map(checked).transpose()?;
        let visitor = self.visitor_in(me, chat).await?;
        let _guard = self.lock_visitor(visitor).await;
        let (organization, author) = (me.organization, Author::Agent(me.agent));
        let new = NewMessageEdit { organization, chat, author, of, text, now: clock::now() };
        let (record, entries) = self.store().change_message(new).await.map_err(refusal)?;
        self.notify(record, entries).await;
        self.clear_files().await.map_err(refusal)?;
        Ok(())
    }

    async fn publish_message(&self, said: StoredMessage) -> Result<(), Refusal> {
        if !said.fresh {
            return Ok(());
        }
        let is_reopened = said.reopened.is_some();
        let entries = said.reopened.into_iter().chain([said.entry]).collect();
        self.notify(said.chat.clone(), entries).await;
        if is_reopened {
            self.route(&said.chat, false, Call::First).await?;
        }
        Ok(())
    }

    /// Returns the visitor in a chat. If the hub does not have the chat, the database is queried.
    async fn visitor_in(&self, me: &Principal, chat: ChatId) -> Result<VisitorId, Refusal> {
        match self.hub(me.organization).visit_info(VisitKey::Chat(chat)).await {
            Some(facts) => Ok(facts.visitor),
            None => Ok(self.chat_of(me, chat).await?.visitor),
        }
    }

    pub(crate) async fn record_visitor_receipt(
        &self,
        connection: &VisitorConnection,
        receipt: Receipt,
    ) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let facts = self.hub(connection.organization).visit_info(VisitKey::Visitor(connection.visitor)).await;
        let chat = match facts.and_then(|facts| facts.chat) {
            Some(chat) => Some(chat.id),
            None => {
                let last = self.store().live_chat_of(connection.visitor, clock::now()).await.map_err(refusal)?;
                last.map(|chat| chat.id)
            }
        };
        let Some(chat) = chat else { return Ok(()) };
        // Read first: a tab may repeat its receipt as often as it likes, and writes are a limited resource.
        let known = self.store().chat(connection.organization, chat).await.map_err(refusal)?;
        if known.is_some_and(|known| {
            receipt.read.min(known.last_seq) <= known.visitor_receipt.read
                && receipt.delivered.max(receipt.read).min(known.last_seq) <= known.visitor_receipt.delivered
        }) {
            return Ok(());
        }
        let moved = self
            .store()
            .advance_receipt(connection.organization, chat, Author::Visitor, receipt)
            .await
            .map_err(refusal)?;
        if let Some(record) = moved {
            self.notify(record, Vec::new()).await;
        }
        Ok(())
    }

    pub(crate) async fn record_agent_receipt(
        &self,
        connection: &AgentConnection,
        chat: ChatId,
        receipt: Receipt,
    ) -> Result<(), Refusal> {
        let me = &connection.principal;
        let _guard = self.lock_visitor(self.visitor_in(me, chat).await?).await;
        let author = Author::Agent(me.agent);
        let moved = self.store().advance_receipt(me.organization, chat, author, receipt).await.map_err(refusal)?;
        if let Some(record) = moved {
            self.notify(record, Vec::new()).await;
        }
        Ok(())
    }

    pub(crate) async fn relay_visitor_typing(&self, connection: &VisitorConnection) {
        let hub = self.hub(connection.organization);
        let chat = hub.visit_info(VisitKey::Visitor(connection.visitor)).await.and_then(|facts| facts.chat);
        if let Some(chat) = chat.filter(|chat| chat.state == ChatState::InProgress)
            && let Some(agent) = chat.agent
        {
            hub.send_typing_to_agent(agent, chat.id).await;
        }
    }

    pub(crate) async fn relay_agent_typing(&self, connection: &AgentConnection, chat: ChatId) {
        let hub = self.hub(connection.principal.organization);
        let Some(facts) = hub.visit_info(VisitKey::Chat(chat)).await else { return };
        if facts.chat.is_some_and(|had| had.id == chat && had.agent == Some(connection.principal.agent)) {
            hub.send_typing_to_visitor(facts.visitor).await;
        }
    }

    /// Stores the visitor and the visit in the database once the visitor has interacted with the widget.
    pub(crate) async fn persist_visitor(&self, connection: &VisitorConnection) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let visitor: VisitorId = connection.visitor;
        let hub = self.hub(connection.organization);
        let facts = hub.visit_info(VisitKey::Visitor(visitor)).await.ok_or(Refusal::NotFound)?;
        let (false, Some(token_hash)) = (facts.persisted, facts.token) else { return Ok(()) };
        let source = facts.kept_source();
        // If this is refused, nothing is missing yet: the visitor's first message stores them as well.
        let bytes = source.referrer.len() + source.campaign.len();
        let Ok(counted) = self.admit_write(connection.context(), Written::Other, bytes) else { return Ok(()) };
        let new = NewVisitor { id: visitor, organization: connection.organization, token_hash, now: clock::now() };
        self.store().persist_visitor(new).await.map_err(refusal)?;
        let visit = NewVisit {
            id: facts.visit,
            visitor,
            concierge: facts.concierge,
            organization: connection.organization,
            source,
            browser: facts.browser,
            started_at: facts.since,
        };
        self.store().persist_visit(visit).await.map_err(refusal)?;
        counted.keep();
        hub.apply(Event::VisitorPersisted { visitor }).await;
        Ok(())
    }

    /// Applies a change in the visitor's consent to storing where the visit came from.
    pub(crate) async fn set_consent(&self, connection: &VisitorConnection, consent: Consent) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let hub = self.hub(connection.organization);
        hub.apply(Event::KeepsSource { connection: connection.id(), keeps: connection.privacy.may_keep(consent) })
            .await;
        let facts = hub.visit_info(VisitKey::Visitor(connection.visitor)).await.ok_or(Refusal::NotFound)?;
        if facts.persisted {
            self.store().keep_source(facts.visit, facts.kept_source()).await.map_err(refusal)?;
        }
        Ok(())
    }
}
