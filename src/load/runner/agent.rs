//! A simulated agent's dashboard in a load test. It receives the board and notices and sends messages in the agent's
//! chats.

use std::{collections::HashMap, sync::Arc, time::Duration};

use protocol::{
    VERSION,
    agent::{FromAgent, ToAgent},
    chat::{AgentChat, Author, Body, ChatState, Entry, Receipt, Seq},
    id::{AgentId, ChatId},
    limits,
    notice::Notice,
};
use rand::{SeedableRng, rngs::StdRng};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::{
    schedule::Plan,
    shared_state::{Phase, Shared},
};
use crate::{
    codec::{DashboardMessage, UpdateKind, Wire},
    connection::{ConnectOptions, Connection, ConnectionError},
    metrics::{Count, Latency},
    options::Scenario,
    trace_tag::{TraceTag, now, since},
};

/// Runs one dashboard from the hello frame until the end of the test.
pub(super) async fn run_dashboard(shared: Arc<Shared>, number: u32, cookie: String) {
    let mut dashboard = Dashboard::new(shared, number, cookie);
    if let Err(lost) = dashboard.run().await {
        dashboard.shared.metrics.count(Count::CutOff, 1);
        tracing::debug!(number, %lost, "a dashboard lost its connection");
    }
}

struct Dashboard {
    shared: Arc<Shared>,
    number: u32,
    cookie: String,
    me: Option<AgentId>,
    /// The sequence number of the last page received from each visitor.
    seen: Vec<u32>,
    messages: Plan,
    returns_at: Option<Instant>,
    /// The agent's own chats.
    chats: Vec<ChatId>,
    /// The last entry received in each chat.
    heads: HashMap<ChatId, Seq>,
}

impl Dashboard {
    fn new(shared: Arc<Shared>, number: u32, cookie: String) -> Self {
        let options = &shared.options;
        let mut random = StdRng::seed_from_u64(options.seed.wrapping_sub(number.into()));
        let messages = Plan::new(shared.rates.messages / 2.0, options.agents, &mut random);
        let seen = vec![0; options.visitors as usize];
        Self {
            shared,
            number,
            cookie,
            me: None,
            seen,
            messages,
            returns_at: None,
            chats: Vec::new(),
            heads: HashMap::new(),
        }
    }

