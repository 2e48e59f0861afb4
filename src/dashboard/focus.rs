//! Helpers for finding out where the keyboard focus is, moving it, and restoring it when a dialog closes.

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement};

    fn focused() -> Option<HtmlElement> {
        document().active_element()?.dyn_into().ok()
    }

    fn is_in(selector: &str, element: Option<Element>) -> bool {
        element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
    }

    /// Returns whether an event's target is inside an element that matches the selector.
    pub fn is_within(event: &web_sys::Event, selector: &str) -> bool {
        is_in(selector, event.target().and_then(|target| target.dyn_into().ok()))
    }

    /// Focuses the first element that matches the selector.
    pub fn focus_first(selector: &str) {
        let element = document().query_selector(selector).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    /// Focuses the first element that matches the selector, in the next animation frame.
    pub fn focus_next_frame(selector: String) {
        request_animation_frame(move || focus_first(&selector));
    }

    /// Clicks the first element that matches the selector.
    pub fn click(selector: &str) {
        let element = document().query_selector(selector).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            element.click();
        }
    }

    /// Removes the focus from the focused element.
    pub fn blur() {
        if let Some(element) = focused() {
            let _ = element.blur();
        }
    }

    /// If the calling component has the focus when it is removed, restores the focus to the element that is focused
    /// now. `part` is the selector for that component's root.
    pub fn restore_on_cleanup(part: &'static str) {
        let origin = StoredValue::new_local(focused().filter(|element| element.tag_name() != "BODY"));
        on_cleanup(move || {
            let inside = is_in(part, document().active_element());
            if let Some(Some(origin)) = origin.try_get_value().filter(|_| inside) {
                request_animation_frame(move || {
                    if focused().is_some_and(|element| element.tag_name() != "BODY") {
                        return; // Something else has since opened and taken the focus.
                    }
                    if origin.is_connected() {
                        let _ = origin.focus();
                    } else {
                        // The original element has been replaced, so focus the part of the page that contained it.
                        focus_first(".table-scroll, .conversation .log");
                    }
                });
            }
        });
    }

    /// Returns whether the device has a physical keyboard, meaning that focusing a field won't open an on-screen one.
    pub fn has_keyboard() -> bool {
        !window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    /// Returns `false`, because there are no events on the server.
    pub fn is_within(_event: &web_sys::Event, _selector: &str) -> bool {
        false
    }
    /// Does nothing, because there is no focus on the server.
    pub fn focus_first(_selector: &str) {}
    /// Does nothing, because there is no focus on the server.
    pub fn focus_next_frame(_selector: String) {}
    /// Does nothing on the server.
    pub fn click(_selector: &str) {}
    /// Does nothing, because there is no focus on the server.
    pub fn blur() {}
    /// Does nothing, because there is no focus on the server.
    pub fn restore_on_cleanup(_part: &'static str) {}
    /// Returns `false` on the server.
    pub fn has_keyboard() -> bool {
        false
    }
}

/// Selects the elements that accept text input.
pub const FIELDS: &str = "input, textarea, select";
/// Selects the elements that Enter activates.
pub const BUTTONS: &str = "button, a, summary";

pub use browser::{blur, click, focus_first, focus_next_frame, has_keyboard, is_within, restore_on_cleanup};
