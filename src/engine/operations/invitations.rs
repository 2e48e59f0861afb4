//! Sends and withdraws invitations, and tracks their progress.

use protocol::{
    agent::{Role, ToAgent},
    contact,
    id::{ConciergeId, InvitationId, OrganizationId, VisitId},
    invitation::InvitationState,
    invitation_policy::{PromptDecision, is_excluded, prompt_decision},
    limits::MESSAGE_CHARS,
    notice::Notice,
    presence::{Presence, TabActivity},
    refusal::Refusal,
    visitor::ToVisitor,
};
use uuid::Uuid;

use super::{Engine, catch_up::board_invitation, refusal};
use crate::{
    clock,
    hub::{
        VisitKey,
        event::{Event, VisitInfo},
        millis,
    },
    sessions::Principal,
    store::{InvitationPolicy, InvitationRecord, NewInvitation, PersistVisitor},
};

impl Engine {
    /// Invites a visitor to chat.
    ///
    /// # Errors
    /// Returns a refusal that explains why the visitor cannot be invited. If another agent was faster, that is
    /// [`Refusal::AlreadyInvited`] with the other agent's ID.
    pub async fn invite(&self, me: &Principal, visit: VisitId, text: String) -> Result<InvitationId, Refusal> {
        let text = checked(&text)?;
        let hub = self.hub(me.organization);
        let visitor = hub.visit_info(VisitKey::Visit(visit)).await.ok_or(Refusal::NotFound)?.visitor;
        let _guard = self.lock_visitor(visitor).await;
        let facts = hub.visit_info(VisitKey::Visit(visit)).await.ok_or(Refusal::NotFound)?;
        if facts.presence == Presence::Left {
            return Err(Refusal::VisitorLeft);
        }
        // A visit without a row is an automated browser without input. No agent can have seen it.
        if !facts.is_on_board {
            return Err(Refusal::NotFound);
        }
        let now = clock::now();
        let excluded_paths = self.invitation_policy(me.organization, facts.concierge).await?.excluded_paths;
        // The widget decides how to show the prompt, but whether it may be sent is decided here. On an excluded page,
        // the invitation is refused rather than reduced to a badge. Otherwise, the agent would wait until the
        // invitation expires for an answer to a prompt that no one sees.
        match prompt_decision(TabActivity::default(), is_excluded(&excluded_paths, &facts.page), facts.quiet_until, now)
        {
            PromptDecision::NotBefore(until) => return Err(Refusal::Quiet { until }),
            PromptDecision::PageExcluded => return Err(Refusal::NoPromptHere),
            PromptDecision::Show | PromptDecision::AsBadge | PromptDecision::WhenVisible => {}
        }
        let new = NewInvitation {
            id: InvitationId(Uuid::now_v7()),
            organization: me.organization,
            visit,
            visitor,
            by: me.agent,
            text,
            now,
            expires_at: now.saturating_add(millis(self.settings().timers.invitation_lifetime)),
            remember: persist_visitor(&facts).ok_or(Refusal::VisitorLeft)?,
        };
        let record = self.store().invite(new).await.map_err(refusal)?;
        let id = record.id;
        hub.apply(Event::VisitorPersisted { visitor }).await;
        hub.apply(Event::Invitation { visitor, invitation: board_invitation(&record), quiet_until: None }).await;
        let invitation = self.visitor_invitation(record).await;
        hub.notify_visitor(visitor, &ToVisitor::Invitation(Some(invitation))).await;
        Ok(id)
    }

    /// Withdraws an invitation. Only its sender and supervisors may do this.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not withdraw the invitation, [`Refusal::AlreadyDecided`] if it
    /// is no longer open, and [`Refusal::NotFound`] if it does not exist.
    pub async fn withdraw(&self, me: &Principal, invitation: InvitationId) -> Result<(), Refusal> {
        let found =
            self.store().invitation(me.organization, invitation).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        if found.by != me.agent && me.role < Role::Supervisor {
            return Err(Refusal::Forbidden);
        }
        let _guard = self.lock_visitor(found.visitor).await;
        let closing =
            self.store().close_invitation(invitation, InvitationState::Withdrawn, Some(me.agent), clock::now(), None);
        let record = closing.await.map_err(refusal)?;
        self.publish_closed_invitation(&record).await;
        Ok(())
    }

