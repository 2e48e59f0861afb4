//! Applies the passage of time to a visit: determines what is due now, and when something will be due next.

use protocol::{
    Millis,
    chat::{AgentConnectivity, ChatState},
    contact::ContactRequest,
    invitation::{BoardInvitation, InvitationState},
};

use super::{
    agents::AgentReachability,
    event::Due,
    millis,
    visit::{Departure, Visit},
};
use crate::settings::Timers;

/// How long to wait before requesting due work again, in milliseconds. The database may have failed the first time.
const DUE_RETRY_AFTER: Millis = 5_000;

impl Visit {
    /// Applies the passage of time and returns the work that the operations must do.
    pub(crate) fn settle(&mut self, now: Millis, agent: Option<AgentReachability>, timers: &Timers) -> Vec<Due> {
        let mut once = Vec::new();
        if self.tabs.is_empty() && self.left.is_none() && now >= self.leaves_at(timers) {
            self.left = Some(Departure { at: self.gone_since, noticed: now });
            self.composing = None;
            if let Some(chat) = self.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress) {
                once.push(Due::VisitorLeft(chat.id));
            }
        }
        self.show_page(now);
        self.settle_quiet(now, timers);
        self.composing = self.composing.filter(|(_, until)| now < *until);
        let quiet = self.quiet_until.is_some();
        self.invitation = self
            .invitation
            .take()
            .filter(|invitation| invitation.state.is_open() || (invitation.state == InvitationState::Denied && quiet));
        let stays = millis(timers.ended_row_stays);
        if self.left.is_none()
            && self
                .chat
                .as_ref()
                .is_some_and(|chat| !chat.state.is_live() && now >= self.chat_told_at.saturating_add(stays))
        {
            (self.chat, self.chat_head) = (None, 0);
        }
        self.settle_chat(now, agent, timers, &mut once);
        self.dropped = self.ended_since().is_some_and(|since| now >= since.saturating_add(stays));

