//! What the agent's browser knows: the board, his chats, his notices, the clock. Frames go in by [`AppState::handle_frame`], which says
//! what must be answered; the pages read the signals. It knows neither the socket nor the server functions.

pub mod board;
pub mod chats;
mod handle_frame;
mod notices;

pub use notices::{NoticeContent, ShownNotice};

use std::collections::{HashMap, HashSet};

use leptos::prelude::*;
use protocol::{
    Millis,
    agent::{AgentCard, Directory, Role},
    availability::{Availability, Colleague},
    board::{Board, SnapshotAssembler},
    chat::{AgentChat, Entry},
    close_reason::CloseReason,
    id::{AgentId, ChatId, VisitId},
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

/// The connection, as the agent is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made.
    Connecting,
    /// What is on the screen is true.
    Up,
    /// Lost; tried again at this time of the browser's clock.
    Down {
        /// When.
        retry_at: Millis,
    },
    /// Being made anew.
    Retrying,
    /// The server will not have us back as we are.
    Closed(CloseReason),
}

/// A cheap handle: every field is a handle itself.
#[derive(Clone, Copy)]
pub struct AppState {
    /// Who is looking.
    pub me: AgentId,
    /// Who is who.
    pub directory: RwSignal<Directory>,
    /// The server's time, once a second.
    pub now: RwSignal<Millis>,
    /// The page runs in a browser, and its first drawing is done: the time zone may be used.
    pub hydrated: RwSignal<bool>,
    /// The connection.
    pub link: RwSignal<Link>,
    /// Grows when the board has changed, at most once a frame of the screen.
    pub board_version: RwSignal<u64>,
    /// Grows when the order may have changed, less often when the board is large.
    pub order_version: RwSignal<u64>,
    /// What stands top right.
    pub notices: RwSignal<Vec<ShownNotice>>,
    /// Who is there, and how; I among them.
    pub colleagues: RwSignal<Vec<Colleague>>,
    /// My live chats and those I have a window onto.
    pub chats: RwSignal<Vec<AgentChat>>,
    /// Who reads my chats along, and those I have a window onto.
    pub readers: RwSignal<HashMap<ChatId, Vec<AgentId>>>,
    /// Chats that were mine: their windows are read-only.
    pub past: RwSignal<Vec<AgentChat>>,
    /// A chat that the address names and that is not there.
    pub missing: RwSignal<Option<ChatId>>,
    /// Who typed, and until when that holds.
    pub typing: RwSignal<HashMap<ChatId, Millis>>,
    /// Messages on their way.
    pub outbox: RwSignal<Vec<Pending>>,
    /// What is being done: its button waits.
    pub busy: RwSignal<HashSet<Uuid>>,
    /// What I like to see of the board.
    pub preference: RwSignal<Preference>,
    /// A page to go to.
    pub go: RwSignal<Option<String>>,
    board: StoredValue<Board>,
    fresh: StoredValue<HashMap<VisitId, Millis>>,
    /// The board on its way anew.
    gathering: StoredValue<SnapshotAssembler>,
    entries: StoredValue<HashMap<ChatId, ArcRwSignal<Vec<Entry>>>>,
    notes: StoredValue<HashMap<ChatId, ArcRwSignal<Vec<Note>>>>,
    windows: StoredValue<Vec<ChatId>>,
    offset: StoredValue<Millis>,
    redraw_requested: StoredValue<bool>,
    arranged_at: StoredValue<Millis>,
    last_key: StoredValue<u32>,
}

impl AppState {
    /// The dashboard as the server drew it.
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

    /// The server's time by the browser's clock.
    pub fn clock(&self) -> Millis {
        clock::browser_now() + self.offset.get_value()
    }

    fn set_clock(&self, now: Millis) {
        self.offset.set_value(now - clock::browser_now());
    }

    /// A second has passed.
    pub fn tick(&self) {
        let now = self.clock();
        self.now.set(now);
        if self.typing.with_untracked(|typing| typing.values().any(|until| *until <= now)) {
            self.typing.update(|typing| typing.retain(|_, until| *until > now));
        }
        self.fresh.update_value(|fresh| fresh.retain(|_, at| now - *at < 2_000));
        self.order_version.update(|count| *count += 1);
    }

    /// The time by the clock that I have set, or else by the browser's; none until that is known, so that server and browser
    /// draw the same.
    fn local(&self, at: Millis) -> Option<Millis> {
        let set = self.directory.with(|directory| clock::at_utc_offset(&directory.clock, at));
        set.or_else(|| self.hydrated.get().then(|| clock::local(at)))
    }

    /// `14:05`; `12:05 UTC` until the time zone is known.
    pub fn hour_minute(&self, at: Millis) -> String {
        match self.local(at) {
            Some(local) => clock::hour_minute_of_utc(local),
            None => i18n::fill(i18n::utc(), &clock::hour_minute_of_utc(at)),
        }
    }

    /// The number of the day; in UTC until the time zone is known.
    pub fn day(&self, at: Millis) -> i64 {
        clock::day_of_utc(self.local(at).unwrap_or(at))
    }

    /// `Today`, `Yesterday` or the date; the date until the time zone is known.
    pub fn day_words(&self, at: Millis) -> String {
        let day = self.day(at);
        match self.hydrated.get().then(|| self.day(self.now.get()) - day) {
            Some(0) => i18n::today().into(),
            Some(1) => i18n::yesterday().into(),
            _ => clock::date(day),
        }
    }

    // Names

    /// Me.
    pub fn my_card(&self) -> Option<AgentCard> {
        self.directory.with(|directory| directory.agents.iter().find(|agent| agent.id == self.me).cloned())
    }

    /// Whether I take chats.
    pub fn my_availability(&self) -> Availability {
        let mine =
            |all: &Vec<Colleague>| all.iter().find(|one| one.agent == self.me).map(|one| one.availability.clone());
        self.colleagues.with(mine).unwrap_or_default()
    }

    /// What my role allows.
    pub fn role(&self) -> Role {
        self.directory.with(|directory| directory.role)
    }

    /// The agent's first and last name.
    pub fn agent_name(&self, id: AgentId) -> String {
        self.directory.with(|directory| directory.agent(id))
    }

    /// Where the agent's avatar is, when he has one.
    pub fn avatar(&self, id: AgentId) -> Option<String> {
        self.directory.with(|directory| {
            directory
                .agents
                .iter()
                .find(|card| card.id == id && !card.avatar.is_empty())
                .map(|card| card.avatar.clone())
        })
    }

    /// A refusal in words.
    pub fn sentence(&self, error: &ApiError) -> String {
        error.sentence(|agent| self.agent_name(agent), |at| self.hour_minute(at))
    }

    /// Whether something is being done to it.
    pub fn is_busy(&self, id: Uuid) -> bool {
        self.busy.with(|busy| busy.contains(&id))
    }
}

#[cfg(test)]
mod tests;
