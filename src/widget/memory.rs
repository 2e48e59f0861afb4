//! What the browser remembers of the visitor: as little as privacy allows, and nothing that the widget cannot do without.
//! Storage may be missing, full or forbidden; then only memory is lost.

use std::{cell::Cell, rc::Rc};

use protocol::{
    concierge::Privacy,
    id::{ClientId, TabId, VisitorToken},
};
use uuid::Uuid;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent, Storage};

/// How long a new tab waits for another tab to tell who the visitor is.
const ASK_MS: u32 = 60;

/// The browser's memory, and the tabs that share it.
pub struct Memory {
    prefix: String,
    tab: String,
    tabs: Option<BroadcastChannel>,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    token: Cell<Option<[u8; 32]>>,
    leads: Cell<bool>,
}

impl Memory {
    /// The memory of one concierge's visitor.
    pub fn new(key: &str, tab: TabId) -> Self {
        let prefix = ["jumpin-", key, "-"].concat();
        let tabs = BroadcastChannel::new(&prefix).ok();
        let shared = Rc::new(Shared::default());
        let memory = Self { tab: to_hex(tab.0.as_bytes()), prefix, tabs, shared };
        memory.shared.token.set(memory.token().map(|token| token.0));
        memory.listen();
        if crate::is_visible() {
            memory.lead();
        }
        memory
    }

    /// Who the visitor is, when storage knows.
    pub fn token(&self) -> Option<VisitorToken> {
        let name = self.name("token");
        [local(), session()]
            .into_iter()
            .flatten()
            .find_map(|storage| from_hex(&storage.get_item(&name).ok()??))
            .map(VisitorToken)
    }

    /// Whether the visitor has acted on an earlier page.
    pub fn acted(&self) -> bool {
        local().is_some_and(|storage| storage.get_item(&self.name("acted")).is_ok_and(|acted| acted.is_some()))
    }

    /// Keeps the token: in any case for the other tabs that are open, longer as privacy allows.
    pub fn keep_token(&self, token: &VisitorToken, lasting: bool, acted: bool, privacy: Privacy) {
        self.shared.token.set(Some(token.0));
        let storage = match (lasting, privacy) {
            (true, _) => local(),
            (false, Privacy::Full) => session(),
            (false, _) => None,
        };
        if let Some(storage) = storage {
            drop(storage.set_item(&self.name("token"), &to_hex(&token.0)));
        }
        if acted && let Some(storage) = local() {
            drop(storage.set_item(&self.name("acted"), "1"));
        }
    }

    /// Asks the other tabs who the visitor is; answers once, after [`ASK_MS`] at most.
    pub fn ask(&self, answer: impl FnOnce(Option<VisitorToken>) + 'static) {
        self.post("who");
        let shared = self.shared.clone();
        crate::later(ASK_MS, Box::new(move || answer(shared.token.get().map(VisitorToken)))).forget();
    }

    /// Keeps a message until the server has it.
    pub fn keep(&self, client_id: ClientId, text: &str) {
        if let Some(storage) = local() {
            drop(storage.set_item(&self.message(client_id), text));
        }
    }

    /// The message need not be kept any more.
    pub fn forget(&self, client_id: ClientId) {
        if let Some(storage) = local() {
            drop(storage.remove_item(&self.message(client_id)));
        }
    }

    /// The messages an earlier page could not send, oldest first: their names are ordered by time.
    pub fn kept(&self) -> Vec<(ClientId, String)> {
        let Some(storage) = local() else { return Vec::new() };
        let start = self.name("say-");
        let mut kept = Vec::new();
        for place in 0..storage.length().unwrap_or(0) {
            let Ok(Some(name)) = storage.key(place) else { continue };
            let Some(client_id) = name.strip_prefix(&start).and_then(from_hex) else { continue };
            let client_id = ClientId(Uuid::from_bytes(client_id));
            if let Ok(Some(text)) = storage.get_item(&name) {
                // There are few, and a sort from the library is large.
                let place = kept.iter().take_while(|(earlier, _)| *earlier < client_id).count();
                kept.insert(place, (client_id, text));
            }
        }
        kept
    }

    /// This tab is the one that sounds: the visitor was here last.
    pub fn lead(&self) {
        if !self.shared.leads.replace(true) {
            self.post(&self.tab);
        }
    }

    /// Whether this tab is the one that sounds.
    pub fn is_leader(&self) -> bool {
        self.shared.leads.get()
    }

    fn name(&self, what: &str) -> String {
        [self.prefix.as_str(), what].concat()
    }

    fn message(&self, client_id: ClientId) -> String {
        [self.prefix.as_str(), "say-", &to_hex(client_id.0.as_bytes())].concat()
    }

    fn post(&self, message: &str) {
        if let Some(tabs) = &self.tabs {
            drop(tabs.post_message(&message.into()));
        }
    }

    fn listen(&self) {
        let Some(tabs) = self.tabs.clone() else { return };
        let shared = self.shared.clone();
        let answers = tabs.clone();
        let heard = crate::listener(Box::new(move |event| {
            let Some(message) = event.unchecked_into::<MessageEvent>().data().as_string() else { return };
            match (message.as_str(), shared.token.get()) {
                ("who", Some(token)) => drop(answers.post_message(&to_hex(&token).into())),
                ("who", None) => {}
                (hex, None) if hex.len() == 64 => shared.token.set(from_hex(hex)),
                (hex, Some(_)) if hex.len() == 64 => {}
                _ => shared.leads.set(false),
            }
        }));
        tabs.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
    }
}

fn local() -> Option<Storage> {
    crate::browser().local_storage().ok()?
}

fn session() -> Option<Storage> {
    crate::browser().session_storage().ok()?
}

fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hex<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if hex.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_comes_back_and_nonsense_does_not() {
        let bytes: [u8; 32] = core::array::from_fn(|n| (n * 8) as u8);
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        assert_eq!(from_hex::<32>("zz"), None);
        assert_eq!(from_hex::<32>(&"z".repeat(64)), None);
    }
}
