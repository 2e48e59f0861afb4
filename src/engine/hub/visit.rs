//! A single visit: its tabs, and the state derived from them and from the passage of time.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use protocol::{
    Millis,
    board::Row,
    chat::{AgentConnectivity, BoardChat, Seq},
    id::{AgentId, ChatId, ConciergeId, VisitId, VisitorId},
    invitation::BoardInvitation,
    page::{Page, PageView},
    presence::{Presence, TabActivity},
};

use super::{
    event::{ConnectionId, Due, TokenHash},
    millis,
};
use crate::{
    limits::Network,
    settings::{Timers, VisitLimits},
    traffic_source::Source,
};

/// The shortest time between two page views of a visit, in ms.
const PAGE_VIEW_INTERVAL: Millis = 1_000;
/// How often a visit's page may change on the board: on average, once in this time, in ms.
const PAGE_SHOWN_EVERY: Millis = 1_000;
/// How many page changes the board shows at once before that limit applies, so that only floods have to wait.
const PAGE_BURST: Millis = 10;
/// How long "is writing an invitation" is shown unless renewed, in ms.
pub(crate) const COMPOSING_TTL: Millis = 30_000;

/// A visitor's stay on the site.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) id: VisitId,
    pub(crate) visitor: VisitorId,
    pub(crate) token: Option<TokenHash>,
    pub(crate) name: Option<String>,
    pub(crate) concierge: ConciergeId,
    pub(crate) page: Page,
    /// The page that the board still shows while the current one waits because there were too many changes.
    held_page: Option<Box<Page>>,
    /// From this time on, each page shown on the board uses up `PAGE_SHOWN_EVERY`.
    pages_used_until: Millis,
    pub(crate) browser: String,
    pub(crate) source: Arc<Source>,
    /// Whether the traffic source may be stored.
    pub(crate) keeps_source: bool,
    pub(crate) is_mobile: bool,
    /// The network of the last tab, if it is subject to limits.
    pub(crate) network: Option<Network>,
    pub(crate) since: Millis,
    pub(crate) persisted: bool,
    pub(crate) quiet_until: Option<Millis>,
    /// The end of a quiet period that has not been stored yet.
    pub(crate) quiet_unstored: Option<Millis>,
    pub(crate) tabs: BTreeMap<ConnectionId, TabActivity>,
    pub(crate) last_input: Millis,
    pub(crate) hidden_since: Option<Millis>,
    pub(crate) gone_since: Millis,
    pub(crate) left: Option<Departure>,
    /// Whether there has been no sign of a human so far.
    pub(crate) is_automated: bool,
    /// Whether the visit has ended and its row has since been shown for the configured time.
    pub(crate) dropped: bool,
    pub(crate) invitation: Option<BoardInvitation>,
    pub(crate) chat: Option<BoardChat>,
    pub(crate) chat_head: Seq,
    /// When the chat last changed its state or agent.
    pub(crate) chat_told_at: Millis,
    pub(crate) last_word_at: Millis,
    pub(crate) composing: Option<(AgentId, Millis)>,
    pub(crate) page_views: VecDeque<PageView>,
    /// The number of recent page views that are not in the database yet.
    pub(crate) unwritten: usize,
    /// The hash of the row that the dashboards have. The row itself would account for half of a visit's memory use.
    pub(crate) shown: Option<u64>,
    /// The visit's key in the hub's list of due times.
    pub(crate) due_at: Option<Millis>,
    pub(crate) asked: Vec<(Due, Millis)>,
    /// The chat that the team was reminded of, and its `chat_told_at` at that time.
    pub(crate) called_again: Option<(ChatId, Millis)>,
}

/// When a visitor left, and when the hub noticed it. The grace period is the time between the two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Departure {
    pub(crate) at: Millis,
    pub(crate) noticed: Millis,
}

impl Visit {
    /// Creates a visit of which only the start time is known.
    pub(crate) fn begin(id: VisitId, visitor: VisitorId, since: Millis) -> Self {
        Self {
            id,
            visitor,
            token: None,
            name: None,
            concierge: ConciergeId(uuid::Uuid::nil()),
            page: Page::default(),
            held_page: None,
            pages_used_until: since,
            browser: String::new(),
            source: Arc::default(),
            keeps_source: false,
            is_mobile: false,
            network: None,
            since,
            persisted: false,
            quiet_until: None,
            quiet_unstored: None,
            tabs: BTreeMap::new(),
            last_input: since,
            hidden_since: None,
            gone_since: since,
            left: None,
            is_automated: false,
            dropped: false,
            invitation: None,
            chat: None,
            chat_head: 0,
            chat_told_at: since,
            last_word_at: since,
            composing: None,
            page_views: VecDeque::new(),
            unwritten: 0,
            shown: None,
            due_at: None,
            asked: Vec::new(),
            called_again: None,
        }
    }

    /// Returns the presence of the most active tab.
    pub(crate) fn presence(&self, now: Millis, timers: &Timers) -> Presence {
        if self.left.is_some() {
            return Presence::Left;
        }
        if self.tabs.is_empty() {
            return Presence::Disconnected;
        }
        let is_hidden = self.hidden_since.is_some_and(|since| now >= since.saturating_add(millis(timers.hidden_after)));
        if is_hidden {
            return Presence::Hidden;
        }
        if now >= self.last_input.saturating_add(millis(timers.idle_after)) { Presence::Idle } else { Presence::Active }
    }

