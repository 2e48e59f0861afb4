//! One visit: its tabs, and everything that follows from them and from the time.

use std::collections::{BTreeMap, VecDeque};

use protocol::{
    Millis,
    board::Row,
    chat::{AgentLink, BoardChat, ChatState, Seq},
    id::{AgentId, ChatId, ConciergeId, VisitId, VisitorId},
    invitation::{BoardInvitation, InvitationState},
    page::{Page, PageView},
    presence::{Presence, TabActivity},
};

use super::{
    agents::Standing,
    event::{Due, SeatId, TokenHash},
    millis,
};
use crate::settings::Timers;

/// A due thing is asked for again after this time, should the database have failed.
const ASK_AGAIN_AFTER: Millis = 5_000;
/// How much of a trail stays in memory.
const TRAIL_PAGES: usize = 50;
/// "Is writing an invitation" holds this long unless renewed.
pub(crate) const COMPOSING_HOLDS: Millis = 30_000;

/// A stay of a visitor on the site.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) id: VisitId,
    pub(crate) visitor: VisitorId,
    pub(crate) token: Option<TokenHash>,
    pub(crate) name: Option<String>,
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    pub(crate) browser: String,
    pub(crate) is_mobile: bool,
    pub(crate) since: Millis,
    pub(crate) remembered: bool,
    pub(crate) denials: u32,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) tabs: BTreeMap<SeatId, TabActivity>,
    pub(crate) last_input: Millis,
    pub(crate) hidden_since: Option<Millis>,
    pub(crate) gone_since: Millis,
    pub(crate) left: Option<Left>,
    /// Nothing tells yet that it is a person.
    pub(crate) is_driven: bool,
    /// The row has had its time after the end.
    pub(crate) dropped: bool,
    pub(crate) invitation: Option<BoardInvitation>,
    pub(crate) chat: Option<BoardChat>,
    pub(crate) chat_head: Seq,
    pub(crate) chat_told_at: Millis,
    pub(crate) last_word_at: Millis,
    pub(crate) composing: Option<(AgentId, Millis)>,
    pub(crate) trail: VecDeque<PageView>,
    pub(crate) unwritten: VecDeque<PageView>,
    /// The row as the dashboards have it.
    pub(crate) shown: Option<Row>,
    /// The moment at which it stands in the order of what comes due.
    pub(crate) due_at: Option<Millis>,
    pub(crate) asked: Vec<(Due, Millis)>,
    pub(crate) called_again: Option<(ChatId, u32)>,
}

/// When a visitor left, and when that was known: the grace lies between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Left {
    pub(crate) at: Millis,
    pub(crate) noticed: Millis,
}

impl Visit {
    /// The best of the tabs.
    pub(crate) fn presence(&self, now: Millis, timers: &Timers) -> Presence {
        if self.left.is_some() {
            return Presence::Left;
        }
        if self.tabs.is_empty() {
            return Presence::Gone;
        }
        let is_hidden = self.hidden_since.is_some_and(|since| now >= since.saturating_add(millis(timers.hidden_after)));
        if is_hidden {
            return Presence::Hidden;
        }
        if now >= self.last_input.saturating_add(millis(timers.idle_after)) { Presence::Idle } else { Presence::Active }
    }

    /// Notes since when no tab is visible.
    pub(crate) fn look_at_tabs(&mut self, now: Millis) {
        let all_hidden = !self.tabs.is_empty() && self.tabs.values().all(|tab| !tab.visible);
        self.hidden_since = if all_hidden { self.hidden_since.or(Some(now)) } else { None };
    }

    /// Adds a line to the trail; a new title of the same page replaces the line.
    pub(crate) fn walk(&mut self, page: Page, now: Millis) {
        if self.trail.back().is_some_and(|last| last.page.url == page.url) {
            let title = page.title.clone();
            self.trail.back_mut().expect("there is a last line").page.title = title.clone();
            if let Some(last) = self.unwritten.back_mut().filter(|last| last.page.url == page.url) {
                last.page.title = title;
            }
        } else {
            let view = PageView { page: page.clone(), at: now };
            for lines in [&mut self.trail, &mut self.unwritten] {
                lines.push_back(view.clone());
                if lines.len() > TRAIL_PAGES {
                    lines.pop_front();
                }
            }
        }
        self.page = page;
    }

