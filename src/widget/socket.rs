//! The way to the server: one WebSocket, opened anew with full jitter when it is lost, at once when there is reason to hope.

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
    browser::{Listener, Signal, Target, Timer, listener, random},
    event::Event,
    wire,
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Target)]
    type WebSocket;
    /// None when the browser would not have it; the frame's own script knows why.
    #[wasm_bindgen(js_namespace = jumpin)]
    fn socket(address: &str) -> Option<WebSocket>;
    #[wasm_bindgen(method, setter, js_name = binaryType)]
    fn set_kind(this: &WebSocket, kind: &str);
    #[wasm_bindgen(method, getter, js_name = readyState)]
    fn state(this: &WebSocket) -> u16;
    #[wasm_bindgen(method, js_name = send)]
    fn say(this: &WebSocket, bytes: &[u8]);
    #[wasm_bindgen(method)]
    fn close(this: &WebSocket);

    type Uint8Array;
    #[wasm_bindgen(constructor)]
    fn new(buffer: &JsValue) -> Uint8Array;
    #[wasm_bindgen(method, getter)]
    fn length(this: &Uint8Array) -> usize;
    #[wasm_bindgen(js_namespace = ["Uint8Array", "prototype", "set"], js_name = call)]
    fn copy(into: &mut [u8], from: &Uint8Array);
}

/// `WebSocket.OPEN`; what is less is on the way there.
const OPEN: u16 = 1;

/// The shortest and longest wait before the next try, milliseconds.
const WAIT_MS: (f64, f64) = (500.0, 30_000.0);

/// How long to wait before the next try: anywhere between the shortest wait and one that doubles with each failure.
pub fn backoff(failures: u32, random: f64) -> u32 {
    let longest = (WAIT_MS.0 * f64::from(1_u32 << failures.min(6)) * 2.0).min(WAIT_MS.1);
    (WAIT_MS.0 + random * (longest - WAIT_MS.0)) as u32
}

/// How long to wait when the server said so itself; none: as after any failure, or not at all.
pub fn asked_to_wait(close_reason: CloseReason, random: f64) -> Option<u32> {
    match close_reason {
        CloseReason::Restarting { within } => Some((random * f64::from(within)) as u32),
        CloseReason::TooMany { retry_after } => Some(retry_after + (random * WAIT_MS.0) as u32),
        _ => None,
    }
}

/// The connection.
pub struct Socket {
    address: String,
    dispatch: Dispatch,
    /// Listens to every line in turn; what a former one still says is not heard.
    listener: Listener,
    line: RefCell<Option<WebSocket>>,
    beat: RefCell<Option<Timer>>,
    again: RefCell<Option<Timer>>,
    beat_every: Cell<u32>,
    failures: Cell<u32>,
    silent_beats: Cell<u32>,
    asked_to_wait: Cell<Option<u32>>,
    over: Cell<bool>,
}