    /// Updates a tab's activity.
    pub(crate) fn update_tab(&mut self, connection: ConnectionId, activity: TabActivity, now: Millis) {
        if activity.input {
            self.last_input = now;
            self.is_automated = false;
        }
        self.tabs.insert(connection, activity);
        self.update_hidden_since(now);
    }

    /// Removes a tab whose socket has closed.
    pub(crate) fn remove_tab(&mut self, connection: ConnectionId, now: Millis) {
        self.tabs.remove(&connection);
        if self.tabs.is_empty() {
            self.gone_since = now;
        }
        self.update_hidden_since(now);
    }

    /// Sets the chat to its stored state, except for its `link`, which only the hub knows.
    pub(crate) fn set_chat(&mut self, mut chat: BoardChat, head: Seq, last_word_at: Millis, now: Millis) {
        match &self.chat {
            Some(had) if (had.id, had.state, had.agent) == (chat.id, chat.state, chat.agent) => chat.link = had.link,
            // The link is reported when it changes from `Ok`, so a new owner starts with `Ok`.
            _ => {
                chat.link = AgentConnectivity::Ok;
                self.chat_told_at = now;
            }
        }
        self.chat_head = head;
        self.last_word_at = last_word_at;
        self.chat = Some(chat);
    }

    /// Records when the last visible tab was hidden.
    pub(crate) fn update_hidden_since(&mut self, now: Millis) {
        let all_hidden = !self.tabs.is_empty() && self.tabs.values().all(|tab| !tab.visible);
        self.hidden_since = if all_hidden { self.hidden_since.or(Some(now)) } else { None };
    }

    /// Adds a page view. If only the title of the last page has changed, updates the last page view instead. Within a
    /// second of the last page view, the page waits, and only the last page of that second is recorded.
    pub(crate) fn record_page_view(&mut self, page: Page, now: Millis, limits: VisitLimits) {
        self.record_waiting_page(now, limits);
        match self.page_views.back_mut() {
            Some(last) if last.page.url == page.url => last.page.title.clone_from(&page.title),
            Some(last) if now - last.at < PAGE_VIEW_INTERVAL => {}
            _ => self.push_page_view(page.clone(), now),
        }
        self.drop_excess_page_views(limits);
        if self.page != page {
            let shown = std::mem::replace(&mut self.page, page);
            let held = self.held_page.get_or_insert_with(|| Box::new(shown));
            if **held == self.page {
                self.held_page = None;
            }
            self.show_page(now);
        }
    }

    /// Shows the current page on the board, unless it has to wait.
    pub(crate) fn show_page(&mut self, now: Millis) {
        // Without this, if the clock was set back, the page would wait until the clock caught up.
        self.pages_used_until = self.pages_used_until.min(now.saturating_add(PAGE_BURST * PAGE_SHOWN_EVERY));
        if self.page_shown_at().is_some_and(|at| now >= at) {
            self.held_page = None;
            self.pages_used_until = self.pages_used_until.max(now).saturating_add(PAGE_SHOWN_EVERY);
        }
    }

    /// Returns when a waiting page will be shown on the board.
    pub(crate) fn page_shown_at(&self) -> Option<Millis> {
        self.held_page.as_ref().map(|_| self.pages_used_until - (PAGE_BURST - 1) * PAGE_SHOWN_EVERY)
    }

    /// Adds the view of the current page if it has waited for the end of its second.
    pub(crate) fn record_waiting_page(&mut self, now: Millis, limits: VisitLimits) {
        let Some(waiting) = self.waiting_page_view().filter(|waiting| now >= waiting.at) else { return };
        self.push_page_view(waiting.page, waiting.at);
        self.drop_excess_page_views(limits);
    }

    /// Returns the view of the current page if it is not recorded yet, because the page before is less than a second old.
    pub(crate) fn waiting_page_view(&self) -> Option<PageView> {
        let last = self.page_views.back().filter(|last| last.page.url != self.page.url)?;
        Some(PageView { page: self.page.clone(), at: last.at + PAGE_VIEW_INTERVAL })
    }

    fn push_page_view(&mut self, page: Page, at: Millis) {
        // Most visitors look at one page, and an empty queue would make room for four (168 bytes more for each visitor).
        if self.page_views.len() == self.page_views.capacity() {
            self.page_views.reserve_exact(1);
        }
        self.page_views.push_back(PageView { page, at });
        self.unwritten += 1;
    }

    /// Drops the oldest page views beyond the limits on a visit's memory. The last one is always kept.
    fn drop_excess_page_views(&mut self, limits: VisitLimits) {
        let bytes_of = |view: &PageView| view.page.url.len() + view.page.title.len();
        let mut bytes: usize = self.page_views.iter().map(bytes_of).sum();
        while self.page_views.len() > 1 && (self.page_views.len() > limits.page_views || bytes > limits.page_view_bytes)
        {
            bytes -= self.page_views.pop_front().as_ref().map_or(0, bytes_of);
        }
        self.unwritten = self.unwritten.min(self.page_views.len());
    }

    /// Returns the row, or `None` if the visit is not shown.
    pub(crate) fn row(&self, now: Millis, timers: &Timers) -> Option<Row> {
        (!self.is_automated && !self.dropped).then(|| Row {
            visit: self.id,
            visitor: self.visitor,
            name: self.name.clone(),
            concierge: self.concierge,
            page: self.held_page.as_deref().unwrap_or(&self.page).clone(),
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
