//! Promise 03: two tabs and two dashboards show the same chat over a network that delays a fifth of all data and often
//! drops connections. Unacknowledged messages are resent in random order, and one time in five, an acknowledged message
//! is resent too. In the end, every screen matches the database, with each message appearing once and in order.
//!
//! TCP never loses, duplicates, or reorders bytes within a connection. Frames are lost when a connection drops,
//! duplicated when they are resent, and reordered when they are resent in a different order.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use load::{Agent, ConnectionError, Visitor};
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
    faulty_network::{FaultyProxy, NetworkFaults},
    runner::{TrialResult, TrialSettings, measurements},
    server_process::{self, ServerProcess},
    writing_visitor::wait_for_all_entries,
};

/// How long to wait for a message's tick before resending the message.
const AGAIN_AFTER: Duration = Duration::from_millis(400);
/// Once the faults stop, every message must be acknowledged and displayed within this time.
const HEALED_WITHIN: Duration = Duration::from_secs(30);

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let (chats, messages) = trial.pick((3, 12), (40, 100));
    let mut server = ServerProcess::with_fixtures("").await?;
    let cookie = server.cookie("ann").await?;
    server.start().await?;
    let faults = NetworkFaults { held_back: 20, for_up_to: Duration::from_millis(60), broken: 40 };
    let network = Arc::new(FaultyProxy::start(server.address, faults, trial.seed).await?);
    let unacknowledged = Arc::new(AtomicUsize::new(chats * 4 * messages));
    let (mut screens, mut expected) = (JoinSet::new(), Vec::new());
    for place in 0..chats {
        let (token, chat) = start_claimed_chat(&server, &cookie).await?;
        for screen in 0..2 {
            let seed = trial.seed ^ (place * 10 + screen) as u64;
            let script = Script::new(&format!("tab {place}-{screen}"), messages, seed, &unacknowledged);
            expected.extend(script.texts(chat));
            screens.spawn(run_client(Tab { at: network.ws(), token: token.clone(), chat }, script));
            let script = Script::new(&format!("dashboard {place}-{screen}"), messages, seed ^ 0xff, &unacknowledged);
            expected.extend(script.texts(chat));
            let dashboard = DashboardScreen { at: network.ws(), origin: server.http(""), cookie: cookie.clone(), chat };
            screens.spawn(run_client(dashboard, script));
        }
    }
    // The faults stop once at least as many connections have been dropped as there are screens.
    let storm = async {
        while network.broken_connections() < (chats * 4) as u64 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HEALED_WITHIN, storm).await.context("too few connections were dropped")?;
    let breaks = network.broken_connections();
    network.stop_faults();
    let screens = tokio::time::timeout(HEALED_WITHIN, screens.join_all());
    let screens = screens.await.context("the screens did not catch up in time")?;
    compare(&server, screens, &expected).await.map(|entries| {
        measurements! {
            "chats": chats, "screens": chats * 4, "messages": expected.len(), "connections_broken": breaks,
            "entries_compared": entries, "twice": 0, "out_of_order": 0,
        }
    })
}

/// Starts a chat as a visitor and has the agent claim it.
async fn start_claimed_chat(server: &ServerProcess, cookie: &str) -> anyhow::Result<(VisitorToken, ChatId)> {
    let mut tab = server_process::tab(&server.ws(), None, 0).await?;
    tab.send_frame(&FromVisitor::AskForPerson).await?;
    while tab.chat.is_none() {
        tab.next().await?;
    }
    let chat = tab.chat.as_ref().context("the chat has not arrived")?.id;
    server.claim_chat(cookie, chat).await?;
    Ok((tab.token(), chat))
}

