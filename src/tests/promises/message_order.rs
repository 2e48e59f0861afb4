//! 03: on a network that holds back a fifth of everything and breaks off all the time, two tabs and two dashboards show one
//! chat. Whatever has no tick is sent again, in another order; and of what has one, a fifth as well. In the end every screen
//! equals the database: each message once, in order.
//!
//! Bytes of one connection cannot be lost, doubled or exchanged by a network: TCP sees to that. Frames are lost when it breaks,
//! doubled when they are sent again, and exchanged by the order in which they are.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use load::{Agent, Lost, Visitor};
use protocol::{
    agent::{FromAgent, ToAgent},
    chat::{Body, Entry, Seq},
    id::{ChatId, ClientId, VisitorToken},
    visitor::{FromVisitor, ToVisitor},
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    faulty_network::{Network, Weather},
    runner::{Ended, Trial, measurements},
    server_process::{self, ServerProcess},
    writing_visitor::everything,
};

/// No message waits longer for its tick before it is sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(400);
/// When the weather is fair again, all is said and shown within this time.
const HEALED_WITHIN: Duration = Duration::from_secs(30);

pub(crate) async fn check(trial: Trial) -> Ended {
    let (chats, messages) = trial.pick((3, 12), (40, 100));
    let mut server = ServerProcess::with_fixtures("").await?;
    let cookie = server.cookie("ann").await?;
    server.start().await?;
    let weather = Weather { held_back: 20, for_up_to: Duration::from_millis(60), broken: 40 };
    let network = Arc::new(Network::to(server.address, weather, trial.seed).await?);
    let without_a_tick = Arc::new(AtomicUsize::new(chats * 4 * messages));
    let (mut screens, mut told) = (JoinSet::new(), Vec::new());
    for place in 0..chats {
        let (token, chat) = claimed(&server, &cookie).await?;
        for screen in 0..2 {
            let seed = trial.seed ^ (place * 10 + screen) as u64;
            let script = Script::new(&format!("tab {place}-{screen}"), messages, seed, &without_a_tick);
            told.extend(script.texts(chat));
            screens.spawn(screen_of(Tab { at: network.ws(), token: token.clone(), chat }, script));
            let script = Script::new(&format!("dashboard {place}-{screen}"), messages, seed ^ 0xff, &without_a_tick);
            told.extend(script.texts(chat));
            let dashboard = DashboardScreen { at: network.ws(), origin: server.http(""), cookie: cookie.clone(), chat };
            screens.spawn(screen_of(dashboard, script));
        }
    }
    // Until most has got through in the storm; then it clears up.
    let storm = async {
        while network.breaks() < (chats * 4) as u64 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HEALED_WITHIN, storm).await.context("the storm broke nothing")?;
    let breaks = network.breaks();
    network.clears_up();
    let screens = tokio::time::timeout(HEALED_WITHIN, screens.join_all());
    let screens = screens.await.context("the screens did not heal")?;
    compare(&server, screens, &told).await.map(|entries| {
        measurements! {
            "chats": chats, "screens": chats * 4, "messages": told.len(), "connections_broken": breaks,
            "entries_compared": entries, "twice": 0, "out_of_order": 0,
        }
    })
}

/// A visitor asks for a person, and the agent claims the chat.
async fn claimed(server: &ServerProcess, cookie: &str) -> anyhow::Result<(VisitorToken, ChatId)> {
    let mut tab = server_process::tab(&server.ws(), None, 0).await?;
    tab.tell(&FromVisitor::AskForPerson).await?;
    while tab.chat.is_none() {
        tab.next().await?;
    }
    let chat = tab.chat.as_ref().context("it was seen")?.id;
    server.claims(cookie, chat).await?;
    Ok((tab.token(), chat))
}

