//! The notification sound and system notifications. Browsers don't let a page play sound until the user has interacted
//! with it, so the first click anywhere unlocks the sound.

use super::local_storage;

const SILENT: &str = "jumpin-silent";

/// Returns whether the sound is on.
pub fn is_on() -> bool {
    local_storage::get(SILENT).is_none()
}

/// Turns the sound on or off.
pub fn set_on(on: bool) {
    local_storage::set(SILENT, if on { "" } else { "1" });
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;

    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{AudioContext, Notification, NotificationOptions, NotificationPermission, OscillatorType};

    thread_local! {
        // Browsers only allow a few audio contexts per page, and this one must outlive every component.
        static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
    }

    /// Unlocks the sound. Must be called from a click handler.
    pub fn unlock() {
        CONTEXT.with_borrow_mut(|context| {
            if context.is_none() {
                *context = AudioContext::new().ok();
            }
            if let Some(context) = context {
                let _ = context.resume();
            }
        });
    }

    /// Plays two short, rising tones if the sound is on.
    pub fn chime() {
        if !super::is_on() {
            return;
        }
        CONTEXT.with_borrow(|context| {
            if let Some(context) = context {
                let _ = tone(context, 660.0, 0.0);
                let _ = tone(context, 880.0, 0.14);
            }
        });
    }

    fn tone(context: &AudioContext, pitch: f32, after: f64) -> Result<(), wasm_bindgen::JsValue> {
        let (oscillator, gain) = (context.create_oscillator()?, context.create_gain()?);
        oscillator.set_type(OscillatorType::Sine);
        oscillator.frequency().set_value(pitch);
        let start = context.current_time() + after;
        gain.gain().set_value_at_time(0.0001, start)?;
        gain.gain().exponential_ramp_to_value_at_time(0.12, start + 0.02)?;
        gain.gain().exponential_ramp_to_value_at_time(0.0001, start + 0.22)?;
        oscillator.connect_with_audio_node(&gain)?;
        gain.connect_with_audio_node(&context.destination())?;
        oscillator.start_with_when(start)?;
        oscillator.stop_with_when(start + 0.25)
    }

    /// Requests permission for system notifications. Must be called from a click handler.
    pub fn request_notifications() {
        if can_notify() && Notification::permission() == NotificationPermission::Default {
            let _ = Notification::request_permission();
        }
    }

    /// Shows a system notification if the page is hidden and notifications are permitted. Clicking it focuses the page.
    pub fn notify(words: &str) {
        if is_hidden() && can_notify() && Notification::permission() == NotificationPermission::Granted {
            let options = NotificationOptions::new();
            options.set_body(words);
            // Mobile browsers throw here because they only allow notifications from a service worker.
            if let Ok(notification) = Notification::new_with_options(super::super::i18n::product(), &options) {
                let come = Closure::once_into_js(|| {
                    if let Some(window) = web_sys::window() {
                        let _ = window.focus();
                    }
                });
                notification.set_onclick(Some(come.unchecked_ref()));
            }
        }
    }

    /// Returns whether the page is in a background tab or its window is covered.
    pub fn is_hidden() -> bool {
        web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
    }

    // Some browsers don't have `Notification` at all.
    fn can_notify() -> bool {
        web_sys::window().is_some_and(|window| js_sys::Reflect::has(&window, &"Notification".into()).unwrap_or(false))
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    /// Does nothing, because there is no sound on the server.
    pub fn unlock() {}
    /// Does nothing, because there is no sound on the server.
    pub fn chime() {}
    /// Does nothing on the server.
    pub fn request_notifications() {}
    /// Does nothing, because there are no notifications on the server.
    pub fn notify(_words: &str) {}
    /// Returns `true`, because a server has no screen.
    pub fn is_hidden() -> bool {
        true
    }
}

pub use browser::{chime, is_hidden, notify, request_notifications, unlock};

/// Alerts the agent with a sound and, if the page is hidden, with a system notification.
pub fn alert(words: &str) {
    chime();
    notify(words);
}
