//! The visitor's socket. The first frame says who and where; there is no cookie.

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
    Parts,
    client_identity::caller,
    error::Failure,
    headers::header_text,
    metrics::{Kind, Open},
    socket::{self, Allowance, Ended, FrameHandler},
    socket_agent::is_own_origin,
};

/// What a tab may say: somebody who types, reads and goes from page to page says less.
const FRAMES_AT_ONCE: u32 = 60;
const FRAMES_A_SECOND: u32 = 10;

impl FrameHandler for VisitorConnection {
    type Frame = FromVisitor;

    async fn handle_frame(&mut self, frame: FromVisitor) -> Result<(), CloseReason> {
        Box::pin(VisitorConnection::handle_frame(self, frame)).await
    }

    async fn next(&mut self) -> Outgoing {
        VisitorConnection::next(self).await
    }
}

/// `GET /socket/visitor/v1`
pub(super) async fn open(
    State(parts): State<Parts>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // The socket is opened by our own frame; another page has no business here. Programs without an Origin may try.
    if headers.contains_key(header::ORIGIN) && !is_own_origin(&parts, &headers) {
        return Failure::WRONG_ORIGIN.into_response();
    }
    if let Err(failure) = parts.limits.socket(client.ip()) {
        return failure.into_response();
    }
    let from = caller(client.ip(), &headers);
    tracing::trace!(origin = header_text(&headers, &header::ORIGIN), "a visitor's socket");
    let Parts { engine, sockets, metrics, .. } = parts;
    socket::modest(upgrade)
        .on_upgrade(move |socket| sockets.track_future(attend(engine, from, socket, metrics.open(Kind::Visitor))))
}

/// As long as the tab is open this is held in memory, all of it: what takes much room for a moment has a box of its own.
async fn attend(engine: Engine, from: ClientInfo, mut socket: WebSocket, open: Open) {
    let ended = conversation(&engine, from, &mut socket).await;
    open.ends(ended);
    tracing::debug!(?ended, "a visitor's socket ended");
    Box::pin(socket::part(socket, ended, |close_reason| codec::encode(&ToVisitor::CloseReason(close_reason)))).await;
}

async fn conversation(engine: &Engine, from: ClientInfo, socket: &mut WebSocket) -> Ended {
    let hello = match socket::hello(socket).await {
        Ok(FromVisitor::Hello(hello)) if hello.version == VERSION => hello,
        Ok(FromVisitor::Hello(_)) => return Ended::Told(CloseReason::Outdated),
        Ok(_) => return Ended::Told(CloseReason::NoHello),
        Err(ended) => return ended,
    };
    // Not within the `match`, or it would be held to the end of that.
    let arrived = Box::pin(engine.visitor_arrives(hello, from)).await;
    match arrived {
        Ok(mut connection) => {
            socket::converse(
                socket,
                &mut connection,
                Allowance::new(FRAMES_AT_ONCE, FRAMES_A_SECOND),
                std::future::pending(),
            )
            .await
        }
        Err(close_reason) => Ended::Told(close_reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a task of this holds: it is as large as it ever gets, for as long as it lasts.
    fn bytes_of<A, B, C, D, F>(_task: impl Fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_tab_that_only_stands_there_holds_little() {
        let bytes = bytes_of(attend);
        assert!(bytes <= 1_952, "{bytes}");
    }
}
