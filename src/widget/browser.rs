//! Bindings to only the browser APIs that the widget uses. Calls that cannot fail in this context are bound as
//! infallible, because their error paths would be larger than the rest of the widget.

use alloc::{boxed::Box, string::String};

use protocol::{Millis, id::ClientId};
use uuid::Uuid;
use wasm_bindgen::prelude::*;

/// An event listener. There is only one closure type because each additional type adds bytes to the bundle.
pub type Listener = Closure<dyn FnMut(DomEvent)>;

#[wasm_bindgen]
extern "C" {
    /// An `EventTarget`.
    pub type Target;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(crate) fn add(this: &Target, name: &str, listener: &Listener);
    #[wasm_bindgen(js_name = addEventListener)]
    fn add_to_window(name: &str, listener: &Listener);

    /// A DOM element or the document.
    #[wasm_bindgen(extends = Target)]
    pub type Node;
    #[wasm_bindgen(js_namespace = document, js_name = getElementById)]
    pub(crate) fn by_id(id: &str) -> Node;
    #[wasm_bindgen(js_namespace = document, js_name = createElement)]
    fn create(tag: &str) -> Node;
    #[wasm_bindgen(method)]
    pub(crate) fn append(this: &Node, child: &Node);
    #[wasm_bindgen(method, js_name = append)]
    pub(crate) fn append_text(this: &Node, text: &str);
    #[wasm_bindgen(method)]
    pub(crate) fn remove(this: &Node);
    #[wasm_bindgen(method, js_name = contains)]
    pub(crate) fn holds(this: &Node, other: &Node) -> bool;
    #[wasm_bindgen(method)]
    pub(crate) fn focus(this: &Node);
    #[wasm_bindgen(method, js_name = setAttribute)]
    pub(crate) fn set(this: &Node, name: &str, value: &str);
    #[wasm_bindgen(method, setter, js_name = className)]
    pub(crate) fn set_class(this: &Node, class: &str);
    #[wasm_bindgen(method, setter, js_name = textContent)]
    pub(crate) fn set_text(this: &Node, text: &str);
    #[wasm_bindgen(method, setter, js_name = hidden)]
    pub(crate) fn set_hidden(this: &Node, hidden: bool);
    #[wasm_bindgen(method, getter, js_name = hidden)]
    pub(crate) fn is_hidden(this: &Node) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn value(this: &Node) -> String;
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_value(this: &Node, value: &str);
    #[wasm_bindgen(method, getter, js_name = offsetHeight)]
    pub(crate) fn height(this: &Node) -> u32;
    #[wasm_bindgen(method, getter, js_name = scrollHeight)]
    fn scroll_height(this: &Node) -> u32;
    #[wasm_bindgen(method, getter, js_name = clientHeight)]
    fn client_height(this: &Node) -> u32;
    #[wasm_bindgen(method, getter, js_name = scrollTop)]
    fn scroll_top(this: &Node) -> f64;
    #[wasm_bindgen(method, setter, js_name = scrollTop)]
    fn set_scroll_top(this: &Node, top: u32);

    /// Draws a file in the conversation. The script for this is loaded when the first file appears.
    #[wasm_bindgen(js_namespace = jumpin)]
    pub(crate) fn file(line: &Node, card: &str);

    /// Shows the rating form after a chat ends, or removes it when a chat is live again. The script for this is loaded
    /// when the first chat ends.
    #[wasm_bindgen(js_namespace = jumpin)]
    pub(crate) fn rate(goes_on: bool);

    /// A DOM event. Timers call their listeners without one.
    pub type DomEvent;
    #[wasm_bindgen(method, getter, js_name = type)]
    pub(crate) fn name(this: &DomEvent) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn target(this: &DomEvent) -> Node;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn data(this: &DomEvent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn code(this: &DomEvent) -> u16;
    #[wasm_bindgen(method, getter)]
    fn key(this: &DomEvent) -> String;
    #[wasm_bindgen(method, getter, js_name = shiftKey)]
    pub(crate) fn with_shift(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = isComposing)]
    fn is_composing(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = keyCode)]
    fn key_code(this: &DomEvent) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn persisted(this: &DomEvent) -> bool;
    #[wasm_bindgen(method, js_name = preventDefault)]
    pub(crate) fn prevent(this: &DomEvent);

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(due: &Listener, wait: u32) -> i32;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: i32);
    #[wasm_bindgen(js_namespace = Math)]
    pub(crate) fn random() -> f64;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill(bytes: &mut [u8]);

    /// A point in time in the visitor's time zone.
    pub type Date;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new(at: f64) -> Date;
    #[wasm_bindgen(static_method_of = Date)]
    fn now() -> f64;
    #[wasm_bindgen(method, js_name = getTimezoneOffset)]
    pub(crate) fn minutes_behind_utc(this: &Date) -> i32;
    #[wasm_bindgen(method, js_name = toLocaleDateString)]
    pub(crate) fn in_words(this: &Date, language: &str) -> String;
}

impl Node {
    /// Creates an element and appends it to this one.
    pub(crate) fn add_child(&self, tag: &str, class: &str) -> Self {
        let child = create(tag);
        child.set_class(class);
        self.append(&child);
        child
    }

    /// Scrolls to the newest line.
    pub(crate) fn scroll_to_end(&self) {
        self.set_scroll_top(self.scroll_height());
    }

    /// Returns whether the newest line is visible or nearly visible.
    pub(crate) fn is_at_end(&self) -> bool {
        f64::from(self.scroll_height()) - self.scroll_top() - f64::from(self.client_height()) < 60.0
    }
}

/// The `keyCode` of any key that an input method handles.
const TAKEN_BY_INPUT_METHOD: u32 = 229;

impl DomEvent {
    /// Returns the key's name, or an empty string if an input method handles the key, for example, to confirm a word.
    /// Safari ends the composition first, so the Enter that confirms a word can only be recognized by its code there.
    pub(crate) fn typed_key(&self) -> String {
        if self.is_composing() || self.key_code() == TAKEN_BY_INPUT_METHOD { String::new() } else { self.key() }
    }
}

/// Adds an event listener for the lifetime of the frame.
pub(crate) fn on(target: &Target, name: &str, handler: impl FnMut(DomEvent) + 'static) {
    let listener = listener(Box::new(handler));
    target.add(name, &listener);
    listener.forget();
}

/// Adds an event listener to the window for the lifetime of the frame.
pub(crate) fn on_window(name: &str, handler: impl FnMut(DomEvent) + 'static) {
    let listener = listener(Box::new(handler));
    add_to_window(name, &listener);
    listener.forget();
}

pub(crate) fn listener(handler: Box<dyn FnMut(DomEvent)>) -> Listener {
    Closure::new(handler)
}

/// A one-shot timer. Dropping it cancels it.
pub(crate) struct Timer {
    id: i32,
    _due: Listener,
}

impl Timer {
    pub(crate) fn new(wait: u32, mut due: impl FnMut() + 'static) -> Self {
        let due = listener(Box::new(move |_| due()));
        Self { id: set_timeout(&due, wait), _due: due }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(self.id);
    }
}

/// Returns the current time according to this machine's clock. The welcome frame contains the server's time.
pub(crate) fn now() -> Millis {
    Date::now() as Millis
}

/// Returns a new UUIDv7.
pub(crate) fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes[..6].copy_from_slice(&(now() as u64).to_be_bytes()[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    Uuid::from_bytes(bytes)
}

pub(crate) fn new_client_id() -> ClientId {
    ClientId(new_id())
}
