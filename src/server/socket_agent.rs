//! The agent's socket. The session cookie identifies the agent before the connection is upgraded. Connections from
//! other sites' pages are rejected even if the cookie is valid.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::{
        ConnectInfo, State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use engine::{AgentConnection, Engine, Outgoing, SessionCheck, sessions::Principal};
use protocol::{
    VERSION,
    agent::{FromAgent, ToAgent},
    close_reason::CloseReason,
    codec,
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, timeout_at},
};

use super::{
    ServerState,
    client_identity::{is_own_url, session_token},
    error::Failure,
    metrics::{OpenSocket, SocketKind},
    security_headers::header_text,
    socket::{self, FrameHandler, FrameRateLimit, SocketEnd},
};

/// How often a socket checks its session. A session that has expired or that another process has ended is detected
/// within this time (docs/testing.md, scenario 19).
const SESSION_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// How many frames a dashboard may send in a burst. After a reconnect, a dashboard reopens all its windows and sends
/// everything that was written in the meantime.
const FRAME_BURST: u32 = 120;
const FRAMES_PER_SECOND: u32 = 40;

impl FrameHandler for AgentConnection {
    type Frame = FromAgent;

    async fn handle_frame(&mut self, frame: FromAgent) -> Result<(), CloseReason> {
        Box::pin(AgentConnection::handle_frame(self, frame)).await
    }

    async fn next(&mut self) -> Outgoing {
        AgentConnection::next(self).await
    }
}

/// `GET /socket/agent/v1`: opens an agent's socket.
pub(super) async fn open(
    State(parts): State<ServerState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_origin(&parts, &headers) {
        return Failure::WRONG_ORIGIN.into_response();
    }
    if let Err(refusal) = parts.limits.try_socket(client.ip()) {
        return Failure::from(refusal).into_response();
    }
    let engine = parts.engine.clone();
    let Some(token) = session_token(&parts, &headers) else {
        return Failure::NOT_SIGNED_IN.into_response();
    };
    // Subscribe before reading the session, or a sign-out between the two would be missed.
    let ended = engine.sessions().ended();
    let principal = match engine.sessions().principal(&token, engine.now()).await {
        Ok(Some(principal)) => principal,
        Ok(None) => return Failure::NOT_SIGNED_IN.into_response(),
        Err(refusal) => return Failure::from(refusal).into_response(),
    };
    let signed_in = SignedIn { engine, principal, ended };
    let (sockets, metrics) = (parts.sockets.clone(), parts.metrics.clone());
    socket::with_small_buffers(upgrade)
        .on_upgrade(move |socket| sockets.track_future(run_socket(signed_in, socket, metrics.open(SocketKind::Agent))))
}

/// Returns whether the request's `Origin` is exactly our own.
pub(super) fn is_own_origin(parts: &ServerState, headers: &HeaderMap) -> bool {
    let origin = header_text(headers, &header::ORIGIN).unwrap_or_default();
    is_own_url(parts, headers, origin) && origin.matches('/').count() == 2
}

struct SignedIn {
    engine: Engine,
    principal: Principal,
    ended: Receiver<[u8; 32]>,
}

impl SignedIn {
    /// Resolves when the session has ended, or the agent's role or teams have changed.
    async fn wait_for_sign_out(check: SessionCheck, session: [u8; 32], mut ended: Receiver<[u8; 32]>) -> CloseReason {
        let mut due = Instant::now() + SESSION_CHECK_INTERVAL;
        loop {
            match timeout_at(due, ended.recv()).await {
                Ok(Ok(hash)) if hash == session => return CloseReason::SignedOut,
                // The next check is not postponed, because others may sign out all the time.
                Ok(Ok(_)) => {}
                Ok(Err(RecvError::Closed)) => std::future::pending().await,
                Ok(Err(RecvError::Lagged(_))) | Err(_) => {
                    // A failed database query signs nobody out: a sign-out is reported by the channel above or the next
                    // check.
                    if let Some(close_reason) = check.close_reason().await {
                        return close_reason;
                    }
                    due = Instant::now() + SESSION_CHECK_INTERVAL;
                }
            }
        }
    }
}

async fn run_socket(signed_in: SignedIn, mut socket: WebSocket, open: OpenSocket) {
    let agent = signed_in.principal.agent;
    let ended = run_session(signed_in, &mut socket).await;
    open.record_end(ended);
    tracing::debug!(%agent, ?ended, "an agent's socket closed");
    Box::pin(socket::close_socket(socket, ended, |close_reason| codec::encode(&ToAgent::CloseReason(close_reason))))
        .await;
}

async fn run_session(signed_in: SignedIn, socket: &mut WebSocket) -> SocketEnd {
    let resume = match socket::receive_hello(socket).await {
        Ok(FromAgent::Hello { version: VERSION, resume }) => resume,
        Ok(FromAgent::Hello { .. }) => return SocketEnd::Closed(CloseReason::Outdated),
        Ok(_) => return SocketEnd::Closed(CloseReason::NoHello),
        Err(ended) => return ended,
    };
    let SignedIn { engine, principal, ended } = signed_in;
    let session = principal.session;
    let arrived = Box::pin(engine.connect_agent(principal, resume)).await;
    match arrived {
        Ok(mut connection) => {
            let wait_for_sign_out = SignedIn::wait_for_sign_out(connection.session_check(), session, ended);
            socket::relay_frames(
                socket,
                &mut connection,
                FrameRateLimit::new(FRAME_BURST, FRAMES_PER_SECOND),
                wait_for_sign_out,
            )
            .await
        }
        Err(close_reason) => SocketEnd::Closed(close_reason),
    }
}
