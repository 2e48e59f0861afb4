//! Runs timers. The hub reports what is due, and the store decides whether it still applies.

use futures::StreamExt;
use protocol::{
    Millis,
    agent::ToAgent,
    chat::{AgentConnectivity, ChatEvent, ChatState, EndReason},
    contact::ContactRequest,
    id::{AgentId, ChatId, InvitationId, OrganizationId, VisitorId},
    invitation::InvitationState,
    refusal::Refusal,
    visitor::ToVisitor,
};
use tokio::sync::mpsc;

use super::{Engine, notify::Call, refusal};
use crate::{
    clock,
    hub::{
        DueItem, DueSubject, VisitKey,
        event::{Due, Event},
        millis,
    },
    store::ChatRecord,
};

const MAX_CONCURRENT: usize = 64;

impl Engine {
    pub(super) async fn run_timers(self, mut coming_due: mpsc::UnboundedReceiver<DueItem>) {
        let engine = &self;
        let dues = futures::stream::poll_fn(|context| coming_due.poll_recv(context));
        let all = dues.for_each_concurrent(MAX_CONCURRENT, |(organization, matter)| async move {
            let seen_to = match matter {
                DueSubject::Visitor(visitor, due) => engine.run_visitor_timer(organization, visitor, due).await,
                DueSubject::Agent(agent, due) => engine.run_agent_timer(organization, agent, due).await,
            };
            match (seen_to, matter) {
                (Err(refusal @ (Refusal::Unexpected | Refusal::StorageFull)), _) => {
                    tracing::warn!(?matter, code = refusal.code(), "timer action failed; will retry");
                }
                // Another operation got there first, so the hub's state is outdated.
                (Err(_), DueSubject::Visitor(visitor, _)) => engine.resync(organization, visitor).await,
                _ => {}
            }
        });
        tokio::select! {
            () = all => {}
            () = self.inner.stopping.cancelled() => {}
        }
    }