/// Every screen against the database, which a tab that comes anew reads.
async fn compare(server: &ServerProcess, screens: Vec<Shown>, told: &[(ChatId, String)]) -> anyhow::Result<usize> {
    let (mut truth, mut compared) = (BTreeMap::new(), 0);
    for shown in &screens {
        if let Some(token) = &shown.token {
            let mut tab = server_process::tab(&server.ws(), Some(token.clone()), 0).await?;
            everything(&mut tab).await?;
            truth.insert(shown.chat, lines(&tab.entries));
        }
    }
    for shown in &screens {
        let (shows, is) = (lines(&shown.entries), &truth[&shown.chat]);
        ensure!(
            shows.windows(2).all(|two| two[0].0 < two[1].0),
            "a screen shows entries out of order or twice: {shows:?}"
        );
        ensure!(&shows == is, "a screen differs from the database:\n{shows:?}\n{is:?}");
        compared += shows.len();
    }
    for (chat, text) in told {
        let times = truth[chat].iter().filter(|(_, there)| there == text).count();
        ensure!(times == 1, "{text:?} stands {times} times in the database");
    }
    Ok(compared)
}

fn lines(entries: &[Entry]) -> Vec<(Seq, String)> {
    let line = |entry: &Entry| match &entry.body {
        Body::Text(text) => Some((entry.seq, text.clone())),
        _ => None,
    };
    entries.iter().filter_map(line).collect()
}

/// What one screen has to say.
struct Script {
    left: Vec<(ClientId, String)>,
    with_a_tick: Vec<(ClientId, String)>,
    /// Of all screens together.
    without_a_tick: Arc<AtomicUsize>,
    random: StdRng,
}

impl Script {
    fn new(name: &str, messages: usize, seed: u64, without_a_tick: &Arc<AtomicUsize>) -> Self {
        let left = (0..messages).map(|number| (ClientId(Uuid::now_v7()), format!("{name} says {number}"))).collect();
        let (without_a_tick, random) = (Arc::clone(without_a_tick), StdRng::seed_from_u64(seed));
        Self { left, with_a_tick: Vec::new(), without_a_tick, random }
    }

    fn texts(&self, chat: ChatId) -> Vec<(ChatId, String)> {
        self.left.iter().map(|(_, text)| (chat, text.clone())).collect()
    }

    /// What to send now: some of what has no tick in any order, and a fifth of the time something that has one.
    fn next(&mut self) -> Vec<(ClientId, String)> {
        self.left.shuffle(&mut self.random);
        let mut now: Vec<_> = self.left.iter().take(3).cloned().collect();
        if self.random.random_range(0..5) == 0 {
            now.extend(self.with_a_tick.last().cloned());
        }
        now
    }

