//! The task that owns a hub's state. It receives requests, applies them, and sends out the results.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    board::Snapshot,
    codec,
    id::{AgentId, ChatId, OrganizationId},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Dashboard, DueItem, DueSubject, HubRequest,
    board_batches::Batches,
    event::{AdmittedTab, ConnectionId, Effect, Event},
    state::State,
};
use crate::{
    clock,
    outbound_queue::{OutboundQueue, pieces},
    read_scope::ReadScope,
    settings::{Timers, VisitLimits},
};

const REQUESTS_AT_ONCE: usize = 256;
/// How long an encoded snapshot of the board can be reused.
const SNAPSHOT_TTL: Duration = Duration::from_secs(1);
/// The maximum time between wakeups. It is short because the system clock may jump.
const MAX_SLEEP: Duration = Duration::from_secs(1);

pub(crate) struct HubTask {
    organization: OrganizationId,
    pub(super) state: State,
    pub(super) batches: Batches,
    batch_every: Duration,
    dues: mpsc::UnboundedSender<DueItem>,
    pub(super) tabs: HashMap<ConnectionId, Arc<OutboundQueue>>,
    pub(super) dashboards: HashMap<ConnectionId, Connection>,
    cached_snapshot: Option<CachedSnapshot>,
    /// The observers of each open chat, as last sent to the dashboards.
    pub(super) readers: HashMap<ChatId, Vec<AgentId>>,
}

/// A recent snapshot of the entire board.
struct CachedSnapshot {
    at: Instant,
    /// The sequence number of the last batch that it includes.
    seq: u64,
    pieces: Vec<Bytes>,
}

/// A connected dashboard.
pub(super) struct Connection {
    pub(super) agent: AgentId,
    /// The chats that the agent may read. If it changes, the dashboard reconnects.
    pub(super) scope: ReadScope,
    pub(super) queue: Arc<OutboundQueue>,
    /// The chats that are open in this dashboard.
    pub(super) open: HashSet<ChatId>,
}

impl HubTask {
    pub(crate) fn new(
        organization: OrganizationId,
        timers: Timers,
        limits: VisitLimits,
        dues: mpsc::UnboundedSender<DueItem>,
    ) -> Self {
        Self {
            organization,
            batch_every: Duration::from_millis(timers.board_batch),
            state: State::new(timers, limits),
            batches: Batches::new(clock::now().unsigned_abs()),
            dues,
            tabs: HashMap::new(),
            dashboards: HashMap::new(),
            cached_snapshot: None,
            readers: HashMap::new(),
        }
    }

    pub(crate) async fn run(mut self, mut waiting: mpsc::Receiver<HubRequest>) {
        let mut asks = Vec::with_capacity(REQUESTS_AT_ONCE);
        let mut batch_from = Instant::now();
        loop {
            let wakes = self.wakes_at(batch_from);
            tokio::select! {
                taken = waiting.recv_many(&mut asks, REQUESTS_AT_ONCE) => if taken == 0 { return },
                () = sleep_until(wakes) => self.apply(Event::Tick),
            }
            for ask in asks.drain(..) {
                self.handle_request(ask);
            }
            if !self.batches.is_empty() && Instant::now() >= batch_from {
                self.send_batch();
                batch_from = Instant::now() + self.batch_every;
            }
        }
    }

    fn wakes_at(&self, batch_from: Instant) -> Instant {
        let until = self.state.next_moment().map_or(MAX_SLEEP, |at| {
            Duration::from_millis(u64::try_from(at.saturating_sub(clock::now())).unwrap_or(0)).min(MAX_SLEEP)
        });
        let moment = Instant::now() + until;
        if self.batches.is_empty() { moment } else { moment.min(batch_from) }
    }

    pub(super) fn apply(&mut self, event: Event) {
        self.apply_and_admit(event);
    }

