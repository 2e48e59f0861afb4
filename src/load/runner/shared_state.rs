//! The state shared by all clients in a load test: the phase, the metrics, and the mapping from visitors to visits.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use protocol::{
    board::Row,
    id::{ChatId, VisitId},
};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    codec::{DashboardMessage, UpdateKind},
    connection::{ConnectOptions, ConnectionError},
    metrics::Metrics,
    options::{Options, Rates},
    trace_tag::{TraceTag, now},
};

/// The number of visitors per source address, chosen so that all of them can connect and reconnect within the server's
/// limit per address and minute.
const VISITORS_OF_AN_ADDRESS: u32 = 40;
/// The read buffer size of a visitor's socket, in bytes. It is small because there are thousands of them.
const VISITOR_BUFFER: usize = 2_048;
/// The number of decoded batches to keep for dashboards that have not received them yet.
const BATCHES_KEPT: usize = 128;

/// The phase of a load test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    /// Clients are connecting.
    Arriving,
    /// The chats that the scenario needs are being started.
    Preparing,
    /// The measured phase, with its start time.
    Running(Instant),
    /// Clients have stopped sending and are receiving messages that are still in flight.
    Ending,
    /// Clients are disconnecting.
    Over,
}

/// A decoded batch, shared by all dashboards that receive the same bytes.
pub(crate) struct BoardUpdate {
    message: Message,
    /// The trace tags of the page changes.
    pub(crate) tags: Vec<TraceTag>,
    pub(crate) of: UpdateKind,
}

/// The state shared by all clients in this process.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) rates: Rates,
    pub(crate) metrics: Metrics,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Limits the number of concurrent connection attempts.
    pub(crate) connect_permits: Semaphore,
    /// For each agent in this process, a channel for the chats to claim.
    pub(crate) claims: Vec<mpsc::UnboundedSender<ChatId>>,
    /// Each visitor's visit, as shown on the board.
    visits: Mutex<HashMap<u32, VisitId>>,
    /// The visitor that each visit belongs to.
    visitors: Mutex<HashMap<VisitId, u32>>,
    /// The visitors to invite, in order.
    guests: Mutex<VecDeque<u32>>,
    /// When each visitor in this process accepted an invitation, in microseconds since the Unix epoch, or 0 if they
    /// have not accepted one yet.
    accepted_at: Vec<AtomicU64>,
    recent_updates: Mutex<VecDeque<Arc<BoardUpdate>>>,
    /// Whether the server is on a loopback address, in which case any 127.0.0.0/8 address can be used as the source.
    is_loopback: bool,
}

impl Shared {
    pub(crate) fn new(
        options: Options,
        phase: watch::Receiver<Phase>,
        claims: Vec<mpsc::UnboundedSender<ChatId>>,
    ) -> Self {
        let own = options.own_visitors();
        let host = options.authority().rsplit_once(':').map_or(options.authority(), |(host, _)| host);
        let is_loopback = host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
        let mut guests: Vec<_> = own.clone().filter(|visitor| *visitor >= options.chats()).collect();
        guests.shuffle(&mut StdRng::seed_from_u64(options.seed));
        Self {
            rates: options.rates(),
            metrics: Metrics::new(),
            phase,
            connect_permits: Semaphore::new(options.connects.max(1) as usize),
            claims,
            visits: Mutex::default(),
            visitors: Mutex::default(),
            guests: Mutex::new(guests.into()),
            accepted_at: own.map(|_| AtomicU64::new(0)).collect(),
            recent_updates: Mutex::default(),
            is_loopback,
            options,
        }
    }

    /// Returns the options for a visitor's socket.
    pub(crate) fn visitor_connect_options(&self, visitor: u32) -> ConnectOptions {
        ConnectOptions {
            from: self.address(Ipv4Addr::new(127, 64, 0, 1), visitor / VISITORS_OF_AN_ADDRESS),
            read_buffer: VISITOR_BUFFER,
        }
    }

    /// Returns an agent's source address.
    pub(crate) fn address_of_agent(&self, agent: u32) -> Option<IpAddr> {
        self.address(Ipv4Addr::new(127, 32, 0, 1), agent)
    }

    fn address(&self, first: Ipv4Addr, at: u32) -> Option<IpAddr> {
        self.is_loopback.then(|| Ipv4Addr::from_bits(first.to_bits() + at).into())
    }

    /// Assigns a chat to one of this process's agents, who will claim it.
    pub(crate) fn assign_claim(&self, chat: ChatId, by: usize) {
        if let Some(claims) = by.checked_rem(self.claims.len()).and_then(|agent| self.claims.get(agent)) {
            // The channel is closed only when the test is over.
            let _ = claims.send(chat);
        }
    }

    /// Returns the next visit to invite, or `None` if there are no visitors left or the visitor's row has not been
    /// received yet.
    pub(crate) fn next_visit_to_invite(&self) -> Option<VisitId> {
        let guest = lock(&self.guests).pop_front()?;
        lock(&self.visits).get(&guest).copied()
    }

    /// Records the current time as the time when a visitor accepted an invitation.
    pub(crate) fn record_acceptance(&self, visitor: u32) {
        self.accepted_at[(visitor - self.options.own_visitors().start) as usize].store(now(), Relaxed);
    }

    /// Returns when a visit's visitor accepted an invitation, or `None` if that is unknown.
    pub(crate) fn accepted_at(&self, visit: VisitId) -> Option<u64> {
        let visitor = lock(&self.visitors).get(&visit).copied()?;
        let at = visitor.checked_sub(self.options.own_visitors().start)?;
        self.accepted_at.get(at as usize).map(|at| at.load(Relaxed)).filter(|at| *at > 0)
    }

    /// Decodes a message received by a dashboard. Many dashboards receive the same bytes, which are decoded only once.
    pub(crate) fn read(&self, message: Message) -> Result<Result<Arc<BoardUpdate>, DashboardMessage>, ConnectionError> {
        // The lock is held while decoding so that the other dashboards wait for the result instead of repeating the
        // work.
        let mut kept = lock(&self.recent_updates);
        if let Some(update) = kept.iter().find(|update| update.message == message) {
            return Ok(Ok(Arc::clone(update)));
        }
        let (tags, of) = match self.options.peer.decode_dashboard_message(&message)? {
            DashboardMessage::Rows { rows, of } => (self.index_rows(&rows), of),
            DashboardMessage::TraceTags(tags) => (tags, UpdateKind::Batch),
            other => return Ok(Err(other)),
        };
        let update = Arc::new(BoardUpdate { message, tags, of });
        if of == UpdateKind::Batch {
            kept.push_front(Arc::clone(&update));
            kept.truncate(BATCHES_KEPT);
        }
        Ok(Ok(update))
    }

    /// Records which visitor each visit belongs to, and returns the trace tags of the visitors' pages.
    fn index_rows(&self, rows: &[Row]) -> Vec<TraceTag> {
        let (mut visits, mut visitors) = (lock(&self.visits), lock(&self.visitors));
        let tags = rows.iter().filter_map(|row| {
            let tag = TraceTag::of_page(&row.page)?;
            if visits.insert(tag.who, row.visit) != Some(row.visit) {
                visitors.insert(row.visit, tag.who);
            }
            Some(tag)
        });
        tags.collect()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
