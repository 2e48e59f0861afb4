//! Requests, claims, takes over, and ends chats.

use protocol::{
    Millis,
    action::may_take_over,
    agent::{Role, ToAgent},
    chat::{AgentConnectivity, ChatState, EndReason},
    id::{AgentId, ChatId},
    invitation::Answer,
    notice::Notice,
    refusal::Refusal,
};
use uuid::Uuid;

use super::{Engine, invitations::persist_visitor, messages::VisitorContext, notify::Call, refusal};
use crate::{
    clock,
    connection::VisitorConnection,
    hub::{Team, VisitKey, event::Event, millis},
    limits::daily_bytes::Written,
    opening_hours,
    sessions::Principal,
    store::{ChatRecord, NewChat, TakeOverRequest},
};

impl Engine {
    /// Claims an unclaimed chat for the agent.
    ///
    /// # Errors
    /// Returns [`Refusal::AlreadyClaimed`] if another agent claimed the chat first, [`Refusal::Reserved`] if it is
    /// reserved for another agent, [`Refusal::ChatLimitReached`] if the agent has reached their chat limit,
    /// [`Refusal::ChatEnded`] if the chat is over, [`Refusal::Forbidden`] if the agent is inactive, and
    /// [`Refusal::NotFound`] if the chat does not exist.
    pub async fn claim(&self, me: &Principal, chat: ChatId) -> Result<(), Refusal> {
        let visitor = self.chat_of(me, chat).await?.visitor;
        let _guard = self.lock_visitor(visitor).await;
        let now = clock::now();
        let claimed =
            self.store().claim(chat, me.organization, me.agent, self.counts_since(now), now).await.map_err(refusal)?;
        self.notify(claimed.0, claimed.1).await;
        let notice = ToAgent::Notice(Notice::Claimed { chat, by: me.agent });
        self.hub(me.organization).notify_team(Team::default(), &notice).await;
        Ok(())
    }

    /// Takes over a chat, provided that its owner and version are still the ones that the agent saw.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not take over the chat, [`Refusal::ChatChanged`] if its owner or
    /// version has changed, [`Refusal::ChatLimitReached`] if the agent has reached their chat limit,
    /// [`Refusal::ChatEnded`] if the chat is over, and [`Refusal::NotFound`] if it does not exist.
    pub async fn take_over(
        &self,
        me: &Principal,
        chat: ChatId,
        seen_owner: AgentId,
        seen_version: u32,
    ) -> Result<(), Refusal> {
        let visitor = self.chat_of(me, chat).await?.visitor;
        let _guard = self.lock_visitor(visitor).await;
        let hub = self.hub(me.organization);
        let facts = hub.visit_info(VisitKey::Chat(chat)).await;
        let had = facts.and_then(|facts| facts.chat).filter(|had| had.id == chat);
        let team = self.chat_of(me, chat).await?.team;
        if !may_take_over(me.role, had.map_or(AgentConnectivity::Ok, |had| had.link)) {
            return Err(Refusal::Forbidden);
        }
        if !self.scope(me).await?.serves(team) {
            return Err(Refusal::OtherTeam);
        }
        let now = clock::now();
        let request = TakeOverRequest {
            chat,
            organization: me.organization,
            me: me.agent,
            role: me.role,
            seen_owner,
            seen_version,
            counts_since: self.counts_since(now),
            now,
        };
        let (record, entries) = self.store().take_over(request).await.map_err(refusal)?;
        self.notify(record, entries).await;
        if seen_owner != me.agent {
            hub.notify_agent(seen_owner, &ToAgent::Notice(Notice::TakenOver { chat, by: me.agent })).await;
            hub.notify_agent(seen_owner, &ToAgent::ChatGone(chat)).await;
        }
        Ok(())
    }

    /// Returns the cutoff for chat limits: chats without a message after this time do not count against their agent's
    /// limit.
    pub(super) fn counts_since(&self, now: Millis) -> Millis {
        now.saturating_sub(millis(self.settings().timers.agent_load_window))
    }

    /// Ends a chat. Only its agent and supervisors may do this.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not end the chat, [`Refusal::ChatEnded`] if it is already over,
    /// and [`Refusal::NotFound`] if it does not exist.
    pub async fn end(&self, me: &Principal, chat: ChatId) -> Result<(), Refusal> {
        let visitor = self.chat_of(me, chat).await?.visitor;
        let _guard = self.lock_visitor(visitor).await;
        let record = self.chat_of(me, chat).await?;
        if record.agent != Some(me.agent) && me.role < Role::Supervisor {
            return Err(Refusal::Forbidden);
        }
        self.end_with(&record, EndReason::Agent).await
    }

