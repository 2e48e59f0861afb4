//! Where the focus is, where it goes, and where it returns to when what had it is closed.

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

    /// What happened, happened in one of these.
    pub fn is_within(event: &web_sys::Event, selector: &str) -> bool {
        is_in(selector, event.target().and_then(|target| target.dyn_into().ok()))
    }

    /// Puts the focus on the first of these.
    pub fn focus_first(selector: &str) {
        let element = document().query_selector(selector).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    /// The same, once what is being drawn stands.
    pub fn focus_next_frame(selector: String) {
        request_animation_frame(move || focus_first(&selector));
    }

    /// Presses the first of these.
    pub fn click(selector: &str) {
        let element = document().query_selector(selector).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            element.click();
        }
    }

    /// Takes the focus off what has it.
    pub fn blur() {
        if let Some(element) = focused() {
            let _ = element.blur();
        }
    }

    /// When the part that calls this is taken away with the focus in it, the focus returns to where it is now.
    pub fn restore_on_cleanup(part: &'static str) {
        let origin = StoredValue::new_local(focused().filter(|element| element.tag_name() != "BODY"));
        on_cleanup(move || {
            let inside = is_in(part, document().active_element());
            if let Some(Some(origin)) = origin.try_get_value().filter(|_| inside) {
                request_animation_frame(move || {
                    if focused().is_some_and(|element| element.tag_name() != "BODY") {
                        return; // Something else has opened meanwhile, and has it.
                    }
                    if origin.is_connected() {
                        let _ = origin.focus();
                    } else {
                        // Its button has become another: the part of the page that held it goes on.
                        focus_first(".table-scroll, .conversation .log");
                    }
                });
            }
        });
    }

    /// There is a keyboard at hand: the focus may go into a field without one springing up.
    pub fn has_keyboard() -> bool {
        !window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    /// Nothing happens on the server.
    pub fn is_within(_event: &web_sys::Event, _selector: &str) -> bool {
        false
    }
    /// Nothing has the focus on the server.
    pub fn focus_first(_selector: &str) {}
    /// Nothing has the focus on the server.
    pub fn focus_next_frame(_selector: String) {}
    /// Nothing is pressed on the server.
    pub fn click(_selector: &str) {}
    /// Nothing has the focus on the server.
    pub fn blur() {}
    /// Nothing has the focus on the server.
    pub fn restore_on_cleanup(_part: &'static str) {}
    /// Nobody types on the server.
    pub fn has_keyboard() -> bool {
        false
    }
}

/// What takes letters.
pub const FIELDS: &str = "input, textarea, select";
/// What Enter presses.
pub const BUTTONS: &str = "button, a, summary";

pub use browser::{blur, click, focus_first, focus_next_frame, has_keyboard, is_within, restore_on_cleanup};
