//! The connection to the host page, through a port provided by the loader. Receives the page's URL and title, typing,
//! input, and consent, and sends the size that the frame needs.

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
    /// The `MessagePort` to the loader.
    #[wasm_bindgen(extends = Target)]
    pub type Port;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &Port, message: &str);
    #[wasm_bindgen(method)]
    fn start(this: &Port);

    /// A message from the loader. It has exactly one of these properties, except that `title` accompanies `url`. The
    /// host page's scripts cannot reach the port, but they control the title.
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

/// The size that the frame needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Only the launcher.
    Launcher,
    /// The launcher and a card above it, with their combined height in pixels.
    Card(u32),
    /// The panel, which is a sheet on phones.
    Panel,
    /// The panel, which fills the screen on phones.
    FullScreen,
    /// No size, because the frame should be removed.
    Gone,
}

/// The connection to the loader. It has no port if the widget is opened as a standalone page.
pub struct Host {
    port: Option<Port>,
    last: RefCell<String>,
}

impl Host {
    /// Starts listening to the loader.
    pub fn new(port: Option<Port>, dispatch: Dispatch) -> Self {
        if let Some(port) = &port {
            on(port, "message", move |dom_event| dispatch(event_from(dom_event.data().unchecked_ref())));
            port.start();
        }
        Self { port, last: RefCell::default() }
    }

    /// Sends the frame's size to the loader if it has changed. `boot.js` has already sent the side.
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
