//! Serves `/metrics` in the Prometheus text format, on a separate address that must never be public. Label values are
//! fixed strings from the program and never contain ids, names or message text.

use std::{
    collections::BTreeMap,
    fmt::{Display, Write as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    Router,
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use engine::{ConnectionLimit, Stats};

use super::{ServerState, socket::SocketEnd};

/// The kind of client at the other end of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SocketKind {
    Visitor,
    Agent,
}

impl SocketKind {
    fn word(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
        }
    }
}

/// The web server's counters.
#[derive(Debug)]
pub(super) struct Metrics {
    started_at: protocol::Millis,
    visitors: AtomicU64,
    agents: AtomicU64,
    /// Closed sockets, by kind, close code and close reason.
    closed: Mutex<BTreeMap<(SocketKind, u16, &'static str), u64>>,
    requests: Mutex<BTreeMap<u16, u64>>,
    /// Uploads, by outcome: `stored`, or the refusal's code.
    files: Mutex<BTreeMap<&'static str, u64>>,
    connections: ConnectionLimit,
    refused_connections: Arc<AtomicU64>,
}

/// Counts a socket as open until this value is dropped.
pub(super) struct OpenSocket {
    metrics: Arc<Metrics>,
    kind: SocketKind,
}

impl Metrics {
    pub(super) fn new(connections: ConnectionLimit) -> Self {
        Self {
            started_at: engine::clock::now(),
            visitors: AtomicU64::default(),
            agents: AtomicU64::default(),
            closed: Mutex::default(),
            requests: Mutex::default(),
            files: Mutex::default(),
            connections,
            refused_connections: Arc::default(),
        }
    }

    /// Returns the counter of connections that were closed because of a limit.
    pub(super) fn refused_connections(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.refused_connections)
    }

    /// Counts a socket as open.
    pub(super) fn open(self: &Arc<Self>, kind: SocketKind) -> OpenSocket {
        self.sockets(kind).fetch_add(1, Relaxed);
        OpenSocket { metrics: Arc::clone(self), kind }
    }

    /// Counts an upload by its outcome.
    pub(super) fn file(&self, outcome: &'static str) {
        *lock(&self.files).entry(outcome).or_default() += 1;
    }

    fn sockets(&self, kind: SocketKind) -> &AtomicU64 {
        match kind {
            SocketKind::Visitor => &self.visitors,
            SocketKind::Agent => &self.agents,
        }
    }

    fn text(&self, stats: &Stats) -> String {
        let mut text = MetricsText::default();
        text.one("jumpin_connections", "gauge", "Open connections, including sockets.", self.connections.open());
        text.one(
            "jumpin_connections_refused_total",
            "counter",
            "Connections that were closed at once because of a limit.",
            self.refused_connections.load(Relaxed),
        );
        text.name("jumpin_sockets", "gauge", "Open sockets.");
        for kind in [SocketKind::Visitor, SocketKind::Agent] {
            text.line("jumpin_sockets", &[("kind", &kind.word())], self.sockets(kind).load(Relaxed));
        }
        text.name(
            "jumpin_sockets_closed_total",
            "counter",
            "Closed sockets, by close code and reason. The reason is gone if the client disconnected.",
        );
        for ((kind, code, reason), count) in lock(&self.closed).iter() {
            let labels: [(&str, &dyn Display); 3] = [("kind", &kind.word()), ("code", code), ("reason", reason)];
            text.line("jumpin_sockets_closed_total", &labels, count);
        }
        text.name("jumpin_requests_total", "counter", "HTTP responses, by status.");
        for (status, count) in lock(&self.requests).iter() {
            text.line("jumpin_requests_total", &[("status", status)], count);
        }
        text.name("jumpin_files_total", "counter", "Files sent in chats, by outcome.");
        for (outcome, count) in lock(&self.files).iter() {
            text.line("jumpin_files_total", &[("outcome", outcome)], count);
        }
        text.board(stats);
        text.store(stats);
        text.disk(stats);
        text.process(self.started_at);
        text.0
    }
}

