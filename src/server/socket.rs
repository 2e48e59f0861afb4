//! What both sockets have in common: a hello in time, one frame a message, a pulse, and a close reason that says whether to come back.

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

/// Silent for longer than this, and the other side is gone: the beats that may be missed, and five seconds on the way.
const SILENCE_TIMEOUT: Duration =
    Duration::from_millis(limits::HEARTBEAT_INTERVAL_MS as u64 * limits::MAX_MISSED_HEARTBEATS as u64 + 5_000);
/// A frame that cannot be written for so long is not read by anyone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the close may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// What the transport takes at most: what is above [`limits::FRAME_BYTES`] is told so, what is above this is cut off.
const TRANSPORT_BYTES: usize = 4 * limits::FRAME_BYTES;

/// What a socket's task holds in the engine.
pub(super) trait FrameHandler: Send {
    /// What the other side says.
    type Frame: DeserializeOwned + Send;

    /// Takes a frame.
    fn handle_frame(&mut self, frame: Self::Frame) -> impl Future<Output = Result<(), CloseReason>> + Send;

    /// The next thing to send; may be dropped at any time.
    fn next(&mut self) -> impl Future<Output = Outgoing> + Send;
}

/// What a socket reads at once, bytes: most of what comes is shorter, and thousands only wait for it.
const READ_BUFFER_BYTES: usize = 256;

/// Small buffers: a visitor who only looks costs kilobytes.
pub(super) fn with_small_buffers(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * limits::QUEUE_BYTES)
        .max_message_size(TRANSPORT_BYTES)
        .max_frame_size(TRANSPORT_BYTES)
}

/// The first frame, when it comes in time.
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

/// In both conversations the hello is variant 0 and begins with the version, so that one can be told even when the rest of it
/// no longer decodes.
fn is_other_version(bytes: &[u8]) -> bool {
    matches!(bytes, [0, version, ..] if u16::from(*version) != VERSION)
}

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SocketEnd {
    /// The other side went.
    Disconnected,
    /// We end it, and say why.
    Closed(CloseReason),
}

/// Carries frames both ways until one side ends it or `until` does.
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

/// Does the work to its end, and lets `until` go on meanwhile; what either came to. It may wait for something of which there is
/// little, a connection of the store: once it has its turn and is not asked, nobody has it, and when as many sockets do that
/// as there are connections, everybody waits.
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

/// Says why it closes: as a frame, for the program, and as the close code, for whoever looks at the wire.
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
        // What the other side still sends must be read, or the kernel resets the connection and the close reason is lost.
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

/// The next frame's bytes. Safe to drop: nothing is taken before it is whole. A ping is answered, and so it counts as well.
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
            // tungstenite's capacity error; its type is not named by axum.
            Some(Err(error)) if error.to_string().starts_with("Space limit exceeded") => {
                Err(SocketEnd::Closed(CloseReason::TooLarge))
            }
            Some(Err(_)) => Err(SocketEnd::Disconnected),
        };
    }
}

/// How many frames a socket may send: so many at once, so many a second.
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

    /// Two hundred dashboards, whose sessions are looked at, have stopped everything for half a minute.
    #[tokio::test]
    async fn session_check_progresses_while_frame_is_handled() {
        let connections = tokio::sync::Semaphore::new(0);
        let until = async {
            drop(connections.acquire().await);
            std::future::pending().await
        };
        tokio::pin!(until);
        // It stands in the queue, and then a frame comes that needs the same.
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
