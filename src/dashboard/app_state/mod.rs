//! The dashboard's client state: the board, the agent's chats and notices, and the clock. [`AppState::handle_frame`]
//! applies frames from the server and returns the frames to send in response. Pages read the signals. The state itself
//! uses neither the socket nor the server functions.

pub mod board;
pub mod chats;
mod handle_frame;
mod notices;

pub use notices::{NoticeContent, ShownNotice};

use std::collections::{HashMap, HashSet};

use leptos::prelude::*;
use protocol::{
    Millis,
    action::Viewer,
    agent::{AgentCard, Directory, DirectoryPart, Role},
    availability::{Availability, Colleague},
    board::{Board, SnapshotAssembler},
    chat::{AgentChat, Entry},
    close_reason::CloseReason,
    id::{AgentId, ChatId, TeamId, VisitId},
    note::Note,
    preferences::Preference,
};
use uuid::Uuid;

use super::{
    api::{ApiError, InitialState},
    clock,
    filter_and_sort::NameLookup,
    i18n,
    outbox::Pending,
};

/// The connection state, as shown to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being established.
    Connecting,
    /// The dashboard is connected, and the screen is up to date.
    Up,
    /// The connection was lost, and the dashboard is waiting to reconnect.
    Down {
        /// The time of the next attempt, according to the browser's clock.
        retry_at: Millis,
    },
    /// An attempt to reconnect is in progress.
    Retrying,
    /// The server closed the connection, and reconnecting would not help.
    Closed(CloseReason),
}

/// The dashboard's client state. It is cheap to copy because every field is a handle.
#[derive(Clone, Copy)]
pub struct AppState {
    /// The signed-in agent.
    pub me: AgentId,
    /// The organization's agents, teams, and concierges.
    pub directory: RwSignal<Directory>,
    /// The server's time, updated every second.
    pub now: RwSignal<Millis>,
    /// Whether hydration is complete. Until then, the browser must render exactly what the server rendered, so it can't
    /// use its time zone.
    pub hydrated: RwSignal<bool>,
    /// The state of the connection.
    pub link: RwSignal<Link>,
    /// Incremented when the board changes, at most once per animation frame.
    pub board_version: RwSignal<u64>,
    /// Incremented when the row order may have changed. Updated less often on large boards.
    pub order_version: RwSignal<u64>,
    /// The notices at the top right of the page.
    pub notices: RwSignal<Vec<ShownNotice>>,
    /// The connected agents and their availability, including me.
    pub colleagues: RwSignal<Vec<Colleague>>,
    /// My live chats, plus other agents' chats that I have open.
    pub chats: RwSignal<Vec<AgentChat>>,
    /// The supervisors who are viewing each of my chats and each chat that I have open.
    pub readers: RwSignal<HashMap<ChatId, Vec<AgentId>>>,
    /// Chats that are no longer mine. Their windows are read-only.
    pub past: RwSignal<Vec<AgentChat>>,
    /// The chat in the page's path, if no such chat exists.
    pub missing: RwSignal<Option<ChatId>>,
    /// The chats in which the visitor is typing, each with the time at which the typing indicator expires.
    pub typing: RwSignal<HashMap<ChatId, Millis>>,
    /// Messages that the server has not acknowledged yet.
    pub outbox: RwSignal<Vec<Pending>>,
    /// The IDs of objects for which a request is in progress. Their buttons are shown as busy.
    pub busy: RwSignal<HashSet<Uuid>>,
    /// My board preferences.
    pub preference: RwSignal<Preference>,
    /// A path to navigate to, if any.
    pub go: RwSignal<Option<String>>,
    board: StoredValue<Board>,
    fresh: StoredValue<HashMap<VisitId, Millis>>,
    /// The snapshot being received.
    gathering: StoredValue<SnapshotAssembler>,
    /// The parts of the directory and of my chats that precede the frame with the rest.
    directory_parts: StoredValue<DirectoryPart>,
    chats_parts: StoredValue<Vec<AgentChat>>,
    entries: StoredValue<HashMap<ChatId, ArcRwSignal<Vec<Entry>>>>,
    notes: StoredValue<HashMap<ChatId, ArcRwSignal<Vec<Note>>>>,
    windows: StoredValue<Vec<ChatId>>,
    offset: StoredValue<Millis>,
    redraw_requested: StoredValue<bool>,
    arranged_at: StoredValue<Millis>,
    last_key: StoredValue<u32>,
}

