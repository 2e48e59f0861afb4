//! The host page, seen through the port that the loader handed over: which page it is, whether the visitor types in it,
//! and how large the frame stands in it.

use alloc::string::{String, ToString};
use core::cell::RefCell;

use protocol::{limits, page::Page};
use wasm_bindgen::prelude::*;

use crate::{
    Dispatch,
    browser::{Target, on},
    event::Event,
};

#[wasm_bindgen]
extern "C" {
    /// The way to the loader.
    #[wasm_bindgen(extends = Target)]
    pub type Port;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &Port, message: &str);
    #[wasm_bindgen(method)]
    fn start(this: &Port);

    /// What the loader says: one of these. The host page's scripts cannot reach the port, but may have written the title.
    type LoaderMessage;
    #[wasm_bindgen(method, getter)]
    fn url(this: &LoaderMessage) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn title(this: &LoaderMessage) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn typing(this: &LoaderMessage) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn consent(this: &LoaderMessage) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn input(this: &LoaderMessage) -> Option<bool>;
}

/// How large the frame must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// The launcher.
    Launcher,
    /// The launcher and a card above it; the height of both, px.
    Card(u32),
    /// The panel; on a phone a sheet.
    Panel,
    /// The panel; on a phone the whole screen.
    FullScreen,
    /// No longer there.
    Gone,
}

/// The way to the loader; none when the frame stands alone.
pub struct Host {
    port: Option<Port>,
    last: RefCell<String>,
}

impl Host {
    /// Begins to listen to the loader.
    pub fn new(port: Option<Port>, dispatch: Dispatch) -> Self {
        if let Some(port) = &port {
            on(port, "message", move |dom_event| dispatch(event_from(dom_event.data().unchecked_ref())));
            port.start();
        }
        Self { port, last: RefCell::default() }
    }

    /// Tells the loader how large the frame must be, when that has changed. On which side, `boot.js` has said.
    pub fn show(&self, size: Size) {
        let Some(port) = &self.port else { return };
        let (word, height) = match size {
            Size::Launcher => ("launcher ", 0),
            Size::Card(height) => ("card ", height),
            Size::Panel => ("panel ", 0),
            Size::FullScreen => ("fullscreen ", 0),
            Size::Gone => ("gone ", 0),
        };
        let message = [word, &height.to_string()].concat();
        if *self.last.borrow() != message {
            port.post(&message);
            self.last.replace(message);
        }
    }
}

fn event_from(message: &LoaderMessage) -> Event {
    if let Some(url) = message.url() {
        let cut = |text: String, limit| text.chars().take(limit).collect();
        let title = message.title().unwrap_or_default();
        return Event::Page(Page { url: cut(url, limits::URL_BYTES), title: cut(title, limits::TITLE_CHARS) });
    }
    if let Some(consents) = message.consent() {
        return Event::Consent(consents);
    }
    match message.typing() {
        Some(typing) => Event::FormTyping(typing),
        None if message.input().is_some() => Event::Input,
        None => Event::Tick,
    }
}
