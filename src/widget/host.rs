//! The host page, seen through the port that the loader handed over: which page it is, whether the visitor types in it,
//! and how large the frame stands in it.

use std::cell::Cell;

use js_sys::{Object, Reflect};
use protocol::{concierge::Side, page::Page};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, MessageEvent, MessagePort};

use crate::{Dispatch, state::Event};

/// How large the frame must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// The launcher.
    Launcher,
    /// The launcher and a card above it; the height of both, px.
    Card(i32),
    /// The panel; on a phone a sheet.
    Panel,
}

/// The way to the loader; none when the frame stands alone.
pub struct Host {
    port: Option<MessagePort>,
    last: Cell<Option<(Size, Side)>>,
}

impl Host {
    /// Begins to listen to the loader.
    pub fn new(port: Option<MessagePort>, dispatch: &Dispatch) -> Self {
        if let Some(port) = &port {
            let dispatch = dispatch.clone();
            let heard =
                crate::listener(Box::new(move |event| hear(&event.unchecked_into::<MessageEvent>().data(), &dispatch)));
            port.set_onmessage(Some(heard.as_ref().unchecked_ref()));
            heard.forget();
        }
        Self { port, last: Cell::new(None) }
    }

    /// Tells the loader how large the frame must be, when that has changed.
    pub fn show(&self, size: Size, side: Side) {
        let Some(port) = &self.port else { return };
        if self.last.replace(Some((size, side))) == Some((size, side)) {
            return;
        }
        let (word, height) = match size {
            Size::Launcher => ("launcher", 0),
            Size::Card(height) => ("card", height),
            Size::Panel => ("panel", 0),
        };
        let message = Object::new();
        let set = |name: &str, value: JsValue| drop(Reflect::set(&message, &name.into(), &value));
        set("size", word.into());
        set("side", side.as_str().into());
        set("height", height.into());
        // A port that is gone means a page that is gone.
        drop(port.post_message(&message));
    }
}

/// What the loader says. The host page's scripts cannot reach the port, but may have written the title.
fn hear(message: &JsValue, dispatch: &Dispatch) {
    let get = |name: &str| Reflect::get(message, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if let Some(url) = get("url").as_string() {
        let title = get("title").as_string().unwrap_or_default();
        let cut = |text: String, limit: usize| text.chars().take(limit).collect();
        dispatch(Event::Page(Page {
            url: cut(url, protocol::limits::URL_BYTES),
            title: cut(title, protocol::limits::TITLE_CHARS),
        }));
    } else if let Some(typing) = get("typing").as_bool() {
        dispatch(Event::FormTyping(typing));
    } else if get("input").is_truthy() {
        dispatch(Event::Input);
    } else if let Some(width) = get("width").as_f64()
        && let Some(root) = crate::document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok())
    {
        let width = [(width as i32).to_string().as_str(), "px"].concat();
        drop(root.style().set_property("--host", &width));
        dispatch(Event::Tick);
    }
}