        let outstanding = self.outstanding(now, agent, timers);
        once.extend(self.ask(outstanding, now));
        once
    }

    /// Returns the outstanding work that has not been requested yet, or that was last requested more than
    /// `DUE_RETRY_AFTER` ago.
    fn ask(&mut self, outstanding: Vec<Due>, now: Millis) -> Vec<Due> {
        self.asked.retain(|(due, _)| outstanding.contains(due));
        let is_to_be_asked = |due: &Due| match self.asked.iter_mut().find(|(asked, _)| asked == due) {
            Some((_, at)) if now < at.saturating_add(DUE_RETRY_AFTER) => false,
            Some((_, at)) => {
                *at = now;
                true
            }
            None => {
                self.asked.push((*due, now));
                true
            }
        };
        outstanding.into_iter().filter(is_to_be_asked).collect()
    }

    /// Extends a quiet period that would otherwise end during the visit. A visitor who denied an invitation is left
    /// alone for the rest of the visit, so the quiet period lasts until a new visit could start.
    fn settle_quiet(&mut self, now: Millis, timers: &Timers) {
        let Some(until) = self.quiet_until.filter(|until| now >= *until) else { return };
        let denied_here = |had: &BoardInvitation| had.state == InvitationState::Denied && had.sent_at >= self.since;
        let was_here = if self.tabs.is_empty() { self.gone_since } else { now };
        let goes_on = was_here.saturating_add(millis(timers.new_visit_after));
        let denied = self.invitation.as_ref().is_some_and(denied_here);
        self.quiet_until = Some(goes_on.max(until)).filter(|until| denied && now < *until);
        self.quiet_unstored = self.quiet_until;
    }

    fn settle_chat(&mut self, now: Millis, agent: Option<AgentReachability>, timers: &Timers, once: &mut Vec<Due>) {
        let Some(chat) = &mut self.chat else { return };
        if let (ChatState::InProgress, Some(id), Some(reachability)) = (chat.state, chat.agent, agent) {
            if chat.link != reachability.link {
                once.push(Due::LinkChanged { chat: chat.id, agent: id, from: chat.link, to: reachability.link });
                chat.link = reachability.link;
            }
        } else {
            chat.link = AgentConnectivity::Ok;
        }
        let call = (chat.id, self.chat_told_at);
        let waited = now >= self.chat_told_at.saturating_add(millis(timers.unclaimed_reminder));
        let is_free = chat.state == ChatState::Unclaimed && chat.reserved_for.is_none();
        if is_free && waited && self.called_again != Some(call) {
            self.called_again = Some(call);
            once.push(Due::RemindTeam(chat.id));
        }
    }

    fn outstanding(&self, now: Millis, agent: Option<AgentReachability>, timers: &Timers) -> Vec<Due> {
        let mut due: Vec<_> = self.quiet_unstored.map(Due::KeepQuiet).into_iter().collect();
        if let Some(open) = self.invitation.as_ref().filter(|invitation| invitation.state.is_open()) {
            let (invitation, by) = (open.id, open.by);
            if self.left.is_some() {
                due.push(Due::InvitedVisitorLeft { invitation, by });
            } else if now >= open.expires_at {
                due.push(Due::Expire { invitation, by });
            }
        }
        let Some(chat) = self.chat.as_ref().filter(|chat| chat.state.is_live()) else { return due };
        let is_message = chat.state == ChatState::Unclaimed && chat.contact == ContactRequest::Provided;
        if chat.state == ChatState::Unclaimed
            && chat.contact == ContactRequest::NotRequested
            && now >= self.form_at(timers)
        {
            due.push(Due::OfferForm(chat.id));
        }
        if !is_message && now >= self.last_word_at.saturating_add(millis(timers.chat_silent_end)) {
            due.push(Due::EndSilent(chat.id));
        } else if chat.state == ChatState::Unclaimed {
            if self.left.is_some() && !is_message {
                due.push(Due::Abandon(chat.id));
            } else if chat.reserved_for.is_some() && chat.reserved_until.is_none_or(|until| now >= until) {
                due.push(Due::Unreserve(chat.id));
            }
        } else if let (Some(id), true) = (chat.agent, agent.is_some_and(|reachability| reachability.is_lost_for_good)) {
            due.push(Due::ReturnToTeam(chat.id, id));
        }
        due
    }

    /// Returns when a visitor who is waiting for an agent will be offered the message form.
    fn form_at(&self, timers: &Timers) -> Millis {
        self.chat_told_at.saturating_add(millis(timers.unclaimed_form))
    }

    fn leaves_at(&self, timers: &Timers) -> Millis {
        let grace = if self.is_mobile { timers.grace_mobile } else { timers.grace };
        self.gone_since.saturating_add(millis(grace))
    }

    fn has_open_invitation_or_chat(&self) -> bool {
        self.invitation.as_ref().is_some_and(|invitation| invitation.state.is_open())
            || self.chat.as_ref().is_some_and(|chat| chat.state.is_live())
    }

    fn ended_since(&self) -> Option<Millis> {
        let left = self.left.filter(|_| !self.has_open_invitation_or_chat())?;
        Some(if self.chat.is_some() { left.noticed.max(self.chat_told_at) } else { left.noticed })
    }

    /// Returns whether the visit can be dropped, so that the visitor's next arrival starts a new one.
    pub(crate) fn is_over(&self, now: Millis, timers: &Timers) -> bool {
        self.dropped && self.left.is_some_and(|left| now >= left.at.saturating_add(millis(timers.new_visit_after)))
    }

    /// Returns the next time at which something will change without an event.
    pub(crate) fn next_moment(&self, now: Millis, agent: Option<AgentReachability>, timers: &Timers) -> Option<Millis> {
        let after = |from: Millis, wait: u64| Some(from.saturating_add(millis(wait)));
        let chat = self.chat.as_ref();
        let unclaimed = chat.is_some_and(|chat| chat.state == ChatState::Unclaimed);
        let moments = [
            if self.tabs.is_empty() { Some(self.leaves_at(timers)) } else { after(self.last_input, timers.idle_after) },
            self.hidden_since.and_then(|since| after(since, timers.hidden_after)),
            self.quiet_until,
            self.composing.map(|(_, until)| until),
            self.invitation.as_ref().map(|invitation| invitation.expires_at),
            chat.and_then(|chat| chat.reserved_until),
            chat.and_then(|_| after(self.last_word_at, timers.chat_silent_end)),
            chat.filter(|chat| !chat.state.is_live()).and_then(|_| after(self.chat_told_at, timers.ended_row_stays)),
            if unclaimed { after(self.chat_told_at, timers.unclaimed_reminder) } else { None },
            if unclaimed { Some(self.form_at(timers)) } else { None },
            agent.and_then(|reachability| reachability.until),
            self.ended_since().and_then(|since| after(since, timers.ended_row_stays)),
            self.left.and_then(|left| after(left.at, timers.new_visit_after)),
            self.asked.iter().map(|(_, at)| at.saturating_add(DUE_RETRY_AFTER)).min(),
            self.page_shown_at(),
        ];
        moments.into_iter().flatten().filter(|at| *at > now).min()
    }
}
