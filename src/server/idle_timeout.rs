//! Closes connections on which the server has sent no response bytes for 60 s, which defends against slowloris attacks.
//! Sending a request one byte at a time does not extend the timeout. Heartbeats keep a socket open, and each chunk
//! keeps a download open.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep, sleep},
};

/// Longer than any healthy response or socket stays silent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Accepts connections and gives each one an idle timeout.
pub(super) struct IdleTimeoutListener {
    listener: TcpListener,
    idle_timeout: Duration,
}

impl IdleTimeoutListener {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, idle_timeout: IDLE_TIMEOUT }
    }
}

impl Listener for IdleTimeoutListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        (Connection::new(stream, self.idle_timeout), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that fails once nothing has been written to it for the length of the idle timeout.
pub(super) struct Connection {
    stream: TcpStream,
    idle_timeout: Duration,
    last_write: Instant,
    /// Fires at the earliest possible timeout and is then rescheduled, so that a write does not have to reset it.
    timer: Pin<Box<Sleep>>,
}

impl Connection {
    fn new(stream: TcpStream, idle_timeout: Duration) -> Self {
        Self { stream, idle_timeout, last_write: Instant::now(), timer: Box::pin(sleep(idle_timeout)) }
    }

    /// Disables Nagle's algorithm, so that each write is sent immediately.
    pub(super) fn disable_nagle(&self) {
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::trace!(%error, "failed to disable Nagle's algorithm");
        }
    }

    fn is_timed_out(&mut self, cx: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(cx).is_ready() {
            let end = self.last_write + self.idle_timeout;
            if end <= Instant::now() {
                return true;
            }
            self.timer.as_mut().reset(end);
        }
        false
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
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Connection {
    /// Records a write, or times out a client that does not read what was written.
    fn record_write(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(written) => {
                self.last_write = Instant::now();
                Poll::Ready(written)
            }
            Poll::Pending if self.is_timed_out(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Bytes, routing::post};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        time::{interval, timeout},
    };

    use super::*;

    const SHORT_TIMEOUT: Duration = Duration::from_secs(1);

    async fn start_server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(|body: Bytes| async move { body }));
        tokio::spawn(axum::serve(IdleTimeoutListener { listener, idle_timeout: SHORT_TIMEOUT }, router).into_future());
        address
    }

    /// Sends the text in an endless loop, one byte at a time and faster than the timeout. Returns the number of
    /// response bytes received.
    async fn send_slowly(text: &str, address: SocketAddr) -> usize {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let (mut reads, mut writes) = stream.split();
        let trickle = async {
            let mut pace = interval(SHORT_TIMEOUT / 10);
            for byte in text.bytes().cycle() {
                pace.tick().await;
                if writes.write_u8(byte).await.is_err() {
                    return;
                }
            }
        };
        let mut answer = Vec::new();
        let answered = async { drop(reads.read_to_end(&mut answer).await) };
        tokio::select! {
            () = trickle => {}
            () = answered => {}
        }
        answer.len()
    }

    /// Case G1 (docs/testing.md).
    #[tokio::test]
    async fn endless_request_is_closed_by_idle_timeout() {
        let address = start_server().await;
        let head = "POST / HTTP/1.1\r\nhost: a\r\n";
        let endless = format!("{head}content-length: 9\r\nx: ");
        let limit = SHORT_TIMEOUT * 20;
        assert_eq!(timeout(limit, send_slowly(&endless, address)).await, Ok(0), "the headers never end");
        // A client that sends nothing is disconnected too.
        let mut silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(timeout(limit, silent.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    }

    #[tokio::test]
    async fn answered_connection_outlives_idle_timeout() {
        let mut stream = TcpStream::connect(start_server().await).await.unwrap();
        let mut pace = interval(SHORT_TIMEOUT / 2);
        for _ in 0..6 {
            pace.tick().await;
            stream.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"ok") {
                answer.push(stream.read_u8().await.unwrap());
            }
        }
    }
}
