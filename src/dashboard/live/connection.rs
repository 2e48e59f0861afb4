//! The WebSocket, its heartbeats, and reconnection.

use std::time::Duration;

use leptos::{leptos_dom::helpers::*, prelude::*};
use protocol::{
    VERSION,
    agent::{FromAgent, ToAgent},
    close_reason::CloseReason,
    codec,
    limits::{HEARTBEAT_INTERVAL_MS, MAX_MISSED_HEARTBEATS},
    refusal::Refusal,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::{Live, backoff};
use crate::dashboard::{api, app_state::Link, clock, outbox};

/// The socket, and its timers and listeners.
#[derive(Default)]
pub(super) struct Connection {
    socket: Option<WebSocket>,
    listeners: Option<SocketListeners>,
    joined: bool,
    welcomed_at: Option<i64>,
    /// How many attempts in a row have failed.
    attempt: u32,
    last_received_at: i64,
    close_reason: Option<CloseReason>,
    retry: Option<TimeoutHandle>,
    beat: Option<IntervalHandle>,
    tick: Option<IntervalHandle>,
    windows: Vec<WindowListenerHandle>,
}

/// A socket's event handlers, which must outlive it.
struct SocketListeners {
    open: Closure<dyn FnMut(Event)>,
    message: Closure<dyn FnMut(MessageEvent)>,
    close: Closure<dyn FnMut(CloseEvent)>,
}

impl Live {
    /// Connects, and keeps reconnecting until [`Live::leave`] is called. Must only be called once, in the browser.
    pub fn connect(&self) {
        let live = *self;
        self.app.outbox.set(outbox::load_pending(self.app.me));
        let second = move || {
            live.app.tick();
            // If the agent is hovering over a notice or has focused one, they are probably still reading it.
            let is_held =
                || document().query_selector(".notices:is(:hover, :focus-within)").is_ok_and(|held| held.is_some());
            if !document().hidden() && !is_held() {
                live.app.age_notices();
            }
        };
        let tick = set_interval_with_handle(second, Duration::from_secs(1)).ok();
        let every = Duration::from_millis(HEARTBEAT_INTERVAL_MS.into());
        let beat = set_interval_with_handle(move || live.beat(), every).ok();
        let windows = ["online", "focus", "visibilitychange", "pageshow"]
            .map(|name| window_event_listener_untyped(name, move |_| live.handle_wake()));
        let hands = ["pointermove", "pointerdown", "keydown"]
            .map(|name| window_event_listener_untyped(name, move |_| live.moved()));
        self.connection.update_value(|connection| {
            connection.tick = tick;
            connection.beat = beat;
            connection.windows = windows.into_iter().chain(hands).collect();
        });
        self.open_socket();
    }

    /// Reconnects immediately and resets the backoff.
    pub fn retry_now(&self) {
        self.connection.update_value(|connection| connection.attempt = 0);
        self.open_socket();
    }

    /// Closes the connection and removes all timers and listeners. Called when leaving the dashboard.
    pub fn leave(&self) {
        self.connection.try_update_value(|connection| {
            close_socket(connection);
            [connection.tick.take(), connection.beat.take()].into_iter().flatten().for_each(|handle| handle.clear());
            connection.windows.drain(..).for_each(WindowListenerHandle::remove);
        });
    }

    pub(super) fn send(&self, frame: &FromAgent) {
        self.connection.try_with_value(|connection| {
            if connection.joined {
                transmit(connection, frame);
            }
        });
    }

    fn open_socket(&self) {
        let live = *self;
        if self.connection.try_update_value(close_socket).is_none() {
            return;
        }
        if self.app.link.get_untracked() != Link::Connecting {
            self.app.link.set(Link::Retrying);
        }
        let location = window().location();
        let (Ok(protocol), Ok(host)) = (location.protocol(), location.host()) else { return };
        let scheme = if protocol == "https:" { "wss" } else { "ws" };
        let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}/socket/agent/v{VERSION}")) else {
            return self.handle_disconnect(None);
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listeners = SocketListeners {
            open: Closure::new(move |_: Event| live.send_hello()),
            message: Closure::new(move |event: MessageEvent| live.handle_message(&event)),
            close: Closure::new(move |event: CloseEvent| live.handle_disconnect(Some(event.code()))),
        };
        socket.set_onopen(Some(listeners.open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(listeners.message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(listeners.close.as_ref().unchecked_ref()));
        self.connection.update_value(|connection| {
            connection.socket = Some(socket);
            connection.listeners = Some(listeners);
            connection.last_received_at = clock::browser_now();
        });
    }

    fn send_hello(&self) {
        self.app.forget_parts();
        let hello = FromAgent::Hello { version: VERSION, resume: self.app.resume() };
        self.connection.try_with_value(|connection| transmit(connection, &hello));
    }

    fn handle_message(&self, event: &MessageEvent) {
        let Ok(buffer) = event.data().dyn_into::<js_sys::ArrayBuffer>() else { return };
        let Ok(frame) = codec::decode::<ToAgent>(&js_sys::Uint8Array::new(&buffer).to_vec()) else {
            // The server uses a different protocol version, so the page must be reloaded.
            return self.close_for_good(CloseReason::Outdated);
        };
        let alive = self.connection.try_update_value(|connection| {
            connection.last_received_at = clock::browser_now();
            match &frame {
                ToAgent::Welcome { .. } => {
                    connection.joined = true;
                    connection.welcomed_at.get_or_insert_with(clock::browser_now);
                }
                ToAgent::CloseReason(close_reason) => connection.close_reason = Some(*close_reason),
                _ => {}
            }
        });
        if alive.is_some() {
            for answer in self.app.handle_frame(frame) {
                self.send(&answer);
            }
        }
    }

    fn handle_disconnect(&self, code: Option<u16>) {
        let Some(close_reason) = self.connection.try_update_value(|connection| connection.close_reason.take()) else {
            return;
        };
        match close_reason {
            Some(close_reason) if !close_reason.may_reconnect() => return self.close_for_good(close_reason),
            None if code == Some(CloseReason::SignedOut.code()) => return self.close_for_good(CloseReason::SignedOut),
            None if code == Some(CloseReason::Outdated.code()) => return self.close_for_good(CloseReason::Outdated),
            None if code.is_some_and(|code| (4500..5000).contains(&code)) => {
                return self.close_for_good(CloseReason::NotAFrame);
            }
            _ => {}
        }
        let (attempt, joined) = self.connection.with_value(|connection| (connection.attempt, connection.joined));
        if !joined && attempt % 4 == 1 {
            self.ask_who_i_am();
        }
        let lived = self.connection.with_value(|connection| connection.welcomed_at);
        let failures = backoff::failures_after(attempt, lived.map(|since| clock::browser_now() - since));
        let wait = match close_reason {
            Some(CloseReason::Restarting { within }) => clock::random_fraction() * f64::from(within),
            Some(CloseReason::TooMany { retry_after }) => {
                backoff::requested_delay(retry_after, clock::random_fraction())
            }
            _ => backoff::delay(failures.saturating_sub(1), clock::random_fraction()),
        };
        let live = *self;
        let retry = set_timeout_with_handle(move || live.open_socket(), Duration::from_millis(wait as u64)).ok();
        self.connection.update_value(|connection| {
            close_socket(connection);
            connection.attempt = failures;
            connection.retry = retry;
        });
        self.app.link.set(Link::Down { retry_at: clock::browser_now() + wait as i64 });
    }

    // The browser doesn't report why an upgrade was rejected. The session may have ended.
    fn ask_who_i_am(&self) {
        let live = *self;
        leptos::task::spawn_local(async move {
            if api::who_am_i().await.is_err_and(|error| error.refusal == Refusal::NotSignedIn) {
                live.close_for_good(CloseReason::SignedOut);
            }
        });
    }

    fn close_for_good(&self, close_reason: CloseReason) {
        self.connection.try_update_value(close_socket);
        self.app.link.set(Link::Closed(close_reason));
        if close_reason == CloseReason::SignedOut {
            // This must be a full page load so that none of the previous agent's data stays on the screen.
            let _ = window().location().set_href("/sign-in");
        }
    }

    fn beat(&self) {
        let (open, silent) =
            self.connection.with_value(|connection| (connection.socket.is_some(), is_silent(connection)));
        match (open, silent) {
            (true, true) => self.handle_disconnect(None),
            (true, false) => self.send(&FromAgent::Heartbeat),
            (false, _) => {}
        }
    }

    // Called when the computer has woken up, the network is back, or the tab has become visible again.
    fn handle_wake(&self) {
        if document().hidden() {
            return;
        }
        match self.app.link.try_get_untracked() {
            Some(Link::Down { .. }) => self.retry_now(),
            Some(Link::Up) => self.beat(),
            _ => {}
        }
    }
}

fn is_silent(connection: &Connection) -> bool {
    clock::browser_now() - connection.last_received_at
        > i64::from(HEARTBEAT_INTERVAL_MS * MAX_MISSED_HEARTBEATS + 2_000)
}

fn transmit(connection: &Connection, frame: &FromAgent) {
    if let Some(socket) = connection.socket.as_ref().filter(|socket| socket.ready_state() == WebSocket::OPEN) {
        // If sending fails, the socket is about to close, and important frames will be resent after reconnecting.
        let _ = socket.send_with_u8_array(&codec::encode(frame));
    }
}

fn close_socket(connection: &mut Connection) {
    if let Some(socket) = connection.socket.take() {
        socket.set_onopen(None);
        socket.set_onmessage(None);
        socket.set_onclose(None);
        let _ = socket.close();
    }
    // The listeners are kept until the next socket is opened, because one of them may be running right now.
    if let Some(retry) = connection.retry.take() {
        retry.clear();
    }
    connection.joined = false;
    connection.welcomed_at = None;
}