impl Socket {
    /// A connection that is not open yet.
    pub fn new(address: String, dispatch: Dispatch) -> &'static Self {
        let here: &'static OnceCell<Self> = Box::leak(Box::default());
        here.get_or_init(|| Self {
            address,
            dispatch,
            listener: listener(Box::new(|signal| {
                if let Some(socket) = here.get() {
                    socket.happened(&signal);
                }
            })),
            line: RefCell::default(),
            beat: RefCell::default(),
            again: RefCell::default(),
            beat_every: Cell::new(limits::BEAT_EVERY_MS),
            failures: Cell::default(),
            silent_beats: Cell::default(),
            asked_to_wait: Cell::default(),
            over: Cell::default(),
        })
    }

    /// Connects now unless it is, or the server asked to wait.
    pub fn wake(&'static self) {
        let line = self.line.borrow().as_ref().is_some_and(|line| line.state() <= OPEN);
        if !line && self.asked_to_wait.get().is_none() {
            self.connect();
        }
    }

    /// Says it, when the line is open; what must arrive is said again by the state after the next welcome.
    pub fn send(&self, frame: &FromVisitor) {
        if let Some(line) = &*self.line.borrow()
            && line.state() == OPEN
        {
            line.say(&wire::write(frame));
        }
    }

    /// Closes and does not come back by itself: the page is going, perhaps into the back/forward cache.
    pub fn rest(&self) {
        self.hang_up();
        self.again.take();
        self.asked_to_wait.set(None);
    }

    fn connect(&'static self) {
        self.hang_up();
        self.again.take();
        self.asked_to_wait.set(None);
        if self.over.get() {
            return;
        }
        let Some(line) = socket(&self.address) else { return self.lost() };
        line.set_kind("arraybuffer");
        for name in ["open", "message", "close"] {
            line.add(name, &self.listener);
        }
        self.silent_beats.set(0);
        self.line.replace(Some(line));
        self.beat_later();
    }

    fn hang_up(&self) {
        self.beat.take();
        if let Some(line) = self.line.take() {
            line.close();
        }
    }

    fn beat_later(&'static self) {
        let beat = || {
            if self.silent_beats.replace(self.silent_beats.get() + 1) >= limits::BEATS_MISSED {
                self.lost();
            } else {
                self.beat_later();
                (self.dispatch)(Event::BeatDue);
            }
        };
        self.beat.replace(Some(Timer::new(self.beat_every.get(), beat)));
    }

    fn happened(&'static self, signal: &Signal) {
        let is_of_this_line = self.line.borrow().as_ref().is_some_and(|line| {
            let (line, target): (&JsValue, JsValue) = (line.as_ref(), signal.target().into());
            *line == target
        });
        if !is_of_this_line {
            return;
        }
        match signal.name().as_str() {
            "open" => (self.dispatch)(Event::Connected),
            "message" => self.handle_frame(&signal.data()),
            _ => self.closed(signal.code()),
        }
    }

    fn handle_frame(&'static self, buffer: &JsValue) {
        self.silent_beats.set(0);
        let from = Uint8Array::new(buffer);
        let mut bytes = vec![0; from.length()];
        copy(&mut bytes, &from);
        let Some(frame) = wire::read(&bytes) else {
            // Another version of the frames: nothing good can come of going on.
            self.over.set(true);
            (self.dispatch)(Event::Heard(ToVisitor::CloseReason(CloseReason::Outdated)));
            return self.lost();
        };
        match &frame {
            ToVisitor::Welcome(welcome) => {
                self.failures.set(0);
                self.beat_every.set(welcome.beat_every.max(1_000));
                self.beat_later();
            }
            ToVisitor::CloseReason(close_reason) => {
                self.over.set(!close_reason.come_back());
                self.asked_to_wait.set(asked_to_wait(*close_reason, random()));
            }
            _ => {}
        }
        (self.dispatch)(Event::Heard(frame));
    }

    /// The close code says the same as the close reason before it, which may not have come through.
    fn closed(&'static self, code: u16) {
        if code >= 4500 && !self.over.replace(true) {
            let outdated = [CloseReason::NotAFrame, CloseReason::Outdated]
                .into_iter()
                .find(|close_reason| close_reason.code() == code);
            let close_reason = outdated.unwrap_or(CloseReason::NoSuchConcierge);
            (self.dispatch)(Event::Heard(ToVisitor::CloseReason(close_reason)));
        }
        self.lost();
    }

    fn lost(&'static self) {
        self.hang_up();
        if !self.over.get() {
            let failures = self.failures.replace(self.failures.get() + 1);
            let wait = self.asked_to_wait.get().unwrap_or_else(|| backoff(failures, random()));
            self.again.replace(Some(Timer::new(wait, || self.connect())));
        }
        (self.dispatch)(Event::Lost);
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
    fn the_server_spreads_who_comes_back() {
        assert_eq!(asked_to_wait(CloseReason::Restarting { within: 3_000 }, 0.5), Some(1_500));
        assert_eq!(asked_to_wait(CloseReason::TooMany { retry_after: 4_000 }, 0.0), Some(4_000));
        assert_eq!(asked_to_wait(CloseReason::TooSlow, 0.5), None);
    }
}