    /// Records the progress of an invitation: delivered to a tab, or seen by the visitor.
    pub(crate) async fn advance_invitation(
        &self,
        me: &VisitInfo,
        invitation: InvitationId,
        to: InvitationState,
    ) -> Result<(), Refusal> {
        // A prompt in a hidden tab has not been seen (scenario 15 in docs/testing.md).
        let is_unseen =
            me.tab.is_none_or(|tab| prompt_decision(tab, false, None, clock::now()) == PromptDecision::WhenVisible);
        let to = if to == InvitationState::Seen && is_unseen { InvitationState::Delivered } else { to };
        let is_mine = me.invitation.as_ref().filter(|had| had.id == invitation && had.state.may_become(to));
        // An invitation that is closed or has already progressed this far does not need an update.
        let Some(had) = is_mine else { return Ok(()) };
        let _guard = self.lock_visitor(me.visitor).await;
        let now = clock::now();
        let from_seen = now.saturating_add(millis(self.settings().timers.invitation_seen_lifetime));
        let expires_at = if to == InvitationState::Seen { had.expires_at.min(from_seen) } else { had.expires_at };
        let moved = self.store().move_invitation(invitation, to, now, expires_at).await.map_err(refusal)?;
        if let Some(record) = moved {
            let hub = self.hub(record.organization);
            let event =
                Event::Invitation { visitor: record.visitor, invitation: board_invitation(&record), quiet_until: None };
            hub.apply(event).await;
            let invitation = self.visitor_invitation(record).await;
            hub.notify_visitor(me.visitor, &ToVisitor::Invitation(Some(invitation))).await;
        }
        Ok(())
    }

    /// Returns a concierge's invitation policy, or the default policy if the concierge no longer exists.
    pub(super) async fn invitation_policy(
        &self,
        organization: OrganizationId,
        which: ConciergeId,
    ) -> Result<InvitationPolicy, Refusal> {
        let found = self.store().concierge(organization, which).await.map_err(refusal)?;
        Ok(found.map(|concierge| concierge.settings.invitation_policy).unwrap_or_default())
    }

    /// Announces that an invitation was closed without an answer, and notifies its sender unless it was withdrawn.
    pub(super) async fn publish_closed_invitation(&self, record: &InvitationRecord) {
        let hub = self.hub(record.organization);
        let visitor = record.visitor;
        let event =
            Event::Invitation { visitor, invitation: board_invitation(record), quiet_until: record.quiet_until };
        hub.apply(event).await;
        hub.notify_visitor(visitor, &ToVisitor::Invitation(None)).await;
        if record.state != InvitationState::Withdrawn {
            let left = record.state == InvitationState::Left;
            let visit = self.visit_of(record.organization, visitor, record.visit).await;
            let notice = Notice::Unanswered { invitation: record.id, visit, left };
            hub.notify_agent(record.by, &ToAgent::Notice(notice)).await;
        }
    }
}

/// Returns the data that the store needs to persist a visitor, or `None` if none of the visitor's tabs has connected
/// since the server started.
pub(super) fn persist_visitor(facts: &VisitInfo) -> Option<PersistVisitor> {
    Some(PersistVisitor {
        token_hash: facts.token?,
        concierge: facts.concierge,
        browser: facts.browser.clone(),
        source: facts.kept_source(),
        started_at: facts.since,
    })
}

/// Trims a message and checks that it contains visible characters and is no longer than [`MESSAGE_CHARS`].
pub(super) fn checked(text: &str) -> Result<String, Refusal> {
    checked_within(text, MESSAGE_CHARS)
}

/// Like [`checked`], but with a limit of `chars` characters.
pub(super) fn checked_within(text: &str, chars: usize) -> Result<String, Refusal> {
    let text = text.trim();
    // A message that consists only of invisible characters is considered empty.
    if text.chars().all(|letter| letter.is_whitespace() || contact::is_invisible_char(letter)) {
        return Err(Refusal::Empty);
    }
    if text.chars().count() > chars {
        return Err(Refusal::TooLong { limit: u32::try_from(chars).unwrap_or(u32::MAX) });
    }
    Ok(text.to_owned())
}
