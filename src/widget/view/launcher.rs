//! The round button in the corner, with a badge.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    Dispatch,
    state::Event,
    view::{element, set_text},
};

/// The launcher.
pub struct Launcher {
    button: HtmlElement,
    badge: HtmlElement,
}

impl Launcher {
    /// Takes over the button of the frame's HTML.
    pub fn new(body: &HtmlElement, dispatch: &Dispatch) -> Self {
        let button = crate::document()
            .get_element_by_id("jumpin-launcher")
            .map_or_else(|| element(body, "button", "#jumpin-launcher"), JsCast::unchecked_into);
        let dispatch = dispatch.clone();
        crate::on(&button, "click", move |_| dispatch(Event::Open));
        let badge = element(&button, "span", "#jumpin-badge");
        badge.set_hidden(true);
        Self { button, badge }
    }

    /// Shows it or not, and how much waits behind it.
    pub fn render(&self, visible: bool, waiting: usize, label: &str) {
        self.button.set_hidden(!visible);
        self.badge.set_hidden(waiting == 0);
        let count = if waiting > 9 { "9+".to_owned() } else { waiting.to_string() };
        set_text(&self.badge, &count);
        let label = if waiting > 0 { [label, " (", &count, ")"].concat() } else { label.to_owned() };
        drop(self.button.set_attribute("aria-label", &label));
        drop(self.button.set_attribute("aria-expanded", if visible { "false" } else { "true" }));
    }

    /// Focus comes back here when the panel closes.
    pub fn focus(&self) {
        drop(self.button.focus());
    }
}
