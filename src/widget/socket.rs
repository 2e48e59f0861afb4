//! The connection to the server, a single WebSocket. A lost connection is reopened after a delay with full jitter, or
//! immediately when the tab becomes visible or the browser comes back online.

use alloc::{boxed::Box, string::String, vec};
use core::cell::{Cell, OnceCell, RefCell};

use protocol::{
    close_reason::CloseReason,
    limits,
    visitor::{FromVisitor, ToVisitor},
};
use wasm_bindgen::prelude::*;

use crate::{
    Dispatch,
    browser::{DomEvent, Listener, Target, Timer, listener, random},
    event::Event,
    wire,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Target)]
    type WebSocket;
    /// Opens a WebSocket. Returns `None` if the browser throws an exception, which `boot.js` catches.
    #[wasm_bindgen(js_namespace = jumpin)]
    fn socket(address: &str) -> Option<WebSocket>;
    #[wasm_bindgen(method, setter, js_name = binaryType)]
    fn set_kind(this: &WebSocket, kind: &str);
    #[wasm_bindgen(method, getter, js_name = readyState)]
    fn state(this: &WebSocket) -> u16;
    #[wasm_bindgen(method, js_name = send)]
    fn send_bytes(this: &WebSocket, bytes: &[u8]);
    #[wasm_bindgen(method)]
    fn close(this: &WebSocket);

    /// Tells `boot.js` that the server has responded, so that it does not offer the message form over plain HTTP.
    #[wasm_bindgen(js_namespace = jumpin)]
    fn online();

    type Uint8Array;
    #[wasm_bindgen(constructor)]
    fn new(buffer: &JsValue) -> Uint8Array;
    #[wasm_bindgen(method, getter)]
    fn length(this: &Uint8Array) -> usize;
    #[wasm_bindgen(js_namespace = ["Uint8Array", "prototype", "set"], js_name = call)]
    fn copy(into: &mut [u8], from: &Uint8Array);
}

/// `WebSocket.OPEN`. The only smaller value is `CONNECTING`.
const OPEN: u16 = 1;

/// The shortest and longest delays before a reconnect, in milliseconds.
const WAIT_MS: (f64, f64) = (500.0, 30_000.0);

/// Returns the delay before the next connection attempt, in milliseconds. The delay is a random value between the
/// shortest delay and an upper bound that doubles with each failure. `random` must be in the range 0..1.
pub fn backoff(failures: u32, random: f64) -> u32 {
    let longest = (WAIT_MS.0 * f64::from(1_u32 << failures.min(6)) * 2.0).min(WAIT_MS.1);
    (WAIT_MS.0 + random * (longest - WAIT_MS.0)) as u32
}

/// Returns the delay that the server requested, in milliseconds, or `None` if it did not request one.
pub fn requested_delay(close_reason: CloseReason, random: f64) -> Option<u32> {
    match close_reason {
        CloseReason::Restarting { within } => Some((random * f64::from(within)) as u32),
        CloseReason::TooMany { retry_after } => Some(retry_after + (random * WAIT_MS.0) as u32),
        _ => None,
    }
}

/// The connection to the server.
pub struct Socket {
    address: String,
    dispatch: Dispatch,
    /// Attached to each WebSocket in turn. Events from earlier ones are ignored.
    listener: Listener,
    websocket: RefCell<Option<WebSocket>>,
    beat: RefCell<Option<Timer>>,
    retry: RefCell<Option<Timer>>,
    heartbeat_interval: Cell<u32>,
    failures: Cell<u32>,
    silent_beats: Cell<u32>,
    requested_delay: Cell<Option<u32>>,
    is_stopped: Cell<bool>,
}

