//! Handles visitors' answers to invitations. A visitor who accepts is never turned away: even a late acceptance starts
//! a chat.

use protocol::{
    agent::ToAgent,
    chat::ChatState,
    id::{InvitationId, VisitId},
    invitation::Answer,
    notice::Notice,
    refusal::Refusal,
    visitor::ToVisitor,
};

use super::{Engine, catch_up::board_invitation, messages::VisitorContext, notify::Call, refusal};
use crate::{
    clock,
    connection::VisitorConnection,
    hub::{VisitKey, event::Event, millis},
    store::{AnswerOutcome, AnswerTerms, ChatRecord, InvitationRecord},
};

impl Engine {
    pub(crate) async fn answer(
        &self,
        connection: &VisitorConnection,
        invitation: InvitationId,
        answer: Answer,
    ) -> Result<(), Refusal> {
        let _guard = self.lock_visitor(connection.visitor).await;
        match self.answer_locked(connection.context(), invitation, answer).await? {
            Some(record) => self.answered_before(connection, &record).await,
            None => Ok(()),
        }
    }

    /// Applies an answer. The caller must hold the visitor's lock. Returns the invitation if the same answer was
    /// already given.
    pub(super) async fn answer_locked(
        &self,
        context: VisitorContext,
        invitation: InvitationId,
        answer: Answer,
    ) -> Result<Option<InvitationRecord>, Refusal> {
        let visitor = context.visitor;
        let hub = self.hub(context.organization);
        let facts = hub.visit_info(VisitKey::Visitor(visitor)).await.ok_or(Refusal::NotFound)?;
        let timers = &self.settings().timers;
        let invitation_policy = self.invitation_policy(context.organization, facts.concierge).await?;
        let quiet = invitation_policy.quiet_after_deny.unwrap_or(timers.quiet_after_deny);
        let now = clock::now();
        let after = |wait: u64| now.saturating_add(millis(wait));
        let then = AnswerTerms {
            quiet_until: after(quiet),
            quiet_until_after_two: after(timers.quiet_after_two_denials.max(quiet)),
            reserved_until: after(timers.reservation),
        };
        let answered = self.store().answer(invitation, visitor, answer, now, then).await.map_err(refusal)?;
        match answered {
            AnswerOutcome::Denied { invitation: record, quiet_until } => {
                let (by, id) = (record.by, record.id);
                let invitation = board_invitation(&record);
                hub.apply(Event::Invitation { visitor, invitation, quiet_until: Some(quiet_until) }).await;
                hub.notify_visitor(visitor, &ToVisitor::Invitation(None)).await;
                hub.notify_visitor(visitor, &ToVisitor::Quiet { until: quiet_until }).await;
                let notice = Notice::Denied { invitation: id, visit: facts.visit, quiet_until };
                hub.notify_agent(by, &ToAgent::Notice(notice)).await;
            }
            AnswerOutcome::Accepted { invitation: record, chat, entries, late } => {
                self.inner.chat_rate_limit.count_invited(visitor, context.network, now);
                hub.apply(Event::Invitation { visitor, invitation: board_invitation(&record), quiet_until: None })
                    .await;
                hub.notify_visitor(visitor, &ToVisitor::Invitation(None)).await;
                self.notify(chat.clone(), entries).await;
                self.notify_accepted(&record, chat, facts.visit, late).await?;
            }
            AnswerOutcome::Same(record) => return Ok(Some(record)),
        }
        Ok(None)
    }

    /// Sends the tab the outcome of an answer that was already given in this tab or another one.
    async fn answered_before(&self, connection: &VisitorConnection, record: &InvitationRecord) -> Result<(), Refusal> {
        connection.push(&ToVisitor::Invitation(None));
        if let Some(until) = record.quiet_until.filter(|_| record.is_denied()) {
            connection.push(&ToVisitor::Quiet { until });
        }
        if let Some(chat) = self.store().live_chat_of(connection.visitor, clock::now()).await.map_err(refusal)? {
            let id = chat.id;
            self.push_chat(connection, chat).await;
            self.push_entries(connection, id, 0).await.map_err(refusal)?;
        }
        Ok(())
    }

    /// Notifies the inviting agent that the invitation was accepted. If it was accepted late, the entire team is also
    /// notified, because the inviting agent may be gone.
    async fn notify_accepted(
        &self,
        record: &InvitationRecord,
        chat: ChatRecord,
        visit: VisitId,
        late: bool,
    ) -> Result<(), Refusal> {
        if chat.state != ChatState::Unclaimed {
            return Ok(());
        }
        let notice = Notice::Accepted {
            chat: chat.id,
            visit,
            visitor_name: chat.visitor_name.clone(),
            reserved_until: chat.reserved_until.unwrap_or(chat.state_since),
            late,
        };
        self.hub(record.organization).notify_agent(record.by, &ToAgent::Notice(notice)).await;
        if late {
            self.route(&chat, false, Call::FirstBut(record.by)).await?;
        }
        Ok(())
    }
}
