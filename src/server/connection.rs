//! A client's connection. It fails if it is idle for too long or its client reads too slowly. This protects the server
//! against slowloris attacks, because sending a request one byte at a time does not extend the idle timeout. Heartbeats
//! keep a socket open, each chunk keeps a download open, and uploads have their own limits.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use engine::ConnectionPermit;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// How long to keep reading after the last response. The operating system resets a connection that is closed while
/// there is unread data, so a client that is still sending its request would otherwise lose the response that refuses
/// it.
const LINGER: Duration = Duration::from_secs(2);
/// How many bytes are read at a time while lingering.
const LINGER_BYTES: usize = 4_096;

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionTimeouts {
    /// How long a connection may stay open with nothing written, and how far a client may fall behind the minimum rate.
    pub(super) idle: Duration,
    /// The minimum rate at which a client must read what is written.
    pub(super) least_bytes_per_second: u64,
}

/// A connection that fails once nothing has been written to it for the length of the idle timeout, or if its client
/// reads too slowly.
pub(super) struct Connection {
    stream: TcpStream,
    timeouts: ConnectionTimeouts,
    last_write: Instant,
    /// When writes started to wait for the client.
    blocked_at: Option<Instant>,
    /// How far the client is behind the minimum rate.
    behind: Duration,
    /// Fires at the earliest possible timeout and is then rescheduled, so that writes do not have to reset it.
    timer: Pin<Box<Sleep>>,
    lingering: Option<Pin<Box<Sleep>>>,
    uploads: Uploads,
    _permit: ConnectionPermit,
}

/// The number of uploads on a connection, during which it may be silent for longer than the idle timeout.
#[derive(Clone, Debug, Default)]
pub(super) struct Uploads(Arc<AtomicU32>);

/// Marks an upload on a connection until it is dropped.
pub(super) struct RunningUpload(Uploads);

impl Uploads {
    /// Suspends the idle timeout until the returned value is dropped. The caller must limit the upload's time.
    pub(super) fn begin(&self) -> RunningUpload {
        self.0.fetch_add(1, Relaxed);
        RunningUpload(self.clone())
    }
}

impl Drop for RunningUpload {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

impl Connection {
    pub(super) fn new(stream: TcpStream, timeouts: ConnectionTimeouts, permit: ConnectionPermit) -> Self {
        // Writes are small, and clients wait for them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::trace!(%error, "failed to disable Nagle's algorithm");
        }
        Self {
            stream,
            timeouts,
            last_write: Instant::now(),
            blocked_at: None,
            behind: Duration::ZERO,
            timer: Box::pin(sleep(timeouts.idle)),
            lingering: None,
            uploads: Uploads::default(),
            _permit: permit,
        }
    }

    /// Returns a handle to the uploads on this connection.
    pub(super) fn uploads(&self) -> Uploads {
        self.uploads.clone()
    }

    fn is_timed_out(&mut self, cx: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.uploads.0.load(Relaxed) > 0 {
                self.last_write = now;
            }
            let end = self.end();
            if end <= now {
                return true;
            }
            self.timer.as_mut().reset(end);
        }
        false
    }

    fn end(&self) -> Instant {
        let idle = self.last_write + self.timeouts.idle;
        self.blocked_at.map_or(idle, |at| idle.min(at + self.timeouts.idle.saturating_sub(self.behind)))
    }

    /// Records a write, or times out a client that does not read what was written.
    fn record_write(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let now = Instant::now();
        let Poll::Ready(written) = written else {
            self.blocked_at.get_or_insert(now);
            let end = self.end();
            if end < self.timer.deadline() {
                self.timer.as_mut().reset(end);
            }
            return if self.is_timed_out(cx) {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            } else {
                Poll::Pending
            };
        };
        self.last_write = now;
        if let Some(at) = self.blocked_at.take() {
            self.behind += now - at;
        }
        let bytes = written.as_ref().map_or(0, |bytes| *bytes as u64);
        let due = bytes.saturating_mul(1_000) / self.timeouts.least_bytes_per_second.max(1);
        self.behind = self.behind.saturating_sub(Duration::from_millis(due));
        Poll::Ready(written)
    }

    /// Discards what the client is still sending until it has read the response and closes the connection.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering = self.lingering.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if lingering.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        loop {
            let mut bytes = [0; LINGER_BYTES];
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_timed_out(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.record_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.record_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        self.poll_linger(cx).map(Ok)
    }
}

#[cfg(test)]
mod tests;
