//! Code shared by both kinds of sockets. It expects a hello within a time limit and one frame per message, exchanges
//! heartbeats, and sends a close reason that tells the client whether to reconnect.

use std::{
    future::Future,
    pin::{Pin, pin},
    time::{Duration, Instant},
};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use engine::Outgoing;
use protocol::{VERSION, close_reason::CloseReason, codec, limits};
use serde::de::DeserializeOwned;
use tokio::time::{sleep_until, timeout};

/// How long a peer may be silent before it is considered gone: the number of heartbeats it may miss, plus five seconds
/// for latency.
const SILENCE_TIMEOUT: Duration =
    Duration::from_millis(limits::HEARTBEAT_INTERVAL_MS as u64 * limits::MAX_MISSED_HEARTBEATS as u64 + 5_000);
/// How long writing a frame may take. After that, the peer is considered too slow.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long closing a socket may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The transport's message size limit, in bytes. It is higher than [`limits::FRAME_BYTES`] so that a slightly oversized
/// frame still gets a close reason. Reading stops at anything larger.
const TRANSPORT_BYTES: usize = 4 * limits::FRAME_BYTES;

/// An engine connection that a socket's task drives.
pub(super) trait FrameHandler: Send {
    /// The type of the frames that the peer sends.
    type Frame: DeserializeOwned + Send;

    /// Handles a frame from the peer.
    fn handle_frame(&mut self, frame: Self::Frame) -> impl Future<Output = Result<(), CloseReason>> + Send;

    /// Waits for the next frame to send, or for a reason to close the socket. This method is cancel safe.
    fn next(&mut self) -> impl Future<Output = Outgoing> + Send;
}

/// The size of a socket's read buffer, in bytes. Most frames are shorter, and thousands of sockets are idle at any
/// time.
const READ_BUFFER_BYTES: usize = 256;

/// Configures small buffers, so that an idle visitor costs only a few kilobytes.
pub(super) fn with_small_buffers(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * limits::QUEUE_BYTES)
        .max_message_size(TRANSPORT_BYTES)
        .max_frame_size(TRANSPORT_BYTES)
}

/// Receives the first frame, which must be a hello and must arrive within the time limit.
pub(super) async fn receive_hello<F: DeserializeOwned>(socket: &mut WebSocket) -> Result<F, SocketEnd> {
    let within = Duration::from_millis(limits::HELLO_TIMEOUT_MS);
    let mut allowance = FrameRateLimit::new(10, 1);
    let bytes = timeout(within, receive(socket, &mut allowance))
        .await
        .map_err(|_| SocketEnd::Closed(CloseReason::NoHello))??;
    codec::decode(&bytes).map_err(|_| {
        SocketEnd::Closed(if is_other_version(&bytes) { CloseReason::Outdated } else { CloseReason::NotAFrame })
    })
}

/// Returns whether this is a hello with a different protocol version. In both protocols, the hello is variant 0 and
/// begins with the version, so it can be recognized even if the rest can no longer be decoded.
fn is_other_version(bytes: &[u8]) -> bool {
    matches!(bytes, [0, version, ..] if u16::from(*version) != VERSION)
}

/// Why a socket closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SocketEnd {
    /// The peer disconnected.
    Disconnected,
    /// The server closed the socket for this reason.
    Closed(CloseReason),
}

/// Relays frames in both directions until one side closes the connection or `until` resolves.
pub(super) async fn relay_frames<S: FrameHandler>(
    socket: &mut WebSocket,
    connection: &mut S,
    mut allowance: FrameRateLimit,
    until: impl Future<Output = CloseReason>,
) -> SocketEnd {
    tokio::pin!(until);
    let mut silent_at = tokio::time::Instant::now() + SILENCE_TIMEOUT;
    loop {
        let (step, over) = tokio::select! {
            close_reason = &mut until => return SocketEnd::Closed(close_reason),
            () = sleep_until(silent_at) => return SocketEnd::Closed(CloseReason::Silent),
            outgoing = connection.next() => match outgoing {
                Outgoing::Frame(frame) => complete_while_watching(until.as_mut(), pin!(send(socket, Message::Binary(frame)))).await,
                Outgoing::Close(close_reason) => return SocketEnd::Closed(close_reason),
            },
            heard = receive(socket, &mut allowance) => match heard {
                Ok(bytes) => {
                    silent_at = tokio::time::Instant::now() + SILENCE_TIMEOUT;
                    complete_while_watching(until.as_mut(), pin!(handle_frame(connection, &bytes))).await
                }
                Err(ended) => return ended,
            },
        };
        if let Some(ended) = step.err().or(over.map(SocketEnd::Closed)) {
            return ended;
        }
    }
}

/// Drives `work` to completion while also polling `until`, and returns the results of both. `until` may be waiting for
/// a scarce resource, such as a store connection. If it were no longer polled after being assigned one, no one could
/// use that connection. With as many such sockets as there are connections, everything would come to a halt.
async fn complete_while_watching<T>(
    mut until: Pin<&mut impl Future<Output = CloseReason>>,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> (T, Option<CloseReason>) {
    let mut over = None;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return (done, over),
            close_reason = &mut until, if over.is_none() => over = Some(close_reason),
        }
    }
}