    async fn run_visitor_timer(
        &self,
        organization: OrganizationId,
        visitor: VisitorId,
        due: Due,
    ) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(visitor).await;
        let record = async |chat: ChatId| -> Result<ChatRecord, Refusal> {
            self.store().chat(organization, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)
        };
        // The state may have changed since the timer fired.
        let facts = self.hub(organization).visit_info(VisitKey::Visitor(visitor)).await;
        let is_here = facts.as_ref().is_some_and(|facts| facts.presence.is_present());
        match due {
            Due::Expire { invitation, .. } => {
                let quiet = match &facts {
                    Some(facts) => self.invitation_policy(organization, facts.concierge).await?.quiet_after_unanswered,
                    None => None,
                };
                let quiet = quiet.unwrap_or(self.settings().timers.quiet_after_unanswered);
                self.close_invitation(invitation, InvitationState::Expired, Some(quiet)).await
            }
            // Leaving is not a denial, so there is no quiet period. The visitor can be invited again when they return.
            Due::InvitedVisitorLeft { invitation, .. } if !is_here => {
                self.close_invitation(invitation, InvitationState::Left, None).await
            }
            Due::InvitedVisitorLeft { .. } => Ok(()),
            Due::KeepQuiet(until) => self.keep_quiet(organization, visitor, until).await,
            Due::Abandon(chat) => self.abandon(&record(chat).await?, is_here).await,
            Due::Unreserve(chat) => self.route(&record(chat).await?, true, Call::First).await,
            Due::ReturnToTeam(chat, agent) => {
                let link = facts.and_then(|facts| facts.chat).map_or(AgentConnectivity::Ok, |chat| chat.link);
                self.give_back(&record(chat).await?, agent, link).await
            }
            Due::EndSilent(chat) => self.end_in_silence(&record(chat).await?).await,
            Due::RemindTeam(chat) => {
                let record = record(chat).await?;
                match record.state {
                    ChatState::Unclaimed => self.route(&record, false, Call::Again).await,
                    _ => Ok(()),
                }
            }
            Due::OfferForm(chat) => self.offer_form(&record(chat).await?).await,
            Due::LinkChanged { chat, agent, from, to } => {
                self.link_changed(&record(chat).await?, agent, from, to).await
            }
            Due::VisitorLeft(chat) => self.record_event(&record(chat).await?, ChatEvent::VisitorLeft).await,
            Due::VisitorBack(chat) => self.record_event(&record(chat).await?, ChatEvent::VisitorBack).await,
        }
    }

    /// Closes an unanswered invitation. The visitor cannot be invited again for `quiet` milliseconds.
    async fn close_invitation(
        &self,
        invitation: InvitationId,
        to: InvitationState,
        quiet: Option<u64>,
    ) -> Result<(), Refusal> {
        let now = clock::now();
        let quiet = quiet.map(|quiet| now.saturating_add(millis(quiet)));
        let record = self.store().close_invitation(invitation, to, None, now, quiet).await.map_err(refusal)?;
        self.publish_closed_invitation(&record).await;
        Ok(())
    }

    async fn keep_quiet(&self, organization: OrganizationId, visitor: VisitorId, until: Millis) -> Result<(), Refusal> {
        let until = self.store().keep_quiet(visitor, until).await.map_err(refusal)?.unwrap_or(until);
        let hub = self.hub(organization);
        hub.apply(Event::Quiet { visitor, until }).await;
        hub.notify_visitor(visitor, &ToVisitor::Quiet { until }).await;
        Ok(())
    }

    async fn abandon(&self, record: &ChatRecord, is_here: bool) -> Result<(), Refusal> {
        // A visitor who left an email address is still waiting for a reply.
        if is_here || record.state != ChatState::Unclaimed || record.contact == ContactRequest::Provided {
            return self.notify_changed(record, Vec::new()).await.map(drop);
        }
        self.end_with(record, EndReason::Abandoned).await
    }

    async fn give_back(&self, record: &ChatRecord, agent: AgentId, link: AgentConnectivity) -> Result<(), Refusal> {
        if link == AgentConnectivity::Ok || record.agent != Some(agent) || record.state != ChatState::InProgress {
            return self.notify_changed(record, Vec::new()).await.map(drop);
        }
        let (record, entries) = self.store().return_chat(record.id, clock::now()).await.map_err(refusal)?;
        self.notify(record.clone(), entries).await;
        self.hub(record.organization).notify_agent(agent, &ToAgent::ChatGone(record.id)).await;
        self.route(&record, false, Call::Again).await
    }

    async fn end_in_silence(&self, record: &ChatRecord) -> Result<(), Refusal> {
        let silent_since = clock::now().saturating_sub(millis(self.settings().timers.chat_silent_end));
        let is_message = record.state == ChatState::Unclaimed && record.contact == ContactRequest::Provided;
        if is_message || record.last_word_at > silent_since {
            return self.notify_changed(record, Vec::new()).await.map(drop);
        }
        self.end_with(record, EndReason::Silence).await
    }

    /// Publishes a change in the agent's connectivity. Interruptions shorter than 60 s are not recorded in the chat: a
    /// train going through a tunnel is not a chat event.
    async fn link_changed(
        &self,
        chat: &ChatRecord,
        agent: AgentId,
        from: AgentConnectivity,
        to: AgentConnectivity,
    ) -> Result<(), Refusal> {
        if chat.agent != Some(agent) || chat.state != ChatState::InProgress {
            return Ok(());
        }
        match (from, to) {
            (_, AgentConnectivity::Lost) => self.record_event(chat, ChatEvent::AgentLost(agent)).await,
            (AgentConnectivity::Lost, _) => self.record_event(chat, ChatEvent::AgentBack(agent)).await,
            _ => {
                self.notify(chat.clone(), Vec::new()).await;
                Ok(())
            }
        }
    }

    async fn record_event(&self, chat: &ChatRecord, what: ChatEvent) -> Result<(), Refusal> {
        if chat.state != ChatState::InProgress {
            return Ok(());
        }
        let entry = self.store().append_event(chat.id, what, clock::now()).await.map_err(refusal)?;
        self.notify_changed(chat, vec![entry]).await.map(drop)
    }

    /// Updates a visitor's state in the hub from the database.
    async fn resync(&self, organization: OrganizationId, visitor: VisitorId) {
        let _guard = self.lock_visitor(visitor).await;
        let hub = self.hub(organization);
        let Some(facts) = hub.visit_info(VisitKey::Visitor(visitor)).await else { return };
        if let Some(had) = facts.invitation
            && let Ok(Some(record)) = self.store().invitation(organization, had.id).await
        {
            let invitation = super::catch_up::board_invitation(&record);
            hub.apply(Event::Invitation { visitor, invitation, quiet_until: record.quiet_until }).await;
        }
        if let Some(had) = facts.chat
            && let Ok(Some(record)) = self.store().chat(organization, had.id).await
        {
            self.notify(record, Vec::new()).await;
        }
    }
}