    fn has_a_tick(&mut self, client_id: ClientId) {
        if let Some(place) = self.left.iter().position(|(left, _)| *left == client_id) {
            self.with_a_tick.push(self.left.swap_remove(place));
            self.without_a_tick.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// What a screen shows in the end.
struct Shown {
    chat: ChatId,
    token: Option<VisitorToken>,
    entries: Vec<Entry>,
}

/// A screen's side of the conversation, whichever it is.
trait Side {
    type Line;
    /// Connects, with what the screen has.
    async fn connect(&self, head: Seq) -> Result<Self::Line, Lost>;
    async fn say(&self, line: &mut Self::Line, client_id: ClientId, text: String) -> Result<(), Lost>;
    /// Asks for what follows, after a gap.
    async fn resume(&self, line: &mut Self::Line, head: Seq) -> Result<(), Lost>;
    /// Asks how far the chat is.
    async fn beat(&self, line: &mut Self::Line) -> Result<(), Lost>;
    async fn hear(&self, line: &mut Self::Line) -> Result<Heard, Lost>;
    fn shows(self, entries: Vec<Entry>) -> Shown;
}

enum Heard {
    Tick(ClientId),
    Entries(Vec<Entry>),
    Head(Seq),
    Other,
}

/// A screen that is never told anything is wrong: it connects again, asks for what follows, and says again what has no tick.
async fn screen_of<S: Side>(side: S, mut script: Script) -> Shown {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let head = entries.last().map_or(0, |entry| entry.seq);
        match side.connect(head).await {
            Ok(mut line) => {
                if converse(&side, &mut line, &mut script, &mut entries).await.is_ok() {
                    return side.shows(entries);
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Until everybody's messages have their ticks and this screen has them all.
async fn converse<S: Side>(
    side: &S,
    line: &mut S::Line,
    script: &mut Script,
    entries: &mut Vec<Entry>,
) -> Result<(), Lost> {
    let mut say_at = tokio::time::Instant::now();
    loop {
        let heard = tokio::select! {
            heard = side.hear(line) => heard?,
            () = tokio::time::sleep_until(say_at) => {
                say_at = tokio::time::Instant::now() + AGAIN_AFTER;
                for (client_id, text) in script.next() {
                    side.say(line, client_id, text).await?;
                }
                if script.without_a_tick.load(Ordering::SeqCst) == 0 {
                    side.beat(line).await?;
                }
                continue;
            }
        };
        let head = entries.last().map_or(0, |entry| entry.seq);
        match heard {
            Heard::Tick(client_id) => script.has_a_tick(client_id),
            Heard::Entries(more) => {
                if !takes(entries, more) {
                    side.resume(line, head).await?;
                }
            }
            // It was asked when all was stored.
            Heard::Head(last) if last == head => return Ok(()),
            Heard::Head(_) => side.resume(line, head).await?,
            Heard::Other => {}
        }
    }
}

/// Takes what follows on what is here, as the widget and the dashboard do; false when there is a gap before it.
fn takes(entries: &mut Vec<Entry>, more: Vec<Entry>) -> bool {
    for entry in more {
        let next = entries.last().map_or(0, |entry| entry.seq) + 1;
        if entry.seq == next {
            entries.push(entry);
        } else if entry.seq > next {
            return false;
        }
    }
    true
}

/// A visitor's tab.
struct Tab {
    at: String,
    token: VisitorToken,
    chat: ChatId,
}

impl Side for Tab {
    type Line = Visitor;

    async fn connect(&self, head: Seq) -> Result<Visitor, Lost> {
        server_process::tab(&self.at, Some(self.token.clone()), head).await
    }

    async fn say(&self, line: &mut Visitor, client_id: ClientId, text: String) -> Result<(), Lost> {
        line.tell(&FromVisitor::SendMessage { client_id, text }).await
    }

    async fn resume(&self, line: &mut Visitor, head: Seq) -> Result<(), Lost> {
        line.tell(&FromVisitor::Resume(head)).await
    }

    async fn beat(&self, line: &mut Visitor) -> Result<(), Lost> {
        line.tell(&FromVisitor::Beat).await
    }

    async fn hear(&self, line: &mut Visitor) -> Result<Heard, Lost> {
        Ok(match line.next().await? {
            ToVisitor::Acknowledged { client_id, .. } => Heard::Tick(client_id),
            ToVisitor::Entries(entries) => Heard::Entries(entries),
            ToVisitor::Beat { head, .. } => Heard::Head(head),
            _ => Heard::Other,
        })
    }

    fn shows(self, entries: Vec<Entry>) -> Shown {
        Shown { chat: self.chat, token: Some(self.token), entries }
    }
}

/// A window of a dashboard.
struct DashboardScreen {
    at: String,
    origin: String,
    cookie: String,
    chat: ChatId,
}

impl Side for DashboardScreen {
    type Line = Agent;

    async fn connect(&self, head: Seq) -> Result<Agent, Lost> {
        let mut dashboard = Agent::arrive(&self.at, &self.origin, &self.cookie, None).await?;
        dashboard.tell(&FromAgent::Open { chat: self.chat, head }).await?;
        Ok(dashboard)
    }

    async fn say(&self, line: &mut Agent, client_id: ClientId, text: String) -> Result<(), Lost> {
        line.tell(&FromAgent::SendMessage { chat: self.chat, client_id, text }).await
    }

    async fn resume(&self, line: &mut Agent, head: Seq) -> Result<(), Lost> {
        line.tell(&FromAgent::Open { chat: self.chat, head }).await
    }

    async fn beat(&self, line: &mut Agent) -> Result<(), Lost> {
        line.tell(&FromAgent::Beat).await
    }

    async fn hear(&self, line: &mut Agent) -> Result<Heard, Lost> {
        Ok(match line.next().await? {
            ToAgent::Acknowledged { client_id, .. } => Heard::Tick(client_id),
            ToAgent::Entries { chat, entries } if chat == self.chat => Heard::Entries(entries),
            ToAgent::Beat { heads, .. } => heads
                .into_iter()
                .find(|(chat, _)| *chat == self.chat)
                .map_or(Heard::Other, |(_, head)| Heard::Head(head)),
            _ => Heard::Other,
        })
    }

    fn shows(self, entries: Vec<Entry>) -> Shown {
        Shown { chat: self.chat, token: None, entries }
    }
}
