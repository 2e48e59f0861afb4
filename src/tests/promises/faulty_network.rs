//! A faulty network: a proxy to the server that delays data, drops connections, and can be taken down entirely.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Which faults occur, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NetworkFaults {
    /// The percentage of chunks that are delayed.
    pub(crate) held_back: u32,
    /// The longest time for which a chunk is delayed.
    pub(crate) for_up_to: Duration,
    /// How many out of every thousand chunks are truncated, which also closes their connection.
    pub(crate) broken: u32,
}

/// A proxy between clients and a single server.
pub(crate) struct FaultyProxy {
    /// The address that clients connect to.
    pub(crate) address: SocketAddr,
    is_there: watch::Sender<bool>,
    without_faults: Arc<AtomicBool>,
    breaks: Arc<AtomicU64>,
}

impl FaultyProxy {
    pub(crate) async fn start(server: SocketAddr, faults: NetworkFaults, seed: u64) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (is_there, there) = watch::channel(true);
        let (without_faults, breaks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (without_faults_flag, broken) = (Arc::clone(&without_faults), Arc::clone(&breaks));
        tokio::spawn(async move {
            let mut random = StdRng::seed_from_u64(seed);
            while let Ok((client, _)) = listener.accept().await {
                if !*there.borrow() {
                    continue;
                }
                let way = ProxiedConnection {
                    faults,
                    without_faults: Arc::clone(&without_faults_flag),
                    random: StdRng::seed_from_u64(random.random()),
                };
                let (mut there, broken) = (there.clone(), Arc::clone(&broken));
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    let away = there.wait_for(|there| !there);
                    tokio::select! {
                        // Dropping both sockets closes the connection at both ends.
                        () = way.carry(client, server) => { broken.fetch_add(1, Ordering::Relaxed); }
                        _ = away => {}
                    }
                });
            }
        });
        Ok(Self { address, is_there, without_faults, breaks })
    }

    pub(crate) fn ws(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Drops every connection and refuses new ones until [`Self::bring_up`] is called.
    pub(crate) fn take_down(&self) {
        self.is_there.send_replace(false);
    }

    pub(crate) fn bring_up(&self) {
        self.is_there.send_replace(true);
    }

    /// Stops delaying data and dropping connections.
    pub(crate) fn stop_faults(&self) {
        self.without_faults.store(true, Ordering::Relaxed);
    }

    /// Returns how many connections have ended so far.
    pub(crate) fn broken_connections(&self) -> u64 {
        self.breaks.load(Ordering::Relaxed)
    }
}

/// A single connection through the proxy.
struct ProxiedConnection {
    faults: NetworkFaults,
    without_faults: Arc<AtomicBool>,
    random: StdRng,
}

impl ProxiedConnection {
    async fn carry(mut self, mut client: TcpStream, mut server: TcpStream) {
        let (mut up, mut down) = (vec![0; 4_096], vec![0; 4_096]);
        loop {
            let carried = tokio::select! {
                read = client.read(&mut up) => self.pass(read.unwrap_or(0), &up, &mut server).await,
                read = server.read(&mut down) => self.pass(read.unwrap_or(0), &down, &mut client).await,
            };
            if !carried {
                return;
            }
        }
    }

    /// Forwards a chunk, possibly delayed or truncated. Returns whether the connection is still open.
    async fn pass(&mut self, length: usize, bytes: &[u8], to: &mut TcpStream) -> bool {
        if length == 0 {
            return false;
        }
        let bad = !self.without_faults.load(Ordering::Relaxed);
        if bad && self.random.random_range(0..100) < self.faults.held_back {
            let longest = self.faults.for_up_to.as_micros().max(1) as u64;
            tokio::time::sleep(Duration::from_micros(self.random.random_range(0..longest))).await;
        }
        let breaks = bad && self.random.random_range(0..1_000) < self.faults.broken;
        let whole = if breaks { self.random.random_range(0..length) } else { length };
        to.write_all(&bytes[..whole]).await.is_ok() && !breaks
    }
}
