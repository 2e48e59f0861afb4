//! What time brings. The floor says when, the store says whether it is still so.

use futures::StreamExt;
use protocol::{
    agent::ToAgent,
    chat::{AgentLink, ChatState, EndReason, Happening},
    id::{AgentId, ChatId, OrganizationId, VisitorId},
    invitation::InvitationState,
    refusal::Refusal,
};
use tokio::sync::mpsc;

use super::{Engine, refusal};
use crate::{
    clock,
    floor::{
        DueAt, Of,
        event::{Due, Event},
        millis,
    },
    store::ChatRecord,
};

const AT_ONCE: usize = 64;

impl Engine {
    pub(super) async fn see_to(self, mut coming_due: mpsc::UnboundedReceiver<DueAt>) {
        let engine = &self;
        let dues = futures::stream::poll_fn(|context| coming_due.poll_recv(context));
        let all = dues.for_each_concurrent(AT_ONCE, |(organization, visitor, due)| async move {
            match engine.see_to_one(organization, visitor, due).await {
                Ok(()) => {}
                Err(refusal @ (Refusal::Unexpected | Refusal::StorageFull)) => {
                    tracing::warn!(?due, code = refusal.code(), "not done, will be asked again");
                }
                // Somebody was first: what the floor believes is old.
                Err(_) => engine.look_again(organization, visitor).await,
            }
        });
        tokio::select! {
            () = all => {}
            () = self.inner.stopping.cancelled() => {}
        }
    }

    async fn see_to_one(&self, organization: OrganizationId, visitor: VisitorId, due: Due) -> Result<(), Refusal> {
        let _turn = self.turn_of(visitor).await;
        let now = clock::now();
        let chat_of = async |chat: ChatId| -> Result<ChatRecord, Refusal> {
            self.store().chat(organization, chat).await.map_err(refusal)?.ok_or(Refusal::NotFound)
        };
        match due {
            Due::Expire { invitation, .. } | Due::LeftInvited { invitation, .. } => {
                let left = matches!(due, Due::LeftInvited { .. });
                // He may have come back, or seen it, since this was asked.
                let facts = self.floor(organization).facts(Of::Visitor(visitor)).await;
                if left && facts.is_some_and(|facts| facts.presence.is_here()) {
                    return Ok(());
                }
                let to = if left { InvitationState::Left } else { InvitationState::Expired };
                let quiet = now.saturating_add(millis(self.settings().timers.quiet_after_unanswered));
                let record = self
                    .store()
                    .close_invitation(invitation, to, None, now, (!left).then_some(quiet))
                    .await
                    .map_err(refusal)?;
                self.closed(&record).await;
                Ok(())
            }
            Due::Abandon(chat) => {
                let facts = self.floor(organization).facts(Of::Visitor(visitor)).await;
                let record = chat_of(chat).await?;
                if facts.is_some_and(|facts| facts.presence.is_here()) || record.state != ChatState::Unclaimed {
                    return self.tell_anew(&record, Vec::new()).await.map(drop);
                }
                self.end_with(&record, EndReason::Abandoned).await
            }
            Due::Unreserve(chat) => {
                match self.store().unreserve(chat).await.map_err(refusal)? {
                    Some(record) => {
                        self.tell(record.clone(), Vec::new()).await;
                        self.call_team(&record, false).await;
                    }
                    None => self.tell(chat_of(chat).await?, Vec::new()).await,
                }
                Ok(())
            }
            Due::Return(chat, agent) => {
                let record = chat_of(chat).await?;
                if record.agent != Some(agent) || record.state != ChatState::InProgress {
                    return self.tell_anew(&record, Vec::new()).await.map(drop);
                }
                let (record, entries) = self.store().return_chat(chat, now).await.map_err(refusal)?;
                self.tell(record.clone(), entries).await;
                self.floor(organization).tell_agent(agent, &ToAgent::ChatGone(chat)).await;
                self.call_team(&record, true).await;
                Ok(())
            }
            Due::Silence(chat) => {
                let record = chat_of(chat).await?;
                let silent_since = now.saturating_sub(millis(self.settings().timers.chat_silent_end));
                if record.last_word_at > silent_since {
                    return self.tell_anew(&record, Vec::new()).await.map(drop);
                }
                self.end_with(&record, EndReason::Silence).await
            }
            Due::Again(chat) => {
                let record = chat_of(chat).await?;
                if record.state == ChatState::Unclaimed {
                    self.call_team(&record, true).await;
                }
                Ok(())
            }
            Due::Link { chat, agent, from, to } => self.link_changed(&chat_of(chat).await?, agent, from, to).await,
            Due::VisitorLeft(chat) => self.happens(&chat_of(chat).await?, Happening::VisitorLeft).await,
            Due::VisitorBack(chat) => self.happens(&chat_of(chat).await?, Happening::VisitorBack).await,
        }
    }

    /// Under 60 s nothing is written: a train in a tunnel is no event of the chat.
    async fn link_changed(
        &self,
        chat: &ChatRecord,
        agent: AgentId,
        from: AgentLink,
        to: AgentLink,
    ) -> Result<(), Refusal> {
        if chat.agent != Some(agent) || chat.state != ChatState::InProgress {
            return Ok(());
        }
        match (from, to) {
            (_, AgentLink::Lost) => self.happens(chat, Happening::AgentLost(agent)).await,
            (AgentLink::Lost, _) => self.happens(chat, Happening::AgentBack(agent)).await,
            _ => {
                self.tell(chat.clone(), Vec::new()).await;
                Ok(())
            }
        }
    }

    async fn happens(&self, chat: &ChatRecord, what: Happening) -> Result<(), Refusal> {
        if chat.state != ChatState::InProgress {
            return Ok(());
        }
        let entry = self.store().happened(chat.id, what, clock::now()).await.map_err(refusal)?;
        self.tell_anew(chat, vec![entry]).await.map(drop)
    }

    /// Brings what the floor believes of a visitor to what the database says.
    async fn look_again(&self, organization: OrganizationId, visitor: VisitorId) {
        let _turn = self.turn_of(visitor).await;
        let floor = self.floor(organization);
        let Some(facts) = floor.facts(Of::Visitor(visitor)).await else { return };
        if let Some(had) = facts.invitation
            && let Ok(Some(record)) = self.store().invitation(organization, had.id).await
        {
            let invitation = super::arrive::on_the_board(&record);
            floor.apply(Event::Invitation { visitor, invitation, quiet_until: record.quiet_until }).await;
        }
        if let Some(had) = facts.chat
            && let Ok(Some(record)) = self.store().chat(organization, had.id).await
        {
            self.tell(record, Vec::new()).await;
        }
    }
}