    /// Ends a chat for the given reason. The caller must hold the visitor's lock.
    pub(super) async fn end_with(&self, before: &ChatRecord, reason: EndReason) -> Result<(), Refusal> {
        let ended =
            self.store().end_chat(before.id, before.organization, reason, clock::now()).await.map_err(refusal)?;
        self.notify(ended.0, ended.1).await;
        if before.state == ChatState::Unclaimed {
            let notice = ToAgent::Notice(Notice::Ended { chat: before.id });
            self.hub(before.organization).notify_team(Team::default(), &notice).await;
        }
        Ok(())
    }

    /// Ends the visitor's own chat.
    pub(crate) async fn end_by_visitor(&self, connection: &VisitorConnection) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let live = self.store().live_chat_of(connection.visitor, clock::now()).await.map_err(refusal)?;
        match live.filter(|chat| chat.state.is_live()) {
            Some(chat) => self.end_with(&chat, EndReason::Visitor).await,
            None => Ok(()),
        }
    }

    /// Requests a chat for the visitor. If the visitor already has a live chat, nothing changes.
    pub(crate) async fn ask_for_person(&self, connection: &VisitorConnection) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(connection.visitor).await;
        let live = self.store().live_chat_of(connection.visitor, clock::now()).await.map_err(refusal)?;
        match live.filter(|chat| chat.state.is_live()) {
            // Only this tab does not know about it. The other tabs and the agents must not be told each time.
            Some(chat) => {
                self.push_chat(connection, chat).await;
                Ok(())
            }
            None => self.request_chat(connection.context()).await.map(drop),
        }
    }

    /// Returns the visitor's live chat, or requests a new one. The caller must hold the visitor's lock.
    pub(super) async fn request_chat(&self, context: VisitorContext) -> Result<ChatRecord, Refusal> {
        let hub = self.hub(context.organization);
        let facts = hub.visit_info(VisitKey::Visitor(context.visitor)).await.ok_or(Refusal::NotFound)?;
        // Requesting a chat while invited counts as accepting the invitation.
        if let Some(open) = facts.invitation.as_ref().filter(|invitation| invitation.state.is_open()) {
            self.answer_locked(context, open.id, Answer::Accept).await?;
            if let Some(chat) = self.store().live_chat_of(context.visitor, clock::now()).await.map_err(refusal)? {
                return Ok(chat);
            }
        }
        let new = NewChat {
            id: ChatId(Uuid::now_v7()),
            organization: context.organization,
            visit: facts.visit,
            visitor: context.visitor,
            team: context.team,
            now: clock::now(),
            remember: persist_visitor(&facts).ok_or(Refusal::NotFound)?,
        };
        let id = new.id;
        let limit = &self.inner.chat_rate_limit;
        let admitted = self.admit_write(context, Written::Message, 0).and_then(|bytes| {
            let counted = limit.try_count(context.visitor, context.network, new.now)?;
            Ok((counted, bytes))
        });
        let (counted, bytes) = match admitted {
            Ok(admitted) => admitted,
            // Asking again for the chat that is there begins none.
            Err(refused) => {
                let found = self.store().live_chat_of(context.visitor, new.now).await.map_err(refusal)?;
                return found.filter(|chat| chat.state.is_live()).ok_or(refused);
            }
        };
        let requested = self.store().request_chat(new).await;
        if requested.as_ref().map_or(true, |(record, _)| record.id != id) {
            limit.withdraw(counted);
        } else {
            bytes.keep();
        }
        let (record, entries) = requested.map_err(refusal)?;
        hub.apply(Event::VisitorPersisted { visitor: context.visitor }).await;
        self.notify(record.clone(), entries).await;
        if record.id == id {
            self.route(&record, false, Call::First).await?;
            // Outside of opening hours, no agent is expected to claim the chat.
            let concierge = self.store().concierge(context.organization, facts.concierge).await.map_err(refusal)?;
            if concierge
                .is_some_and(|concierge| !opening_hours::is_open(&concierge.settings.opening_hours, clock::now()))
            {
                self.offer_form(&record).await?;
            }
        }
        Ok(record)
    }
}
