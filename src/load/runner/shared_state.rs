//! The state shared by all clients of a load test: phase, metrics, and the mapping of visitors to visits.

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

/// The number of visitors per source address, so that all of them can connect and reconnect within the server's limit
/// per address and minute.
const VISITORS_OF_AN_ADDRESS: u32 = 40;
/// The read buffer of a visitor's socket, in bytes. Small, because there are thousands of them.
const VISITOR_BUFFER: usize = 2_048;
/// The number of decoded batches kept for dashboards that have not received them yet.
const BATCHES_KEPT: usize = 128;

/// The phase of a load test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    /// Clients connect.
    Arriving,
    /// The chats that the scenario needs are started.
    Preparing,
    /// The measured phase, with its start time.
    Running(Instant),
    /// Nothing more is sent; messages in flight arrive.
    Ending,
    /// Clients disconnect.
    Over,
}

/// A decoded batch, shared by all dashboards that receive the same bytes.
pub(crate) struct BoardUpdate {
    message: Message,
    /// The trace tags of the page changes.
    pub(crate) tags: Vec<TraceTag>,
    pub(crate) of: UpdateKind,
}

/// The state shared by all clients of this process.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) rates: Rates,
    pub(crate) metrics: Metrics,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Limits the number of concurrent connection attempts.
    pub(crate) connect_permits: Semaphore,
    /// For each agent of this process, the channel for chats to claim.
    pub(crate) claims: Vec<mpsc::UnboundedSender<ChatId>>,
    /// The visit of each visitor, from the board.
    visits: Mutex<HashMap<u32, VisitId>>,
    /// The visitor of each visit.
    visitors: Mutex<HashMap<VisitId, u32>>,
    /// The visitors to invite, in order.
    guests: Mutex<VecDeque<u32>>,
    /// When each visitor of this process accepted, in µs since the Unix epoch; 0 if not yet.
    accepted_at: Vec<AtomicU64>,
    recent_updates: Mutex<VecDeque<Arc<BoardUpdate>>>,
    /// The server is on a loopback address, so that any 127.0.0.0/8 address can be the source.
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

    /// Returns the source address of an agent.
    pub(crate) fn address_of_agent(&self, agent: u32) -> Option<IpAddr> {
        self.address(Ipv4Addr::new(127, 32, 0, 1), agent)
    }

    fn address(&self, first: Ipv4Addr, at: u32) -> Option<IpAddr> {
        self.is_loopback.then(|| Ipv4Addr::from_bits(first.to_bits() + at).into())
    }

    /// Assigns a chat to one of the agents of this process, to be claimed.
    pub(crate) fn assign_claim(&self, chat: ChatId, by: usize) {
        if let Some(claims) = by.checked_rem(self.claims.len()).and_then(|agent| self.claims.get(agent)) {
            // The channel closes only when the test is over.
            let _ = claims.send(chat);
        }
    }

    /// Returns the next visit to invite; `None` if no visitor is left or the visitor's row has not been received.
    pub(crate) fn next_visit_to_invite(&self) -> Option<VisitId> {
        let guest = lock(&self.guests).pop_front()?;
        lock(&self.visits).get(&guest).copied()
    }

    /// Records that a visitor accepts now.
    pub(crate) fn record_acceptance(&self, visitor: u32) {
        self.accepted_at[(visitor - self.options.own_visitors().start) as usize].store(now(), Relaxed);
    }

    /// Returns when the visitor of a visit accepted.
    pub(crate) fn accepted_at(&self, visit: VisitId) -> Option<u64> {
        let visitor = lock(&self.visitors).get(&visit).copied()?;
        let at = visitor.checked_sub(self.options.own_visitors().start)?;
        self.accepted_at.get(at as usize).map(|at| at.load(Relaxed)).filter(|at| *at > 0)
    }

    /// Decodes a dashboard's message. Many dashboards receive the same bytes, which are decoded only once.
    pub(crate) fn read(&self, message: Message) -> Result<Result<Arc<BoardUpdate>, DashboardMessage>, ConnectionError> {
        // The lock is held while decoding: the other dashboards wait for the result instead of repeating the work.
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

    /// Records which visitor belongs to which visit. Returns the trace tags of their pages.
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