impl Socket {
    /// Creates a connection without opening it.
    pub fn new(address: String, dispatch: Dispatch) -> &'static Self {
        let here: &'static OnceCell<Self> = Box::leak(Box::default());
        here.get_or_init(|| Self {
            address,
            dispatch,
            listener: listener(Box::new(|dom_event| {
                if let Some(socket) = here.get() {
                    socket.handle_event(&dom_event);
                }
            })),
            websocket: RefCell::default(),
            beat: RefCell::default(),
            retry: RefCell::default(),
            heartbeat_interval: Cell::new(limits::HEARTBEAT_INTERVAL_MS),
            failures: Cell::default(),
            silent_beats: Cell::default(),
            requested_delay: Cell::default(),
            is_stopped: Cell::default(),
        })
    }

    /// Connects now, unless a connection is already open or opening, or the server has requested a delay.
    pub fn wake(&'static self) {
        let websocket = self.websocket.borrow().as_ref().is_some_and(|websocket| websocket.state() <= OPEN);
        if !websocket && self.requested_delay.get().is_none() {
            self.connect();
        }
    }

    /// Sends a frame if the socket is open; otherwise, drops it. After the next welcome frame, the state resends
    /// anything that must not be lost.
    pub fn send(&self, frame: &FromVisitor) {
        if let Some(websocket) = &*self.websocket.borrow()
            && websocket.state() == OPEN
        {
            websocket.send_bytes(&wire::write(frame));
        }
    }

    /// Closes the socket without reconnecting. Called when the page is unloading or entering the back/forward cache.
    pub fn suspend(&self) {
        self.close_socket();
        self.retry.take();
        self.requested_delay.set(None);
    }

    fn connect(&'static self) {
        self.close_socket();
        self.retry.take();
        self.requested_delay.set(None);
        if self.is_stopped.get() {
            return;
        }
        let Some(websocket) = socket(&self.address) else { return self.handle_disconnect() };
        websocket.set_kind("arraybuffer");
        for name in ["open", "message", "close"] {
            websocket.add(name, &self.listener);
        }
        self.silent_beats.set(0);
        self.websocket.replace(Some(websocket));
        self.schedule_beat();
    }

    fn close_socket(&self) {
        self.beat.take();
        if let Some(websocket) = self.websocket.take() {
            websocket.close();
        }
    }

    fn schedule_beat(&'static self) {
        let beat = || {
            if self.silent_beats.replace(self.silent_beats.get() + 1) >= limits::MAX_MISSED_HEARTBEATS {
                self.handle_disconnect();
            } else {
                self.schedule_beat();
                (self.dispatch)(Event::BeatDue);
            }
        };
        self.beat.replace(Some(Timer::new(self.heartbeat_interval.get(), beat)));
    }

    fn handle_event(&'static self, dom_event: &DomEvent) {
        let is_current = self.websocket.borrow().as_ref().is_some_and(|websocket| {
            let (websocket, target): (&JsValue, JsValue) = (websocket.as_ref(), dom_event.target().into());
            *websocket == target
        });
        if !is_current {
            return;
        }
        match dom_event.name().as_str() {
            "open" => (self.dispatch)(Event::Connected),
            "message" => self.handle_frame(&dom_event.data()),
            _ => self.handle_close(dom_event.code()),
        }
    }

    fn handle_frame(&'static self, buffer: &JsValue) {
        self.silent_beats.set(0);
        let from = Uint8Array::new(buffer);
        let mut bytes = vec![0; from.length()];
        copy(&mut bytes, &from);
        let Some(frame) = wire::read(&bytes) else {
            // The server uses a different protocol version, so the widget cannot continue.
            self.is_stopped.set(true);
            (self.dispatch)(Event::FrameReceived(ToVisitor::CloseReason(CloseReason::Outdated)));
            return self.handle_disconnect();
        };
        match &frame {
            ToVisitor::Welcome(welcome) => {
                online();
                self.heartbeat_interval.set(welcome.heartbeat_interval.max(1_000));
                self.schedule_beat();
            }
            // The first one comes when the connection has lived for a while. A welcome alone does not end a series of
            // failures, because the server may close the socket right after it.
            ToVisitor::Heartbeat { .. } => self.failures.set(0),
            ToVisitor::CloseReason(close_reason) => {
                self.is_stopped.set(!close_reason.may_reconnect());
                self.requested_delay.set(requested_delay(*close_reason, random()));
            }
            _ => {}
        }
        (self.dispatch)(Event::FrameReceived(frame));
    }

    /// Derives the close reason from the close code, in case the frame with the reason did not arrive.
    fn handle_close(&'static self, code: u16) {
        if code >= 4500 && !self.is_stopped.replace(true) {
            let outdated = [CloseReason::NotAFrame, CloseReason::Outdated]
                .into_iter()
                .find(|close_reason| close_reason.code() == code);
            let close_reason = outdated.unwrap_or(CloseReason::NoSuchConcierge);
            (self.dispatch)(Event::FrameReceived(ToVisitor::CloseReason(close_reason)));
        }
        self.handle_disconnect();
    }

    fn handle_disconnect(&'static self) {
        self.close_socket();
        if !self.is_stopped.get() {
            let failures = self.failures.replace(self.failures.get() + 1);
            let wait = self.requested_delay.get().unwrap_or_else(|| backoff(failures, random()));
            self.retry.replace(Some(Timer::new(wait, || self.connect())));
        }
        (self.dispatch)(Event::Disconnected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_jitter_within_half_a_second_and_half_a_minute() {
        for failures in 0..40 {
            assert_eq!(backoff(failures, 0.0), 500);
            assert!((500..=30_000).contains(&backoff(failures, 0.999)));
        }
        assert!(backoff(0, 0.999) <= 1_000);
        assert!(backoff(20, 0.999) > 29_000);
    }

    #[test]
    fn delay_requested_by_the_server_is_spread() {
        assert_eq!(requested_delay(CloseReason::Restarting { within: 3_000 }, 0.5), Some(1_500));
        assert_eq!(requested_delay(CloseReason::TooMany { retry_after: 4_000 }, 0.0), Some(4_000));
        assert_eq!(requested_delay(CloseReason::TooSlow, 0.5), None);
    }
}
