//! The visitor's socket. The first frame identifies the visitor and the page. There is no cookie.

use std::net::SocketAddr;

use axum::{
    extract::{
        ConnectInfo, State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use engine::{ClientInfo, Engine, Outgoing, VisitorConnection};
use protocol::{
    VERSION,
    close_reason::CloseReason,
    codec,
    visitor::{FromVisitor, ToVisitor},
};

use super::{
    ServerState,
    client_identity::client_info,
    error::Failure,
    metrics::{OpenSocket, SocketKind},
    security_headers::header_text,
    socket::{self, FrameHandler, FrameRateLimit, SocketEnd},
    socket_agent::is_own_origin,
};

/// How many frames a tab may send in a burst. A visitor who types, reads and navigates sends fewer.
const FRAME_BURST: u32 = 60;
const FRAMES_PER_SECOND: u32 = 10;

impl FrameHandler for VisitorConnection {
    type Frame = FromVisitor;

    async fn handle_frame(&mut self, frame: FromVisitor) -> Result<(), CloseReason> {
        Box::pin(VisitorConnection::handle_frame(self, frame)).await
    }

    async fn next(&mut self) -> Outgoing {
        VisitorConnection::next(self).await
    }
}

/// `GET /socket/visitor/v1`: opens a visitor's socket.
pub(super) async fn open(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // In a browser, only our own frame opens this socket. Programs that send no Origin are allowed.
    if headers.contains_key(header::ORIGIN) && !is_own_origin(&parts, &headers) {
        return Failure::WRONG_ORIGIN.into_response();
    }
    if let Err(refusal) = parts.limits.try_socket(client.ip()) {
        return Failure::from(refusal).into_response();
    }
    let from = client_info(client.ip(), &headers);
    tracing::trace!(origin = header_text(&headers, &header::ORIGIN), "opening a visitor's socket");
    let ServerState { engine, sockets, metrics, .. } = parts;
    socket::with_small_buffers(upgrade).on_upgrade(move |socket| {
        sockets.track_future(run_socket(engine, from, socket, metrics.open(SocketKind::Visitor)))
    })
}

/// Runs a visitor's socket. The future stays in memory for as long as the tab is open, so large temporaries are boxed.
async fn run_socket(engine: Engine, from: ClientInfo, mut socket: WebSocket, open: OpenSocket) {
    let ended = run_session(&engine, from, &mut socket).await;
    open.record_end(ended);
    tracing::debug!(?ended, "a visitor's socket closed");
    Box::pin(socket::close_socket(socket, ended, |close_reason| codec::encode(&ToVisitor::CloseReason(close_reason))))
        .await;
}

async fn run_session(engine: &Engine, from: ClientInfo, socket: &mut WebSocket) -> SocketEnd {
    let hello = match socket::receive_hello(socket).await {
        Ok(FromVisitor::Hello(hello)) if hello.version == VERSION => hello,
        Ok(FromVisitor::Hello(_)) => return SocketEnd::Closed(CloseReason::Outdated),
        Ok(_) => return SocketEnd::Closed(CloseReason::NoHello),
        Err(ended) => return ended,
    };
    // This is outside of the `match` because the scrutinee would stay alive until the end of the match.
    let arrived = Box::pin(engine.connect_visitor(hello, from)).await;
    match arrived {
        Ok(mut connection) => {
            socket::relay_frames(
                socket,
                &mut connection,
                FrameRateLimit::new(FRAME_BURST, FRAMES_PER_SECOND),
                std::future::pending(),
            )
            .await
        }
        Err(close_reason) => SocketEnd::Closed(close_reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the future's size in bytes. A task keeps its maximum size for its entire lifetime.
    fn bytes_of<A, B, C, D, F>(_task: impl Fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn idle_visitor_socket_task_stays_small() {
        let bytes = bytes_of(run_socket);
        assert!(bytes <= 1_952, "{bytes}");
    }
}