    async fn run(&mut self) -> Result<(), ConnectionError> {
        let mut connection = self.connect(Latency::Connect).await?;
        let mut phase = self.shared.phase.clone();
        let mut beat = interval(Duration::from_millis(limits::HEARTBEAT_INTERVAL_MS.into()));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = [self.messages.at, self.returns_at].into_iter().flatten().min();
            tokio::select! {
                changed = phase.changed() => {
                    let now = *phase.borrow_and_update();
                    if changed.is_err() || matches!(now, Phase::Over) {
                        return Ok(());
                    }
                    self.enter_phase(now);
                }
                message = connection.next_raw() => self.handle_message(&mut connection, message?).await?,
                _ = beat.tick(), if self.shared.options.peer == Wire::Jumpin => connection.send(&FromAgent::Heartbeat).await?,
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    if self.returns_at.take_if(|at| *at <= Instant::now()).is_some() {
                        drop(connection);
                        connection = self.connect(Latency::Reconnect).await?;
                    }
                    self.write(&mut connection).await?;
                }
            }
        }
    }

    async fn connect(&mut self, latency: Latency) -> Result<Connection, ConnectionError> {
        let (options, metrics) = (&self.shared.options, &self.shared.metrics);
        let _permit = self.shared.connect_permits.acquire().await.map_err(|_| ConnectionError::Closed(1000))?;
        let began = now();
        let (wire, way) = (
            options.peer,
            ConnectOptions { from: self.shared.address_of_agent(self.number), ..ConnectOptions::default() },
        );
        let origin = format!("http://{}", options.authority());
        let headers = [("origin", origin.as_str()), ("cookie", self.cookie.as_str())];
        let mut connection = Connection::open_with(way, &wire.agent_url(options.authority()), &headers).await?;
        if wire != Wire::Jumpin {
            wire.handshake_as_agent(&mut connection).await?;
        } else {
            connection.send(&FromAgent::Hello { version: VERSION, resume: None }).await?;
            loop {
                match connection.next().await? {
                    ToAgent::DirectoryPart(_) => {}
                    ToAgent::Welcome { directory, .. } => break self.me = Some(directory.me),
                    ToAgent::CloseReason(close_reason) => return Err(ConnectionError::Closed(close_reason.code())),
                    _ => return Err(ConnectionError::NotAFrame),
                }
            }
        }
        metrics.record(latency, [since(began)]);
        metrics.count(Count::Connected, 1);
        Ok(connection)
    }

    fn enter_phase(&mut self, phase: Phase) {
        match phase {
            Phase::Running(since) => {
                self.messages.begin(since);
                self.returns_at = (self.shared.options.scenario == Scenario::Storm).then_some(since);
            }
            Phase::Ending => self.messages.end(),
            Phase::Arriving | Phase::Preparing | Phase::Over => {}
        }
    }

    /// Sends a message if one is due. The agent's chats take turns.
    async fn write(&mut self, connection: &mut Connection) -> Result<(), ConnectionError> {
        let Some(late) = self.messages.take(Instant::now()) else { return Ok(()) };
        let turn = (self.messages.said as usize).checked_rem(self.chats.len());
        let Some(chat) = turn.and_then(|turn| self.chats.get(turn)).copied() else { return Ok(()) };
        let tag = TraceTag::now(u32::MAX - self.number, self.messages.said);
        connection.send(&FromAgent::SendMessage { chat, client_id: tag.client_id(), text: tag.text() }).await?;
        self.shared.metrics.count(Count::Messages, 1);
        self.shared.metrics.record(Latency::Late, [late]);
        Ok(())
    }

    async fn handle_message(&mut self, connection: &mut Connection, message: Message) -> Result<(), ConnectionError> {
        match self.shared.read(message)? {
            Ok(update) => {
                match update.of {
                    UpdateKind::Batch => self.shared.metrics.count(Count::Batches, 1),
                    UpdateKind::Snapshot => self.shared.metrics.count(Count::Snapshots, 1),
                    UpdateKind::Piece => {}
                }
                self.record_page_views(&update.tags);
            }
            Err(DashboardMessage::Answer(answer)) => connection.send_raw(answer).await?,
            Err(DashboardMessage::Other(frame)) => self.handle_frame(connection, *frame).await?,
            Err(_) => {}
        }
        Ok(())
    }

    /// Counts each page change once. A change that was replaced by a later one never arrives on its own.
    fn record_page_views(&mut self, tags: &[TraceTag]) {
        let (mut overtaken, mut times) = (0, Vec::with_capacity(tags.len()));
        let now = now();
        for tag in tags {
            let Some(seen) = self.seen.get_mut(tag.who as usize).filter(|seen| **seen < tag.count) else { continue };
            overtaken += tag.count - *seen - 1;
            *seen = tag.count;
            times.push(now.saturating_sub(tag.at));
        }
        let metrics = &self.shared.metrics;
        metrics.count(Count::Delivered, times.len() as u64);
        metrics.count(Count::Overtaken, overtaken.into());
        metrics.record(Latency::Event, times);
    }

    async fn handle_frame(&mut self, connection: &mut Connection, frame: ToAgent) -> Result<(), ConnectionError> {
        let metrics = &self.shared.metrics;
        match frame {
            ToAgent::Chat(chat) => self.open(connection, &chat).await?,
            ToAgent::Chats(chats) | ToAgent::ChatsPart(chats) => {
                for chat in chats {
                    self.open(connection, &chat).await?;
                }
            }
            ToAgent::Entries { chat, entries } => self.handle_entries(connection, chat, &entries).await?,
            ToAgent::Acknowledged { client_id, .. } => {
                metrics.count(Count::Acknowledged, 1);
                metrics.record(Latency::Acknowledgement, [since(TraceTag::time_of(client_id))]);
            }
            ToAgent::Notice(Notice::Accepted { chat, visit, .. }) => {
                if let Some(accepted_at) = self.shared.accepted_at(visit) {
                    metrics.count(Count::Notified, 1);
                    metrics.record(Latency::Notification, [since(accepted_at)]);
                }
                self.shared.assign_claim(chat, self.place());
            }
            ToAgent::Refused { refusal, .. } => {
                metrics.count(Count::Refused, 1);
                tracing::debug!(?refusal, "an agent's request was refused");
            }
            ToAgent::CloseReason(close_reason) => return Err(ConnectionError::Closed(close_reason.code())),
            _ => {}
        }
        Ok(())
    }

    /// Returns the agent's index within this process.
    fn place(&self) -> usize {
        (self.number - self.shared.options.own_agents().start) as usize
    }

    /// Opens a chat if it belongs to the agent and is not open yet.
    async fn open(&mut self, connection: &mut Connection, chat: &AgentChat) -> Result<(), ConnectionError> {
        let (id, chat) = (chat.chat.id, &chat.chat);
        let is_mine = chat.state == ChatState::InProgress && chat.agent.is_some() && chat.agent == self.me;
        if is_mine && !self.chats.contains(&id) {
            self.chats.push(id);
            connection.send(&FromAgent::Open { chat: id, head: 0 }).await?;
        }
        Ok(())
    }

    async fn handle_entries(
        &mut self,
        connection: &mut Connection,
        chat: ChatId,
        entries: &[Entry],
    ) -> Result<(), ConnectionError> {
        let metrics = &self.shared.metrics;
        let head = self.heads.entry(chat).or_default();
        let before = *head;
        for entry in entries.iter().filter(|entry| entry.seq > before) {
            *head = entry.seq;
            if let (Author::Visitor, Body::Text(text)) = (entry.author, &entry.body) {
                metrics.count(Count::Arrived, 1);
                metrics.record(Latency::Message, TraceTag::of_text(text).map(|tag| since(tag.at)));
            }
        }
        let receipt = Receipt { delivered: *head, read: *head };
        if *head > before && !self.shared.options.no_receipts {
            connection.send(&FromAgent::Receipt { chat, receipt }).await?;
        }
        Ok(())
    }
}