async fn handle_frame<S: FrameHandler>(connection: &mut S, bytes: &[u8]) -> Result<(), SocketEnd> {
    let frame = codec::decode(bytes).map_err(|_| SocketEnd::Closed(CloseReason::NotAFrame))?;
    connection.handle_frame(frame).await.map_err(SocketEnd::Closed)
}

/// Sends the close reason, both as a frame for the client and as a close code for anyone inspecting the connection.
pub(super) async fn close_socket(
    mut socket: WebSocket,
    ended: SocketEnd,
    close_frame: impl FnOnce(CloseReason) -> Vec<u8>,
) {
    let SocketEnd::Closed(close_reason) = ended else { return };
    let close = CloseFrame { code: close_reason.code(), reason: close_reason.reason().into() };
    let parting = async {
        socket.send(Message::Binary(close_frame(close_reason).into())).await?;
        socket.send(Message::Close(Some(close))).await?;
        // Unread incoming data would make the kernel reset the connection, and the close reason would be lost.
        while let Some(Ok(_)) = socket.recv().await {}
        Ok::<_, axum::Error>(())
    };
    drop(timeout(CLOSE_TIMEOUT, parting).await);
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), SocketEnd> {
    match timeout(WRITE_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(SocketEnd::Disconnected),
        Err(_) => Err(SocketEnd::Closed(CloseReason::TooSlow)),
    }
}

/// Receives the next frame's bytes. Cancel safe, because nothing is consumed until a frame is complete. Pings also
/// count toward the rate limit, because they are answered.
async fn receive(socket: &mut WebSocket, allowance: &mut FrameRateLimit) -> Result<bytes::Bytes, SocketEnd> {
    loop {
        let message = socket.recv().await;
        allowance.take().map_err(SocketEnd::Closed)?;
        return match message {
            Some(Ok(Message::Binary(bytes))) if bytes.len() > limits::FRAME_BYTES => {
                Err(SocketEnd::Closed(CloseReason::TooLarge))
            }
            Some(Ok(Message::Binary(bytes))) => Ok(bytes),
            Some(Ok(Message::Text(_))) => Err(SocketEnd::Closed(CloseReason::NotAFrame)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Close(_))) | None => Err(SocketEnd::Disconnected),
            // This is tungstenite's capacity error. axum does not expose its type.
            Some(Err(error)) if error.to_string().starts_with("Space limit exceeded") => {
                Err(SocketEnd::Closed(CloseReason::TooLarge))
            }
            Some(Err(_)) => Err(SocketEnd::Disconnected),
        };
    }
}

/// A token bucket for a socket's frames. It allows a burst and a steady rate per second.
#[derive(Debug)]
pub(super) struct FrameRateLimit {
    left: f64,
    most: f64,
    per_second: f64,
    at: Instant,
}

impl FrameRateLimit {
    pub(super) fn new(at_once: u32, per_second: u32) -> Self {
        Self { left: at_once.into(), most: at_once.into(), per_second: per_second.into(), at: Instant::now() }
    }

    fn take(&mut self) -> Result<(), CloseReason> {
        self.take_at(Instant::now())
    }

    fn take_at(&mut self, now: Instant) -> Result<(), CloseReason> {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * self.per_second).min(self.most) - 1.0;
        self.at = now;
        if self.left < 0.0 { Err(CloseReason::TooMany { retry_after: 5_000 }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_flood_closes_socket_and_steady_rate_does_not() {
        let start = Instant::now();
        let mut allowance = FrameRateLimit::new(10, 5);
        assert!((0..10).all(|_| allowance.take_at(start).is_ok()));
        assert_eq!(allowance.take_at(start), Err(CloseReason::TooMany { retry_after: 5_000 }));
        let mut allowance = FrameRateLimit::new(10, 5);
        assert!((0..1_000u64).all(|n| allowance.take_at(start + Duration::from_millis(200 * n)).is_ok()));
    }

    /// Regression test: session checks for two hundred dashboards once blocked everything for half a minute.
    #[tokio::test]
    async fn session_check_progresses_while_frame_is_handled() {
        let connections = tokio::sync::Semaphore::new(0);
        let until = async {
            drop(connections.acquire().await);
            std::future::pending().await
        };
        tokio::pin!(until);
        // The session check is waiting for a connection when a frame arrives that needs one too.
        assert!(futures::poll!(&mut until).is_pending());
        let frame = async { connections.acquire().await.is_ok() };
        tokio::pin!(frame);
        let heard = complete_while_watching(until.as_mut(), frame);
        tokio::pin!(heard);
        assert!(futures::poll!(&mut heard).is_pending());
        connections.add_permits(1);
        assert_eq!(timeout(Duration::from_secs(5), heard).await.ok(), Some((true, None)));
    }

    #[tokio::test]
    async fn socket_end_waits_for_frame_in_progress() {
        let until = std::future::ready(CloseReason::SignedOut);
        tokio::pin!(until);
        let frame = async {
            tokio::task::yield_now().await;
            "stored"
        };
        assert_eq!(
            complete_while_watching(until.as_mut(), pin!(frame)).await,
            ("stored", Some(CloseReason::SignedOut))
        );
    }

    #[test]
    fn hello_of_other_version_is_distinguished_from_garbage() {
        assert!(is_other_version(&[0, 2, 9, 9]));
        assert!(!is_other_version(&[0, 1, 9, 9]));
        assert!(!is_other_version(b"{}"));
        assert!(!is_other_version(&[]));
    }
}
