//! What everybody in a load test shares: who is where, how far it has got, and what was counted.

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

/// Visitors from one address, so that each may connect and come back within what a server allows an address in a minute.
const VISITORS_OF_AN_ADDRESS: u32 = 40;
/// What a visitor's socket reads at once, bytes: there are thousands of them.
const VISITOR_BUFFER: usize = 2_048;
/// How many batches are kept for the dashboards that have not read them yet.
const BATCHES_KEPT: usize = 128;

/// How far it has got.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    /// Everybody comes.
    Arriving,
    /// The chats are made that the scenario needs.
    Preparing,
    /// What is measured happens, from then on.
    Running(Instant),
    /// Nothing more is said; what is under way arrives.
    Ending,
    /// Everybody goes.
    Over,
}

/// What was read of a batch, for every dashboard that gets the same bytes.
pub(crate) struct BoardUpdate {
    message: Message,
    /// Page changes.
    pub(crate) tags: Vec<TraceTag>,
    /// What it was.
    pub(crate) of: UpdateKind,
}

/// What everybody shares.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) rates: Rates,
    pub(crate) metrics: Metrics,
    pub(crate) phase: watch::Receiver<Phase>,
    /// How many may be dialling at the same time.
    pub(crate) connect_permits: Semaphore,
    /// Where to claim: of each agent of this process.
    pub(crate) claims: Vec<mpsc::UnboundedSender<ChatId>>,
    /// The visits of visitors, as the board has them.
    visits: Mutex<HashMap<u32, VisitId>>,
    /// Of whom a visit is.
    visitors: Mutex<HashMap<VisitId, u32>>,
    /// Whom to invite next.
    guests: Mutex<VecDeque<u32>>,
    /// When each visitor of this process said yes.
    accepted_at: Vec<AtomicU64>,
    recent_updates: Mutex<VecDeque<Arc<BoardUpdate>>>,
    /// Every address of the own machine is ours.
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

    /// How a visitor's socket is opened.
    pub(crate) fn visitor_connect_options(&self, visitor: u32) -> ConnectOptions {
        ConnectOptions {
            from: self.address(Ipv4Addr::new(127, 64, 0, 1), visitor / VISITORS_OF_AN_ADDRESS),
            read_buffer: VISITOR_BUFFER,
        }
    }

    /// From where an agent comes.
    pub(crate) fn address_of_agent(&self, agent: u32) -> Option<IpAddr> {
        self.address(Ipv4Addr::new(127, 32, 0, 1), agent)
    }

    fn address(&self, first: Ipv4Addr, at: u32) -> Option<IpAddr> {
        self.is_loopback.then(|| Ipv4Addr::from_bits(first.to_bits() + at).into())
    }

    /// Gives a chat to one of the agents of this process.
    pub(crate) fn assign_claim(&self, chat: ChatId, by: usize) {
        if let Some(claims) = by.checked_rem(self.claims.len()).and_then(|agent| self.claims.get(agent)) {
            // It is closed only when everything is over.
            let _ = claims.send(chat);
        }
    }

    /// Whom to invite next: somebody whose row has been seen.
    pub(crate) fn next_visit_to_invite(&self) -> Option<VisitId> {
        let guest = lock(&self.guests).pop_front()?;
        lock(&self.visits).get(&guest).copied()
    }

    /// A visitor says yes in this moment.
    pub(crate) fn record_acceptance(&self, visitor: u32) {
        self.accepted_at[(visitor - self.options.own_visitors().start) as usize].store(now(), Relaxed);
    }

    /// When the visitor of this visit said yes.
    pub(crate) fn accepted_at(&self, visit: VisitId) -> Option<u64> {
        let visitor = lock(&self.visitors).get(&visit).copied()?;
        let at = visitor.checked_sub(self.options.own_visitors().start)?;
        self.accepted_at.get(at as usize).map(|at| at.load(Relaxed)).filter(|at| *at > 0)
    }

    /// Reads what came to a dashboard. The same bytes go to many of them; they are read once.
    pub(crate) fn read(&self, message: Message) -> Result<Result<Arc<BoardUpdate>, DashboardMessage>, ConnectionError> {
        // The lock is held while it is read: the others wait for what they would do as well.
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

    /// Who is in which visit; and the trace tags of their pages.
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