    /// Moves on whatever the time has decided, and returns what the desk must do.
    pub(crate) fn settle(&mut self, now: Millis, agent: Option<Standing>, timers: &Timers) -> Vec<Due> {
        let mut once = Vec::new();
        if self.tabs.is_empty() && self.left.is_none() && now >= self.leaves_at(timers) {
            self.left = Some(Left { at: self.gone_since, noticed: now });
            self.composing = None;
            if let Some(chat) = self.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress) {
                once.push(Due::VisitorLeft(chat.id));
            }
        }
        self.quiet_until = self.quiet_until.filter(|until| now < *until);
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
            self.chat = None;
        }
        self.settle_chat(now, agent, timers, &mut once);
        self.dropped = self.ended_since().is_some_and(|since| now >= since.saturating_add(stays));

        let outstanding = self.outstanding(now, agent, timers);
        self.asked.retain(|(due, _)| outstanding.contains(due));
        for due in outstanding {
            match self.asked.iter_mut().find(|(asked, _)| *asked == due) {
                Some((_, at)) if now < at.saturating_add(ASK_AGAIN_AFTER) => {}
                Some((_, at)) => {
                    *at = now;
                    once.push(due);
                }
                None => {
                    self.asked.push((due, now));
                    once.push(due);
                }
            }
        }
        once
    }

    fn settle_chat(&mut self, now: Millis, agent: Option<Standing>, timers: &Timers, once: &mut Vec<Due>) {
        let Some(chat) = &mut self.chat else { return };
        if let (ChatState::InProgress, Some(id), Some(standing)) = (chat.state, chat.agent, agent) {
            if chat.link != standing.link {
                once.push(Due::Link { chat: chat.id, agent: id, from: chat.link, to: standing.link });
                chat.link = standing.link;
            }
        } else {
            chat.link = AgentLink::Ok;
        }
        let call = (chat.id, chat.version);
        let waited = now >= self.chat_told_at.saturating_add(millis(timers.unclaimed_again));
        if chat.state == ChatState::Unclaimed && waited && self.called_again != Some(call) {
            self.called_again = Some(call);
            once.push(Due::Again(chat.id));
        }
    }

    fn outstanding(&self, now: Millis, agent: Option<Standing>, timers: &Timers) -> Vec<Due> {
        let mut due = Vec::new();
        if let Some(open) = self.invitation.as_ref().filter(|invitation| invitation.state.is_open()) {
            let (invitation, by) = (open.id, open.by);
            if self.left.is_some() {
                due.push(Due::LeftInvited { invitation, by });
            } else if now >= open.expires_at {
                due.push(Due::Expire { invitation, by });
            }
        }
        let Some(chat) = self.chat.as_ref().filter(|chat| chat.state.is_live()) else { return due };
        if now >= self.last_word_at.saturating_add(millis(timers.chat_silent_end)) {
            due.push(Due::Silence(chat.id));
        } else if chat.state == ChatState::Unclaimed {
            if self.left.is_some() {
                due.push(Due::Abandon(chat.id));
            } else if chat.reserved_for.is_some() && chat.reserved_until.is_none_or(|until| now >= until) {
                due.push(Due::Unreserve(chat.id));
            }
        } else if let (Some(id), true) = (chat.agent, agent.is_some_and(|standing| standing.is_away)) {
            due.push(Due::Return(chat.id, id));
        }
        due
    }

    fn leaves_at(&self, timers: &Timers) -> Millis {
        let grace = if self.is_mobile { timers.grace_mobile } else { timers.grace };
        self.gone_since.saturating_add(millis(grace))
    }

    fn has_open_matter(&self) -> bool {
        self.invitation.as_ref().is_some_and(|invitation| invitation.state.is_open())
            || self.chat.as_ref().is_some_and(|chat| chat.state.is_live())
    }

    fn ended_since(&self) -> Option<Millis> {
        let left = self.left.filter(|_| !self.has_open_matter())?;
        Some(if self.chat.is_some() { left.noticed.max(self.chat_told_at) } else { left.noticed })
    }

    /// Whether nothing about the visit is needed any more: whoever comes now begins a new one.
    pub(crate) fn is_over(&self, now: Millis, timers: &Timers) -> bool {
        self.dropped && self.left.is_some_and(|left| now >= left.at.saturating_add(millis(timers.new_visit_after)))
    }

    /// The next moment at which time alone changes something.
    pub(crate) fn next_moment(&self, now: Millis, agent: Option<Standing>, timers: &Timers) -> Option<Millis> {
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
            if unclaimed { after(self.chat_told_at, timers.unclaimed_again) } else { None },
            agent.and_then(|standing| standing.until),
            self.ended_since().and_then(|since| after(since, timers.ended_row_stays)),
            self.left.and_then(|left| after(left.at, timers.new_visit_after)),
            self.asked.iter().map(|(_, at)| at.saturating_add(ASK_AGAIN_AFTER)).min(),
        ];
        moments.into_iter().flatten().filter(|at| *at > now).min()
    }

    /// The row, when there is one to show.
    pub(crate) fn row(&self, now: Millis, timers: &Timers) -> Option<Row> {
        (!self.is_driven && !self.dropped).then(|| Row {
            visit: self.id,
            visitor: self.visitor,
            name: self.name.clone(),
            concierge: self.concierge,
            page: self.page.clone(),
            browser: self.browser.clone(),
            since: self.since,
            left_at: self.left.map(|left| left.at),
            presence: self.presence(now, timers),
            invitation: self.invitation.clone(),
            chat: self.chat.clone(),
            composing: self.composing.map(|(agent, _)| agent),
            quiet_until: self.quiet_until,
        })
    }
}
