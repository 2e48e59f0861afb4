//! Persistence in the browser. The widget stores no more than the privacy mode allows and does not depend on stored
//! data. If storage is unavailable, full, or blocked, the widget still works but remembers nothing.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::cell::Cell;

use protocol::id::{ClientId, InvitationId, VisitorToken};
use uuid::Uuid;
use wasm_bindgen::prelude::*;

use crate::{
    Dispatch,
    browser::{Target, Timer, on},
    event::Event,
    hex::{from_hex, to_hex},
};

// `boot.js` wraps these functions so that a failed call returns undefined. No error paths are needed here.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = jumpin)]
    fn read(storage: Storage, name: &str) -> Option<String>;
    /// Writes a value, or removes the key if the value is empty.
    #[wasm_bindgen(js_namespace = jumpin)]
    fn write(storage: Storage, name: &str, value: &str);
    #[wasm_bindgen(js_namespace = jumpin, js_name = nameAt)]
    fn local_name(place: u32) -> Option<String>;
    #[wasm_bindgen(js_namespace = jumpin)]
    fn channel(name: &str) -> Option<BroadcastChannel>;

    #[wasm_bindgen(extends = Target)]
    type BroadcastChannel;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &BroadcastChannel, message: &str);
}

/// How long a new tab waits for another tab to send the visitor's token, in milliseconds.
const ASK_MS: u32 = 60;

/// The browser's storage and the channel to the other tabs that share it.
pub struct Memory {
    prefix: String,
    tabs: Option<BroadcastChannel>,
    shared: &'static Shared,
}

#[derive(Default)]
struct Shared {
    token: Cell<Option<[u8; 32]>>,
    leads: Cell<bool>,
}

impl Memory {
    /// Opens the storage for one concierge and starts listening to the visitor's other tabs.
    pub fn new(key: &str, dispatch: Dispatch) -> Self {
        let prefix = ["jumpin-", key, "-"].concat();
        let memory = Self { tabs: channel(&prefix), prefix, shared: Box::leak(Box::default()) };
        memory.shared.token.set(memory.stored(LOCAL).or_else(|| memory.stored(SESSION)));
        memory.listen(dispatch);
        memory
    }

    /// Returns the visitor's token, if this tab has one. Another tab may have stored a newer one.
    pub fn token(&self) -> Option<VisitorToken> {
        self.stored(LOCAL).or_else(|| self.shared.token.get()).map(VisitorToken)
    }

    /// Returns whether the token is stored beyond the current session, which means that the visitor acted or denied an
    /// invitation on an earlier page.
    pub fn is_lasting(&self) -> bool {
        self.stored(LOCAL).is_some()
    }

    /// Returns whether the visitor opened the concierge or accepted an invitation on an earlier page.
    pub fn acted(&self) -> bool {
        read(LOCAL, &self.name("acted")).is_some()
    }

    /// Stores the token. Open tabs can always get it from this one; how long it outlives them depends on the privacy
    /// mode.
    pub fn keep_token(&self, token: &VisitorToken, lasting: bool, acted: bool, may_keep: bool) {
        self.shared.token.set(Some(token.0));
        let (name, hex) = (self.name("token"), to_hex(&token.0));
        // If storage is full or blocked, the visitor is simply not remembered.
        if lasting {
            write(LOCAL, &name, &hex);
        } else if may_keep {
            write(SESSION, &name, &hex);
        } else if read(SESSION, &name).is_some() {
            // Consent was withdrawn.
            write(SESSION, &name, "");
        }
        if acted {
            write(LOCAL, &self.name("acted"), "1");
        }
    }

    /// Asks the other tabs for the visitor's token. Calls `answered` after [`ASK_MS`], by which time any answer should
    /// have arrived.
    pub(crate) fn ask_other_tabs(&self, answered: impl FnMut() + 'static) -> Timer {
        self.post("who");
        Timer::new(ASK_MS, answered)
    }

