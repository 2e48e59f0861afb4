//! The way to the server: one WebSocket, opened anew with full jitter when it is lost, at once when there is reason to hope.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use gloo_timers::callback::{Interval, Timeout};
use protocol::{
    codec,
    goodbye::Goodbye,
    limits,
    visitor::{FromVisitor, ToVisitor},
};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use crate::{Dispatch, Listener, later, listener, state::Event};

/// The shortest and longest wait before the next try, milliseconds.
const WAIT_MS: (f64, f64) = (500.0, 30_000.0);

/// How long to wait before the next try: anywhere between the shortest wait and one that doubles with each failure.
pub fn backoff(failures: u32, random: f64) -> u32 {
    let longest = (WAIT_MS.0 * f64::from(1_u32 << failures.min(6)) * 2.0).min(WAIT_MS.1);
    (WAIT_MS.0 + random * (longest - WAIT_MS.0)) as u32
}

/// How long to wait when the server said so itself; none: as after any failure, or not at all.
pub fn asked_to_wait(goodbye: Goodbye, random: f64) -> Option<u32> {
    match goodbye {
        Goodbye::Restarting { within } => Some((random * f64::from(within)) as u32),
        Goodbye::TooMany { retry_after } => Some(retry_after + (random * WAIT_MS.0) as u32),
        _ => None,
    }
}

/// The connection.
pub struct Socket(Rc<Inner>);

struct Inner {
    me: Weak<Inner>,
    address: String,
    dispatch: Dispatch,
    line: RefCell<Option<Line>>,
    beat: RefCell<Option<Interval>>,
    again: RefCell<Option<Timeout>>,
    failures: Cell<u32>,
    silent_beats: Cell<u32>,
    asked_to_wait: Cell<Option<u32>>,
    over: Cell<bool>,
}

struct Line {
    web: WebSocket,
    _open: Listener,
    _message: Listener,
    _close: Listener,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.web.set_onopen(None);
        self.web.set_onmessage(None);
        self.web.set_onclose(None);
        drop(self.web.close());
    }
}

impl Socket {
    /// A connection that is not open yet.
    pub fn new(address: String, dispatch: Dispatch) -> Self {
        Self(Rc::new_cyclic(|me| Inner {
            me: me.clone(),
            address,
            dispatch,
            line: RefCell::default(),
            beat: RefCell::default(),
            again: RefCell::default(),
            failures: Cell::default(),
            silent_beats: Cell::default(),
            asked_to_wait: Cell::default(),
            over: Cell::default(),
        }))
    }

    /// Connects now unless it is, or the server asked to wait.
    pub fn wake(&self) {
        let line = self.0.line.borrow().as_ref().is_some_and(|line| line.web.ready_state() <= WebSocket::OPEN);
        if !line && self.0.asked_to_wait.get().is_none() {
            self.0.connect();
        }
    }

    /// Says it, when the line is open; what must arrive is said again by the state after the next welcome.
    pub fn send(&self, frame: &FromVisitor) {
        if let Some(line) = &*self.0.line.borrow()
            && line.web.ready_state() == WebSocket::OPEN
        {
            drop(line.web.send_with_u8_array(&codec::encode(frame)));
        }
    }

    /// Closes and does not come back by itself: the page is going, perhaps into the back/forward cache.
    pub fn rest(&self) {
        self.0.again.take();
        self.0.asked_to_wait.set(None);
        self.0.beat.take();
        self.0.line.take();
    }
}

impl Inner {
    fn connect(&self) {
        self.again.take();
        self.line.take();
        self.asked_to_wait.set(None);
        if self.over.get() {
            return;
        }
        let Ok(web) = WebSocket::new(&self.address) else { return self.lost() };
        web.set_binary_type(BinaryType::Arraybuffer);
        let (open, message, close) = (self.me.clone(), self.me.clone(), self.me.clone());
        let line = Line {
            _open: listener(Box::new(move |_| {
                if let Some(inner) = open.upgrade() {
                    (inner.dispatch)(Event::Connected);
                }
            })),
            _message: listener(Box::new(move |event| {
                if let Some(inner) = message.upgrade() {
                    inner.hear(event.unchecked_ref());
                }
            })),
            _close: listener(Box::new(move |event| {
                if let Some(inner) = close.upgrade() {
                    inner.closed(event.unchecked_into::<CloseEvent>().code());
                }
            })),
            web,
        };
        line.web.set_onopen(Some(line._open.as_ref().unchecked_ref()));
        line.web.set_onmessage(Some(line._message.as_ref().unchecked_ref()));
        line.web.set_onclose(Some(line._close.as_ref().unchecked_ref()));
        self.silent_beats.set(0);
        self.line.replace(Some(line));
        self.beat_every(limits::BEAT_EVERY_MS);
    }

    fn beat_every(&self, period: u32) {
        let me = self.me.clone();
        let beat = move || {
            let Some(inner) = me.upgrade() else { return };
            if inner.silent_beats.replace(inner.silent_beats.get() + 1) >= limits::BEATS_MISSED {
                inner.lost();
            } else {
                (inner.dispatch)(Event::BeatDue);
            }
        };
        self.beat.replace(Some(Interval::new(period.max(1_000), beat)));
    }

    fn hear(&self, event: &MessageEvent) {
        self.silent_beats.set(0);
        let bytes = js_sys::Uint8Array::new(&event.data()).to_vec();
        let Ok(frame) = codec::decode::<ToVisitor>(&bytes) else {
            // Another version of the frames: nothing good can come of going on.
            self.over.set(true);
            (self.dispatch)(Event::Heard(ToVisitor::Goodbye(Goodbye::Outdated)));
            return self.lost();
        };
        match &frame {
            ToVisitor::Welcome(welcome) => {
                self.failures.set(0);
                self.beat_every(welcome.beat_every);
            }
            ToVisitor::Goodbye(goodbye) => {
                self.over.set(!goodbye.come_back());
                self.asked_to_wait.set(asked_to_wait(*goodbye, js_sys::Math::random()));
            }
            _ => {}
        }
        (self.dispatch)(Event::Heard(frame));
    }

    /// The close code says the same as the goodbye before it, which may not have come through.
    fn closed(&self, code: u16) {
        if code >= 4500 && !self.over.replace(true) {
            let outdated = [Goodbye::NotAFrame, Goodbye::Outdated].into_iter().find(|goodbye| goodbye.code() == code);
            let goodbye = outdated.unwrap_or(Goodbye::NoSuchConcierge);
            (self.dispatch)(Event::Heard(ToVisitor::Goodbye(goodbye)));
        }
        self.lost();
    }

    fn lost(&self) {
        self.beat.take();
        // A line that is silent, not closed, must not report its end later.
        if let Some(line) = &*self.line.borrow() {
            line.web.set_onclose(None);
            drop(line.web.close());
        }
        if !self.over.get() {
            let failures = self.failures.replace(self.failures.get() + 1);
            let wait = self.asked_to_wait.get().unwrap_or_else(|| backoff(failures, js_sys::Math::random()));
            let me = self.me.clone();
            let again = move || {
                if let Some(inner) = me.upgrade() {
                    inner.connect();
                }
            };
            self.again.replace(Some(later(wait, Box::new(again))));
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
        assert_eq!(asked_to_wait(Goodbye::Restarting { within: 3_000 }, 0.5), Some(1_500));
        assert_eq!(asked_to_wait(Goodbye::TooMany { retry_after: 4_000 }, 0.0), Some(4_000));
        assert_eq!(asked_to_wait(Goodbye::TooSlow, 0.5), None);
    }
}