impl OpenSocket {
    /// Records why the socket closed.
    pub(super) fn record_end(self, ended: SocketEnd) {
        let (code, reason) = match ended {
            SocketEnd::Disconnected => (0, "gone"),
            SocketEnd::Closed(close_reason) => (close_reason.code(), close_reason.reason()),
        };
        *lock(&self.metrics.closed).entry((self.kind, code, reason)).or_default() += 1;
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.metrics.sockets(self.kind).fetch_sub(1, Relaxed);
    }
}

fn lock<T>(counted: &Mutex<T>) -> MutexGuard<'_, T> {
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts the public listener's responses.
pub(super) async fn count(State(parts): State<ServerState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    *lock(&parts.metrics.requests).entry(response.status().as_u16()).or_default() += 1;
    response
}

/// Returns the router for the metrics listener, which serves nothing else.
pub(super) fn router(parts: ServerState) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(parts)
}

async fn metrics(State(parts): State<ServerState>) -> Response {
    let text = parts.metrics.text(&parts.engine.stats().await);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Writes the text format, with each metric's description followed by its values.
#[derive(Default)]
struct MetricsText(String);

impl MetricsText {
    fn name(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &dyn Display)], value: impl Display) {
        let labels: Vec<_> = labels.iter().map(|(label, word)| format!("{label}=\"{word}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.name(name, kind, help);
        self.line(name, &[], value);
    }

    fn board(&mut self, Stats { board, .. }: &Stats) {
        self.one("jumpin_visitors", "gauge", "Visitors on all boards.", board.visitors);
        self.name("jumpin_chats", "gauge", "Live chats.");
        self.line("jumpin_chats", &[("state", &"unclaimed")], board.unclaimed);
        self.line("jumpin_chats", &[("state", &"in_progress")], board.in_progress);
    }

    fn store(&mut self, Stats { store, .. }: &Stats) {
        self.one("jumpin_messages_stored_total", "counter", "Messages stored, excluding duplicates.", store.messages);
        self.one("jumpin_writer_waiting", "gauge", "Writes waiting for the database.", store.waiting);
        self.one("jumpin_writes_total", "counter", "Writes committed to disk.", store.writes);
        self.one("jumpin_commits_failed_total", "counter", "Groups of writes that failed to commit.", store.failed);
        self.name("jumpin_commit_seconds", "histogram", "Time to commit a group of writes to disk, in seconds.");
        for (bound, count) in &store.within {
            let bound = *bound as f64 / 1_000.0;
            self.line("jumpin_commit_seconds_bucket", &[("le", &bound)], count);
        }
        self.line("jumpin_commit_seconds_bucket", &[("le", &"+Inf")], store.commits);
        self.line("jumpin_commit_seconds_sum", &[], store.took.as_secs_f64());
        self.line("jumpin_commit_seconds_count", &[], store.commits);
    }

    fn disk(&mut self, Stats { free_disk, .. }: &Stats) {
        if let Some(bytes) = free_disk.bytes {
            self.one(
                "jumpin_free_disk_bytes",
                "gauge",
                "Free disk space for the database and the files, in bytes.",
                bytes,
            );
        }
        let help = "1 if visitors cannot write because there is too little free disk space.";
        self.one("jumpin_free_disk_low", "gauge", help, u8::from(free_disk.is_low));
    }

    fn process(&mut self, started_at: protocol::Millis) {
        let started_at = started_at as f64 / 1_000.0;
        self.one("process_start_time_seconds", "gauge", "Start time, in seconds since the Unix epoch.", started_at);
        if let Some(bytes) = resident_bytes() {
            self.one("process_resident_memory_bytes", "gauge", "Resident memory of the process, in bytes.", bytes);
        }
        // This includes every socket.
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            self.one("process_open_fds", "gauge", "Open file descriptors, including sockets.", files.count());
        }
    }
}

/// Returns the resident memory in bytes. Only available on Linux.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1_024)
}