    /// Saves a message locally until the server has stored it.
    pub fn keep(&self, client_id: ClientId, text: &str) {
        write(LOCAL, &self.message(client_id), text);
    }

    /// Removes a locally saved message.
    pub fn forget(&self, client_id: ClientId) {
        write(LOCAL, &self.message(client_id), "");
    }

    /// Returns the messages that an earlier page could not send, oldest first. Their ids are ordered by time.
    pub fn unsent_messages(&self) -> Vec<(ClientId, String)> {
        let start = self.name("say-");
        let mut kept = Vec::new();
        let names = (0..).map_while(local_name);
        for name in names {
            let Some(client_id) = name.strip_prefix(&start).and_then(from_hex) else { continue };
            let client_id = ClientId(Uuid::from_bytes(client_id));
            if let Some(text) = read(LOCAL, &name) {
                // An insertion sort is enough for a few messages, and the library's sort would add too much code.
                let place = kept.iter().take_while(|(earlier, _)| *earlier < client_id).count();
                kept.insert(place, (client_id, text));
            }
        }
        kept
    }

    /// Saves the composer's draft for the lifetime of the tab.
    pub fn keep_draft(&self, draft: &str) {
        write(SESSION, &self.name("draft"), draft);
    }

    /// Returns the draft from the tab's previous page.
    pub fn draft(&self) -> String {
        read(SESSION, &self.name("draft")).unwrap_or_default()
    }

    /// Saves whether the panel is open for the lifetime of the tab.
    pub fn keep_open(&self, open: bool) {
        write(SESSION, &self.name("open"), if open { "1" } else { "" });
    }

    /// Returns whether the panel was open on the tab's previous page. This lets a chat continue across pages.
    pub fn was_open(&self) -> bool {
        read(SESSION, &self.name("open")).is_some_and(|open| !open.is_empty())
    }

    /// Makes this tab the one that plays sounds, because the visitor used it last.
    pub fn become_leader(&self) {
        if !self.shared.leads.replace(true) {
            self.post("lead");
        }
    }

    /// Returns whether this tab is the one that plays sounds.
    pub fn is_leader(&self) -> bool {
        self.shared.leads.get()
    }

    /// Tells the other tabs that this one has played the sound for an invitation.
    pub fn announce_sound(&self, invitation: InvitationId) {
        self.post(&to_hex(invitation.0.as_bytes()));
    }

    fn stored(&self, storage: Storage) -> Option<[u8; 32]> {
        from_hex(&read(storage, &self.name("token"))?)
    }

    fn name(&self, what: &str) -> String {
        [self.prefix.as_str(), what].concat()
    }

    fn message(&self, client_id: ClientId) -> String {
        [self.prefix.as_str(), "say-", &to_hex(client_id.0.as_bytes())].concat()
    }

    fn post(&self, message: &str) {
        if let Some(tabs) = &self.tabs {
            tabs.post(message);
        }
    }

    /// Listens for messages from the other tabs: `who`, `lead`, an invitation id (32 hex digits), or a token (64 hex
    /// digits).
    fn listen(&self, dispatch: Dispatch) {
        let Some(tabs) = &self.tabs else { return };
        let (shared, name) = (self.shared, self.name("token"));
        on(tabs, "message", move |dom_event| {
            let Some(message) = dom_event.data().as_string() else { return };
            if message == "who" {
                let own = || shared.token.get().map(|token| to_hex(&token));
                if let Some(token) = read(LOCAL, &name).or_else(own) {
                    dom_event.target().unchecked_ref::<BroadcastChannel>().post(&token);
                }
            } else if message == "lead" {
                shared.leads.set(false);
            } else if let Some(invitation) = from_hex(&message) {
                dispatch(Event::SoundedElsewhere(InvitationId(Uuid::from_bytes(invitation))));
            } else if shared.token.get().is_none() {
                shared.token.set(from_hex(&message));
            }
        });
    }
}

/// Selects `localStorage` (true) or `sessionStorage` (false).
type Storage = bool;
const LOCAL: Storage = true;
const SESSION: Storage = false;