/// Compares every screen with the contents of the database, as read through a new tab. Returns the number of entries
/// compared.
async fn compare(
    server: &ServerProcess,
    screens: Vec<FinalScreen>,
    expected: &[(ChatId, String)],
) -> anyhow::Result<usize> {
    let (mut truth, mut compared) = (BTreeMap::new(), 0);
    for shown in &screens {
        if let Some(token) = &shown.token {
            let mut tab = server_process::tab(&server.ws(), Some(token.clone()), 0).await?;
            wait_for_all_entries(&mut tab).await?;
            truth.insert(shown.chat, lines(&tab.entries));
        }
    }
    for shown in &screens {
        let (shows, is) = (lines(&shown.entries), &truth[&shown.chat]);
        ensure!(
            shows.windows(2).all(|two| two[0].0 < two[1].0),
            "a screen shows duplicate or out-of-order entries: {shows:?}"
        );
        ensure!(&shows == is, "a screen differs from the database:\n{shows:?}\n{is:?}");
        compared += shows.len();
    }
    for (chat, text) in expected {
        let times = truth[chat].iter().filter(|(_, there)| there == text).count();
        ensure!(times == 1, "{text:?} is in the database {times} times");
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

/// The messages that a single screen has to send.
struct Script {
    left: Vec<(ClientId, String)>,
    acknowledged: Vec<(ClientId, String)>,
    /// The number of unacknowledged messages across all screens.
    unacknowledged: Arc<AtomicUsize>,
    random: StdRng,
}

impl Script {
    fn new(name: &str, messages: usize, seed: u64, unacknowledged: &Arc<AtomicUsize>) -> Self {
        let left = (0..messages).map(|number| (ClientId(Uuid::now_v7()), format!("{name} says {number}"))).collect();
        let (unacknowledged, random) = (Arc::clone(unacknowledged), StdRng::seed_from_u64(seed));
        Self { left, acknowledged: Vec::new(), unacknowledged, random }
    }

    fn texts(&self, chat: ChatId) -> Vec<(ChatId, String)> {
        self.left.iter().map(|(_, text)| (chat, text.clone())).collect()
    }

    /// Returns the messages to send next: up to three unacknowledged ones in random order, and sometimes an
    /// acknowledged one.
    fn next(&mut self) -> Vec<(ClientId, String)> {
        self.left.shuffle(&mut self.random);
        let mut now: Vec<_> = self.left.iter().take(3).cloned().collect();
        if self.random.random_range(0..5) == 0 {
            now.extend(self.acknowledged.last().cloned());
        }
        now
    }

    fn mark_acknowledged(&mut self, client_id: ClientId) {
        if let Some(place) = self.left.iter().position(|(left, _)| *left == client_id) {
            self.acknowledged.push(self.left.swap_remove(place));
            self.unacknowledged.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// What a screen shows at the end of the trial.
struct FinalScreen {
    chat: ChatId,
    token: Option<VisitorToken>,
    entries: Vec<Entry>,
}

/// One end of the conversation: either a visitor's tab or a dashboard.
trait Client {
    type Connection;
    /// Connects and tells the server which entries the screen already has.
    async fn connect(&self, head: Seq) -> Result<Self::Connection, ConnectionError>;
    async fn send_message(
        &self,
        line: &mut Self::Connection,
        client_id: ClientId,
        text: String,
    ) -> Result<(), ConnectionError>;
    /// Requests the missing entries after a gap.
    async fn resume(&self, line: &mut Self::Connection, head: Seq) -> Result<(), ConnectionError>;
    /// Requests the sequence number of the chat's last entry.
    async fn beat(&self, line: &mut Self::Connection) -> Result<(), ConnectionError>;
    async fn receive(&self, line: &mut Self::Connection) -> Result<Received, ConnectionError>;
    fn into_screen(self, entries: Vec<Entry>) -> FinalScreen;
}

enum Received {
    Tick(ClientId),
    Entries(Vec<Entry>),
    Head(Seq),
    Other,
}

/// Runs a client that does nothing but reconnect, request missing entries, and resend unacknowledged messages, until
/// its screen is complete.
async fn run_client<S: Client>(side: S, mut script: Script) -> FinalScreen {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let head = entries.last().map_or(0, |entry| entry.seq);
        match side.connect(head).await {
            Ok(mut line) => {
                if exchange_messages(&side, &mut line, &mut script, &mut entries).await.is_ok() {
                    return side.into_screen(entries);
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Exchanges messages until all messages of all screens are acknowledged and this screen has every entry.
async fn exchange_messages<S: Client>(
    side: &S,
    line: &mut S::Connection,
    script: &mut Script,
    entries: &mut Vec<Entry>,
) -> Result<(), ConnectionError> {
    let mut say_at = tokio::time::Instant::now();
    loop {
        let heard = tokio::select! {
            heard = side.receive(line) => heard?,
            () = tokio::time::sleep_until(say_at) => {
                say_at = tokio::time::Instant::now() + AGAIN_AFTER;
                for (client_id, text) in script.next() {
                    side.send_message(line, client_id, text).await?;
                }
                if script.unacknowledged.load(Ordering::SeqCst) == 0 {
                    side.beat(line).await?;
                }
                continue;
            }
        };
        let head = entries.last().map_or(0, |entry| entry.seq);
        match heard {
            Received::Tick(client_id) => script.mark_acknowledged(client_id),
            Received::Entries(more) => {
                if !append_entries(entries, more) {
                    side.resume(line, head).await?;
                }
            }
            // The heartbeat was sent after everything had been stored, so this head is final.
            Received::Head(last) if last == head => return Ok(()),
            Received::Head(_) => side.resume(line, head).await?,
            Received::Other => {}
        }
    }
}

/// Appends the entries that come next, just like the widget and the dashboard do. Returns `false` if there is a gap.
fn append_entries(entries: &mut Vec<Entry>, more: Vec<Entry>) -> bool {
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

impl Client for Tab {
    type Connection = Visitor;

    async fn connect(&self, head: Seq) -> Result<Visitor, ConnectionError> {
        server_process::tab(&self.at, Some(self.token.clone()), head).await
    }

    async fn send_message(&self, line: &mut Visitor, client_id: ClientId, text: String) -> Result<(), ConnectionError> {
        line.send_frame(&FromVisitor::SendMessage { client_id, text }).await
    }

    async fn resume(&self, line: &mut Visitor, head: Seq) -> Result<(), ConnectionError> {
        line.send_frame(&FromVisitor::Resume(head)).await
    }

    async fn beat(&self, line: &mut Visitor) -> Result<(), ConnectionError> {
        line.send_frame(&FromVisitor::Heartbeat).await
    }

    async fn receive(&self, line: &mut Visitor) -> Result<Received, ConnectionError> {
        Ok(match line.next().await? {
            ToVisitor::Acknowledged { client_id, .. } => Received::Tick(client_id),
            ToVisitor::Entries(entries) => Received::Entries(entries),
            ToVisitor::Heartbeat { head, .. } => Received::Head(head),
            _ => Received::Other,
        })
    }

    fn into_screen(self, entries: Vec<Entry>) -> FinalScreen {
        FinalScreen { chat: self.chat, token: Some(self.token), entries }
    }
}

/// A dashboard window.
struct DashboardScreen {
    at: String,
    origin: String,
    cookie: String,
    chat: ChatId,
}

impl Client for DashboardScreen {
    type Connection = Agent;

    async fn connect(&self, head: Seq) -> Result<Agent, ConnectionError> {
        let mut dashboard = Agent::connect(&self.at, &self.origin, &self.cookie, None).await?;
        dashboard.send_frame(&FromAgent::Open { chat: self.chat, head }).await?;
        Ok(dashboard)
    }

    async fn send_message(&self, line: &mut Agent, client_id: ClientId, text: String) -> Result<(), ConnectionError> {
        line.send_frame(&FromAgent::SendMessage { chat: self.chat, client_id, text }).await
    }

    async fn resume(&self, line: &mut Agent, head: Seq) -> Result<(), ConnectionError> {
        line.send_frame(&FromAgent::Open { chat: self.chat, head }).await
    }

    async fn beat(&self, line: &mut Agent) -> Result<(), ConnectionError> {
        line.send_frame(&FromAgent::Heartbeat).await
    }

    async fn receive(&self, line: &mut Agent) -> Result<Received, ConnectionError> {
        Ok(match line.next().await? {
            ToAgent::Acknowledged { client_id, .. } => Received::Tick(client_id),
            ToAgent::Entries { chat, entries } if chat == self.chat => Received::Entries(entries),
            ToAgent::Heartbeat { heads, .. } => heads
                .into_iter()
                .find(|(chat, _)| *chat == self.chat)
                .map_or(Received::Other, |(_, head)| Received::Head(head)),
            _ => Received::Other,
        })
    }

    fn into_screen(self, entries: Vec<Entry>) -> FinalScreen {
        FinalScreen { chat: self.chat, token: None, entries }
    }
}
