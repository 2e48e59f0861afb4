//! Where the focus is, where it goes, and where it returns to when what had it is closed.

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement};

    fn focused() -> Option<HtmlElement> {
        document().active_element()?.dyn_into().ok()
    }

    fn is_in(names: &str, element: Option<Element>) -> bool {
        element.is_some_and(|element| element.closest(names).ok().flatten().is_some())
    }

    /// What happened, happened in one of these.
    pub fn is_at(event: &web_sys::Event, names: &str) -> bool {
        is_in(names, event.target().and_then(|target| target.dyn_into().ok()))
    }

    /// Puts the focus on the first of these.
    pub fn put(names: &str) {
        let element = document().query_selector(names).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    /// The same, once what is being drawn stands.
    pub fn put_soon(names: String) {
        request_animation_frame(move || put(&names));
    }

    /// Presses the first of these.
    pub fn press(names: &str) {
        let element = document().query_selector(names).ok().flatten();
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            element.click();
        }
    }

    /// Takes the focus off what has it.
    pub fn drop() {
        if let Some(element) = focused() {
            let _ = element.blur();
        }
    }

    /// When the part that calls this is taken away with the focus in it, the focus returns to where it is now.
    pub fn return_later(part: &'static str) {
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
                        put(".table-scroll, .conversation .log");
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
    pub fn is_at(_event: &web_sys::Event, _names: &str) -> bool {
        false
    }
    /// Nothing has the focus on the server.
    pub fn put(_names: &str) {}
    /// Nothing has the focus on the server.
    pub fn put_soon(_names: String) {}
    /// Nothing is pressed on the server.
    pub fn press(_names: &str) {}
    /// Nothing has the focus on the server.
    pub fn drop() {}
    /// Nothing has the focus on the server.
    pub fn return_later(_part: &'static str) {}
    /// Nobody types on the server.
    pub fn has_keyboard() -> bool {
        false
    }
}

/// What takes letters.
pub const FIELDS: &str = "input, textarea, select";
/// What Enter presses.
pub const BUTTONS: &str = "button, a, summary";

pub use browser::{drop, has_keyboard, is_at, press, put, put_soon, return_later};