    fn apply_and_admit(&mut self, event: Event) -> Option<AdmittedTab> {
        let mut admitted = None;
        for effect in self.state.apply(event, clock::now()) {
            match effect {
                Effect::Admitted(place) => admitted = Some(place),
                Effect::Changed(row) => self.batches.changed(*row),
                Effect::Gone(visit) => self.batches.gone(visit),
                Effect::Due { visitor, due, .. } => {
                    let _ = self.dues.send((self.organization, DueSubject::Visitor(visitor, due)));
                }
                Effect::AgentDue { agent, due } => {
                    let _ = self.dues.send((self.organization, DueSubject::Agent(agent, due)));
                }
                Effect::Colleague(colleague) => {
                    let frame = codec::encode(&ToAgent::Colleagues(vec![colleague])).into();
                    self.notify_dashboards(&frame, |_| true);
                }
            }
        }
        admitted
    }

    fn send_batch(&mut self) {
        self.cached_snapshot.take_if(|kept| kept.at.elapsed() >= SNAPSHOT_TTL);
        if let Some(batch) = self.batches.next() {
            let seq = batch.seq;
            let frame = self.batches.keep(batch);
            for connection in self.dashboards.values() {
                connection.queue.push_board(seq, frame.clone());
            }
        }
    }

    fn handle_request(&mut self, ask: HubRequest) {
        match ask {
            HubRequest::Apply(event) => self.apply(event),
            HubRequest::Arrive { arrival, queue, reply } => {
                self.tabs.insert(arrival.connection, queue);
                if let Some(admitted) = self.apply_and_admit(Event::Arrived(arrival)) {
                    let _ = reply.send(admitted);
                }
            }
            HubRequest::Leave(connection) => {
                self.tabs.remove(&connection);
                self.apply(Event::TabGone { connection });
            }
            HubRequest::Dashboard(dashboard) => self.connect_dashboard(dashboard),
            HubRequest::DashboardGone(connection) => self.remove_dashboard(connection),
            HubRequest::Resync { connection, after } => {
                if let Some(queue) = self.dashboards.get(&connection).map(|connection| Arc::clone(&connection.queue)) {
                    self.bring_up_to_date(&queue, after);
                }
            }
            HubRequest::Heartbeat(connection) => self.beat(connection),
            HubRequest::Open { connection, chat } => self.open(connection, chat),
            HubRequest::Close { connection, chat } => self.close(connection, chat),
            HubRequest::Note { chat, agent, note } => self.note(chat, agent, note),
            HubRequest::Chat(update) => self.chat(*update),
            HubRequest::NotifyVisitor { visitor, frame } => {
                self.notify_tabs(visitor, |queue| queue.push(frame.clone()));
            }
            HubRequest::NotifyAgent { agent, frame } => {
                self.notify_dashboards(&frame, |connection| connection.agent == agent);
            }
            HubRequest::WelcomeAgent { agent, pieces } => {
                let own = self.dashboards.values().filter(|connection| connection.agent == agent);
                own.for_each(|connection| connection.queue.push_welcome(pieces.iter().cloned()));
            }
            HubRequest::NotifyTeam { team, frame } => self.notify_team(&team, &frame),
            HubRequest::TypingToVisitor(visitor) => self.send_typing_to_visitor(visitor),
            HubRequest::TypingToAgent { agent, chat } => self.send_typing_to_agent(agent, chat),
            HubRequest::Colleagues(reply) => {
                let _ = reply.send(self.state.colleagues());
            }
            HubRequest::Snapshot(reply) => {
                let _ = reply.send(self.snapshot());
            }
            HubRequest::VisitInfo { of, reply } => {
                let _ = reply.send(self.state.visit_info(of, clock::now()));
            }
            HubRequest::PageViews { visit, reply } => {
                let _ = reply.send(self.state.page_views(visit));
            }
            HubRequest::Count(reply) => {
                let _ = reply.send(self.state.count());
            }
            HubRequest::TakePageViews(reply) => {
                let _ = reply.send(self.state.take_page_views(clock::now()));
            }
            HubRequest::Erase { visitor, close_reason } => {
                self.notify_tabs(visitor, |queue| queue.close(close_reason));
                self.apply(Event::Erased { visitor });
            }
            HubRequest::CloseAgent { agent, close_reason } => {
                let own = self.dashboards.values().filter(|connection| connection.agent == agent);
                own.for_each(|connection| connection.queue.close(close_reason));
            }
            HubRequest::CloseAll { close_reason, reply } => {
                let queues = self.tabs.values().chain(self.dashboards.values().map(|connection| &connection.queue));
                queues.for_each(|queue| queue.close(close_reason));
                let _ = reply.send(());
            }
        }
    }

