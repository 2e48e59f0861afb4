//! Accepts connections, and immediately closes those that exceed the limits.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use engine::ConnectionLimit;
use tokio::{net::TcpListener, time::Instant};

use super::connection::{Connection, ConnectionTimeouts, Uploads};

/// The shortest time between two log lines about refused connections.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// A listener that limits its connections.
pub(super) struct ConnectionListener<E> {
    listener: TcpListener,
    limit: ConnectionLimit,
    /// Whether an address is exempt from the limit per address, so that only the total limit applies.
    is_exempt: E,
    timeouts: ConnectionTimeouts,
    refused: Arc<AtomicU64>,
    /// When refused connections were last logged, and how many there had been by then.
    logged: Option<(Instant, u64)>,
}

/// The other end of a connection: the client, or the proxy in front of it.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    /// The uploads on the connection.
    pub(super) uploads: Uploads,
}

impl<E: Fn(IpAddr) -> bool> ConnectionListener<E> {
    /// Creates a listener that counts refused connections in `refused`.
    pub(super) fn new(
        listener: TcpListener,
        limit: ConnectionLimit,
        is_exempt: E,
        timeouts: ConnectionTimeouts,
        refused: Arc<AtomicU64>,
    ) -> Self {
        Self { listener, limit, is_exempt, timeouts, refused, logged: None }
    }

    /// Counts a refused connection. A flood of them must not flood the log.
    fn record_refusal(&mut self, peer: IpAddr) {
        let refused = self.refused.fetch_add(1, Relaxed) + 1;
        let (logged_at, before) = self.logged.unzip();
        if logged_at.is_none_or(|at| at.elapsed() >= LOG_EVERY) {
            let since = refused - before.unwrap_or_default();
            tracing::warn!(%peer, refused = since, "closed connections beyond the limits in [connections]");
            self.logged = Some((Instant::now(), refused));
        }
    }
}

impl<E: Fn(IpAddr) -> bool + Send + 'static> Listener for ConnectionListener<E> {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            let peer = address.ip().to_canonical();
            match self.limit.admit(peer, (self.is_exempt)(peer)) {
                Some(permit) => return (Connection::new(stream, self.timeouts, permit), address),
                None => self.record_refusal(peer),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl<E: Fn(IpAddr) -> bool + Send + 'static> Connected<IncomingStream<'_, ConnectionListener<E>>> for Peer {
    fn connect_info(stream: IncomingStream<'_, ConnectionListener<E>>) -> Self {
        Self { address: *stream.remote_addr(), uploads: stream.io().uploads() }
    }
}
