//! The wire: one WebSocket, its beats, and the tries to have it back.

use std::time::Duration;

use leptos::{leptos_dom::helpers::*, prelude::*};
use protocol::{
    VERSION,
    agent::{FromAgent, ToAgent},
    close_reason::CloseReason,
    codec,
    limits::{BEAT_EVERY_MS, BEATS_MISSED},
    refusal::Refusal,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::Live;
use crate::dashboard::{api, app_state::Link, clock, outbox};

const SHORTEST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 30_000.0;

/// The socket and what keeps it.
#[derive(Default)]
pub(super) struct Wire {
    socket: Option<WebSocket>,
    ears: Option<Ears>,
    joined: bool,
    attempt: u32,
    heard_at: i64,
    close_reason: Option<CloseReason>,
    retry: Option<TimeoutHandle>,
    beat: Option<IntervalHandle>,
    tick: Option<IntervalHandle>,
    windows: Vec<WindowListenerHandle>,
}

/// What listens to a socket, and must live as long as it.
struct Ears {
    open: Closure<dyn FnMut(Event)>,
    message: Closure<dyn FnMut(MessageEvent)>,
    close: Closure<dyn FnMut(CloseEvent)>,
}

impl Live {
    /// Connects, and stays so until [`Live::leave`]. To be called once, in the browser.
    pub fn connect(&self) {
        let live = *self;
        self.app.outbox.set(outbox::kept(self.app.me));
        let second = move || {
            live.app.tick();
            // Who points at a notice, or is in it by the keyboard, is reading.
            let is_held =
                || document().query_selector(".notices:is(:hover, :focus-within)").is_ok_and(|held| held.is_some());
            if !document().hidden() && !is_held() {
                live.app.notices_were_seen();
            }
        };
        let tick = set_interval_with_handle(second, Duration::from_secs(1)).ok();
        let every = Duration::from_millis(BEAT_EVERY_MS.into());
        let beat = set_interval_with_handle(move || live.beat(), every).ok();
        let windows = ["online", "focus", "visibilitychange", "pageshow"]
            .map(|name| window_event_listener_untyped(name, move |_| live.woken()));
        let hands = ["pointermove", "pointerdown", "keydown"]
            .map(|name| window_event_listener_untyped(name, move |_| live.moved()));
        self.wire.update_value(|wire| {
            wire.tick = tick;
            wire.beat = beat;
            wire.windows = windows.into_iter().chain(hands).collect();
        });
        self.dial();
    }

    /// The agent does not want to wait.
    pub fn retry_now(&self) {
        self.wire.update_value(|wire| wire.attempt = 0);
        self.dial();
    }

    /// The page is left.
    pub fn leave(&self) {
        self.wire.try_update_value(|wire| {
            hang_up(wire);
            [wire.tick.take(), wire.beat.take()].into_iter().flatten().for_each(|handle| handle.clear());
            wire.windows.drain(..).for_each(WindowListenerHandle::remove);
        });
    }

    pub(super) fn send(&self, frame: &FromAgent) {
        self.wire.try_with_value(|wire| {
            if wire.joined {
                transmit(wire, frame);
            }
        });
    }

    fn dial(&self) {
        let live = *self;
        if self.wire.try_update_value(hang_up).is_none() {
            return;
        }
        if self.app.link.get_untracked() != Link::Beginning {
            self.app.link.set(Link::Retrying);
        }
        let location = window().location();
        let (Ok(protocol), Ok(host)) = (location.protocol(), location.host()) else { return };
        let scheme = if protocol == "https:" { "wss" } else { "ws" };
        let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}/socket/agent/v{VERSION}")) else {
            return self.lost(None);
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let ears = Ears {
            open: Closure::new(move |_: Event| live.opened()),
            message: Closure::new(move |event: MessageEvent| live.heard(&event)),
            close: Closure::new(move |event: CloseEvent| live.lost(Some(event.code()))),
        };
        socket.set_onopen(Some(ears.open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(ears.message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(ears.close.as_ref().unchecked_ref()));
        self.wire.update_value(|wire| {
            wire.socket = Some(socket);
            wire.ears = Some(ears);
            wire.heard_at = clock::browser_now();
        });
    }

    fn opened(&self) {
        let hello = FromAgent::Hello { version: VERSION, resume: self.app.resume() };
        self.wire.try_with_value(|wire| transmit(wire, &hello));
    }

    fn heard(&self, event: &MessageEvent) {
        let Ok(buffer) = event.data().dyn_into::<js_sys::ArrayBuffer>() else { return };
        let Ok(frame) = codec::decode::<ToAgent>(&js_sys::Uint8Array::new(&buffer).to_vec()) else {
            // Another version of the frames: only a reload helps.
            return self.part(CloseReason::Outdated);
        };
        let alive = self.wire.try_update_value(|wire| {
            wire.heard_at = clock::browser_now();
            match &frame {
                ToAgent::Welcome { .. } => {
                    wire.joined = true;
                    wire.attempt = 0;
                }
                ToAgent::CloseReason(close_reason) => wire.close_reason = Some(*close_reason),
                _ => {}
            }
        });
        if alive.is_some() {
            for answer in self.app.handle_frame(frame) {
                self.send(&answer);
            }
        }
    }

    fn lost(&self, code: Option<u16>) {
        let Some(close_reason) = self.wire.try_update_value(|wire| wire.close_reason.take()) else { return };
        match close_reason {
            Some(close_reason) if !close_reason.come_back() => return self.part(close_reason),
            None if code == Some(CloseReason::SignedOut.code()) => return self.part(CloseReason::SignedOut),
            None if code == Some(CloseReason::Outdated.code()) => return self.part(CloseReason::Outdated),
            None if code.is_some_and(|code| (4500..5000).contains(&code)) => return self.part(CloseReason::NotAFrame),
            _ => {}
        }
        let (attempt, joined) = self.wire.with_value(|wire| (wire.attempt, wire.joined));
        if !joined && attempt % 4 == 1 {
            self.ask_who_i_am();
        }
        let wait = match close_reason {
            Some(CloseReason::Restarting { within }) => clock::chance() * f64::from(within),
            Some(CloseReason::TooMany { retry_after }) => f64::from(retry_after) + clock::chance() * SHORTEST_MS,
            // Full jitter: a thousand dashboards must not come back in one moment.
            _ => (clock::chance() * LONGEST_MS.min(SHORTEST_MS * f64::from(2_u32.pow(attempt.min(10) + 1))))
                .max(SHORTEST_MS),
        };
        let live = *self;
        let retry = set_timeout_with_handle(move || live.dial(), Duration::from_millis(wait as u64)).ok();
        self.wire.update_value(|wire| {
            hang_up(wire);
            wire.attempt = attempt.saturating_add(1);
            wire.retry = retry;
        });
        self.app.link.set(Link::Down { retry_at: clock::browser_now() + wait as i64 });
    }

    // A browser does not say why an upgrade was turned away: the session may have ended meanwhile.
    fn ask_who_i_am(&self) {
        let live = *self;
        leptos::task::spawn_local(async move {
            if api::who_am_i().await.is_err_and(|error| error.refusal == Refusal::NotSignedIn) {
                live.part(CloseReason::SignedOut);
            }
        });
    }

    fn part(&self, close_reason: CloseReason) {
        self.wire.try_update_value(hang_up);
        self.app.link.set(Link::Parted(close_reason));
        if close_reason == CloseReason::SignedOut {
            // A fresh document: nothing of the former agent stays on the screen.
            let _ = window().location().set_href("/sign-in");
        }
    }

    fn beat(&self) {
        let (open, silent) = self.wire.with_value(|wire| (wire.socket.is_some(), is_silent(wire)));
        match (open, silent) {
            (true, true) => self.lost(None),
            (true, false) => self.send(&FromAgent::Beat),
            (false, _) => {}
        }
    }

    // The laptop has woken, the network is back, the tab is on the screen again.
    fn woken(&self) {
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

fn is_silent(wire: &Wire) -> bool {
    clock::browser_now() - wire.heard_at > i64::from(BEAT_EVERY_MS * BEATS_MISSED + 2_000)
}

fn transmit(wire: &Wire, frame: &FromAgent) {
    if let Some(socket) = wire.socket.as_ref().filter(|socket| socket.ready_state() == WebSocket::OPEN) {
        // A socket that cannot send is about to close, and what matters is sent again then.
        let _ = socket.send_with_u8_array(&codec::encode(frame));
    }
}

fn hang_up(wire: &mut Wire) {
    if let Some(socket) = wire.socket.take() {
        socket.set_onopen(None);
        socket.set_onmessage(None);
        socket.set_onclose(None);
        let _ = socket.close();
    }
    // The ears stay until the next socket: one of them may be what is running.
    if let Some(retry) = wire.retry.take() {
        retry.clear();
    }
    wire.joined = false;
}