    fn connect_dashboard(&mut self, Dashboard { connection, agent, scope, queue, resume }: Dashboard) {
        // The changes collected so far belong to the dashboards that are already connected.
        self.send_batch();
        let resume = resume.filter(|(epoch, _)| *epoch == self.batches.epoch);
        if let Some((_, seq)) = resume {
            queue.resume_board(seq);
        }
        let missed = resume.and_then(|from| self.batches.after(from));
        match missed.map(|missed| missed.map(|(seq, frame)| (seq, frame.clone())).collect::<Vec<_>>()) {
            Some(missed) => missed.into_iter().for_each(|(seq, frame)| queue.push_board(seq, frame)),
            None => self.bring_up_to_date(&queue, resume.map(|(_, seq)| seq)),
        }
        let own = Arc::clone(&queue);
        self.dashboards.insert(connection, Connection { agent, scope, queue, open: HashSet::new() });
        self.apply(Event::AgentArrived { agent, connection });
        let colleagues = pieces(self.state.colleagues()).into_iter();
        own.push_welcome(colleagues.map(|some| codec::encode(&ToAgent::Colleagues(some)).into()));
    }

    fn remove_dashboard(&mut self, connection: ConnectionId) {
        let Some(Connection { agent, open, .. }) = self.dashboards.remove(&connection) else { return };
        open.into_iter().for_each(|chat| self.notify_observers(chat));
        if !self.dashboards.values().any(|other| other.agent == agent) {
            self.apply(Event::Composing { agent, visit: None });
        }
        self.apply(Event::AgentGone { agent, connection });
    }

    fn snapshot(&mut self) -> Snapshot {
        // The connected dashboards also need any changes caused by the passage of time since the last batch.
        self.apply(Event::Tick);
        self.send_batch();
        let rows = self.state.rows(clock::now()).into_values().collect();
        Snapshot { epoch: self.batches.epoch, seq: self.batches.seq, rows }
    }

    /// Sends a dashboard that has the board up to `after` the changes since then, or else the entire board.
    fn bring_up_to_date(&mut self, queue: &OutboundQueue, after: Option<u64>) {
        self.send_batch();
        let now = clock::now();
        let merged = after.and_then(|after| self.batches.merged_after(after, |visit| self.state.row(visit, now)));
        match merged {
            Some(merged) => queue.push_merged(merged.into_iter().map(|batch| {
                let seq = batch.seq;
                (seq, Bytes::from(codec::encode(&ToAgent::Batch(batch))))
            })),
            None => self.push_whole_board(queue),
        }
    }

    /// Sends the entire board to a dashboard. If many dashboards ask within `SNAPSHOT_TTL`, they all receive the same
    /// encoded snapshot, followed by the batches since then.
    fn push_whole_board(&mut self, queue: &OutboundQueue) {
        self.send_batch();
        let epoch = self.batches.epoch;
        let serves =
            |kept: &CachedSnapshot| kept.at.elapsed() < SNAPSHOT_TTL && self.batches.after((epoch, kept.seq)).is_some();
        if !self.cached_snapshot.as_ref().is_some_and(serves) {
            let pieces =
                self.snapshot().chunks().map(|piece| codec::encode(&ToAgent::Snapshot(piece)).into()).collect();
            self.cached_snapshot = Some(CachedSnapshot { at: Instant::now(), seq: self.batches.seq, pieces });
        }
        let Some(kept) = &self.cached_snapshot else { return };
        queue.push_snapshot(kept.seq, kept.pieces.clone());
        for (seq, frame) in self.batches.after((epoch, kept.seq)).into_iter().flatten() {
            queue.push_board(seq, frame.clone());
        }
    }
}