impl AppState {
    /// Creates the same state that the server rendered the page with.
    pub fn new(initial: InitialState) -> Self {
        let clock_off = initial.now - clock::browser_now();
        let app = Self {
            me: initial.directory.me,
            directory: RwSignal::new(initial.directory),
            now: RwSignal::new(initial.now),
            hydrated: RwSignal::new(false),
            link: RwSignal::new(Link::Connecting),
            board_version: RwSignal::new(0),
            order_version: RwSignal::new(0),
            notices: RwSignal::new(Vec::new()),
            colleagues: RwSignal::new(initial.colleagues),
            chats: RwSignal::new(initial.chats),
            readers: RwSignal::new(HashMap::new()),
            past: RwSignal::new(Vec::new()),
            missing: RwSignal::new(None),
            typing: RwSignal::new(HashMap::new()),
            outbox: RwSignal::new(Vec::new()),
            busy: RwSignal::new(HashSet::new()),
            preference: RwSignal::new(initial.preference),
            go: RwSignal::new(None),
            board: StoredValue::new(initial.snapshot.into()),
            fresh: StoredValue::new(HashMap::new()),
            gathering: StoredValue::new(SnapshotAssembler::default()),
            directory_parts: StoredValue::new(DirectoryPart::default()),
            chats_parts: StoredValue::new(Vec::new()),
            entries: StoredValue::new(HashMap::new()),
            notes: StoredValue::new(HashMap::new()),
            windows: StoredValue::new(Vec::new()),
            offset: StoredValue::new(clock_off),
            redraw_requested: StoredValue::new(false),
            arranged_at: StoredValue::new(0),
            last_key: StoredValue::new(0),
        };
        if let Some(opened) = initial.opened {
            match opened.entries {
                Some(entries) => {
                    app.entries(opened.chat).set(entries);
                    app.notes(opened.chat).set(opened.notes);
                }
                None => app.missing.set(Some(opened.chat)),
            }
        }
        app
    }

    // Time

    /// Returns the current server time, computed from the browser's clock and its offset.
    pub fn clock(&self) -> Millis {
        clock::browser_now() + self.offset.get_value()
    }

    fn set_clock(&self, now: Millis) {
        self.offset.set_value(now - clock::browser_now());
    }

    /// Advances the clock and updates everything that depends on it. Called every second.
    pub fn tick(&self) {
        let now = self.clock();
        self.now.set(now);
        if self.typing.with_untracked(|typing| typing.values().any(|until| *until <= now)) {
            self.typing.update(|typing| typing.retain(|_, until| *until > now));
        }
        self.fresh.update_value(|fresh| fresh.retain(|_, at| now - *at < 2_000));
        self.order_version.update(|count| *count += 1);
    }

    /// Converts a time to the time zone set in my account or, if there is none, to the browser's time zone. Returns
    /// `None` while the time zone is still unknown, so that the server and the browser render the same text.
    fn local(&self, at: Millis) -> Option<Millis> {
        let set = self.directory.with(|directory| clock::at_utc_offset(&directory.clock, at));
        set.or_else(|| self.hydrated.get().then(|| clock::local(at)))
    }

    /// Formats a time as, for example, `14:05`, or as `12:05 UTC` until the time zone is known.
    pub fn hour_minute(&self, at: Millis) -> String {
        match self.local(at) {
            Some(local) => clock::hour_minute_of_utc(local),
            None => i18n::fill(i18n::utc(), &clock::hour_minute_of_utc(at)),
        }
    }

    /// Returns the day of the given time, as a number of days since 1970. Uses UTC until the time zone is known.
    pub fn day(&self, at: Millis) -> i64 {
        clock::day_of_utc(self.local(at).unwrap_or(at))
    }

    /// Formats the day of the given time as `Today`, `Yesterday`, or a date. Until the time zone is known, it is always
    /// a date.
    pub fn day_words(&self, at: Millis) -> String {
        let day = self.day(at);
        match self.hydrated.get().then(|| self.day(self.now.get()) - day) {
            Some(0) => i18n::today().into(),
            Some(1) => i18n::yesterday().into(),
            _ => clock::date(day),
        }
    }

    // Names

    /// Returns my card from the directory.
    pub fn my_card(&self) -> Option<AgentCard> {
        self.directory.with(|directory| directory.agents.iter().find(|agent| agent.id == self.me).cloned())
    }

    /// Returns my availability.
    pub fn my_availability(&self) -> Availability {
        let mine =
            |all: &Vec<Colleague>| all.iter().find(|one| one.agent == self.me).map(|one| one.availability.clone());
        self.colleagues.with(mine).unwrap_or_default()
    }

    /// Returns my role.
    pub fn role(&self) -> Role {
        self.directory.with(|directory| directory.role)
    }

    /// Returns who I am for the rules of what I may do with a row.
    pub fn viewer(&self) -> Viewer {
        self.directory.with(|directory| Viewer {
            agent: self.me,
            role: directory.role,
            teams: directory.my_teams.clone(),
        })
    }

    /// Returns a team's name.
    pub fn team_name(&self, id: TeamId) -> String {
        self.directory.with(|directory| directory.team(id))
    }

    /// Returns an agent's first and last name.
    pub fn agent_name(&self, id: AgentId) -> String {
        self.directory.with(|directory| directory.agent(id))
    }

    /// Returns the URL of an agent's avatar, if they have one.
    pub fn avatar(&self, id: AgentId) -> Option<String> {
        self.directory.with(|directory| {
            directory
                .agents
                .iter()
                .find(|card| card.id == id && !card.avatar.is_empty())
                .map(|card| card.avatar.clone())
        })
    }

    /// Returns the message for an error.
    pub fn sentence(&self, error: &ApiError) -> String {
        error.sentence(|agent| self.agent_name(agent), |at| self.hour_minute(at))
    }

    /// Returns whether a request for this object is in progress.
    pub fn is_busy(&self, id: Uuid) -> bool {
        self.busy.with(|busy| busy.contains(&id))
    }
}

#[cfg(test)]
mod tests;
