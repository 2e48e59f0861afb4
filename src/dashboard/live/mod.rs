//! The dashboard's only socket, which is always accessed through [`Live`]. On the server, the handle does nothing.

#[cfg(any(feature = "hydrate", test))]
mod backoff;
#[cfg(feature = "hydrate")]
mod connection;

use leptos::prelude::*;
use protocol::{
    agent::FromAgent,
    chat::{Receipt, Seq},
    id::{ChatId, ClientId, VisitId},
    limits::{INPUT_INTERVAL_MS, TYPING_INTERVAL_MS},
};

use super::{
    api::InitialState,
    app_state::AppState,
    clock,
    outbox::{self, Pending},
};

/// A handle to the client state and the connection. It is cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    /// The client state.
    pub app: AppState,
    typed_at: StoredValue<i64>,
    moved_at: StoredValue<i64>,
    #[cfg(feature = "hydrate")]
    connection: StoredValue<connection::Connection, LocalStorage>,
}

impl Live {
    /// Creates the same state that the server rendered the page with, without connecting.
    pub fn new(initial: InitialState) -> Self {
        Self {
            app: AppState::new(initial),
            typed_at: StoredValue::new(0),
            moved_at: StoredValue::new(0),
            #[cfg(feature = "hydrate")]
            connection: StoredValue::new_local(connection::Connection::default()),
        }
    }

    /// Returns the handle from the context, where the dashboard's layout provides it.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// Sends a message. It is stored in the outbox and resent every time the dashboard reconnects, until the server
    /// acknowledges it.
    pub fn send_message(&self, chat: ChatId, text: String) {
        let pending = Pending::new(self.app.me, chat, text);
        let frame = pending.frame();
        self.app.outbox.update(|all| all.push(pending));
        self.send(&frame);
    }

    /// Resends a message that was refused.
    pub fn resend(&self, client_id: ClientId) {
        let mut frame = None;
        self.app.outbox.update(|all| {
            if let Some(pending) = all.iter_mut().find(|pending| pending.client_id == client_id) {
                pending.refused = None;
                pending.keep();
                frame = Some(pending.frame());
            }
        });
        if let Some(frame) = frame {
            self.send(&frame);
        }
    }

    /// Removes a message that was refused from the outbox.
    pub fn discard(&self, client_id: ClientId) {
        outbox::forget(client_id);
        self.app.outbox.update(|all| all.retain(|pending| pending.client_id != client_id));
    }

    /// Opens or closes a chat's window.
    pub fn window(&self, chat: ChatId, open: bool) {
        let frame = self.app.window(chat, open);
        self.send(&frame);
    }

    /// Reports that the agent is typing, at most every three seconds.
    pub fn typing(&self, chat: ChatId) {
        let now = clock::browser_now();
        if now - self.typed_at.get_value() >= TYPING_INTERVAL_MS {
            self.typed_at.set_value(now);
            self.send(&FromAgent::Typing(chat));
        }
    }

    /// Reports pointer or keyboard activity, at most every ten seconds.
    pub fn moved(&self) {
        let now = clock::browser_now();
        if self.moved_at.try_get_value().is_some_and(|at| now - at >= INPUT_INTERVAL_MS) {
            self.moved_at.set_value(now);
            self.send(&FromAgent::Input);
        }
    }

    /// Reports which entries have been received and read.
    pub fn receipt(&self, chat: ChatId, receipt: Receipt) {
        self.send(&FromAgent::Receipt { chat, receipt });
    }

    /// Edits one of the agent's messages, or deletes it if `text` is `None`.
    pub fn change(&self, chat: ChatId, of: Seq, text: Option<String>) {
        self.send(&FromAgent::Change { chat, of, text });
    }

    /// Reports that the agent is writing an invitation to a visitor or, if `visit` is `None`, that they have stopped.
    pub fn composing(&self, visit: Option<VisitId>) {
        self.send(&FromAgent::Composing(visit));
    }
}

#[cfg(not(feature = "hydrate"))]
impl Live {
    /// Does nothing, because there is no connection on the server.
    pub fn connect(&self) {}
    /// Does nothing, because there is no connection on the server.
    pub fn retry_now(&self) {}
    /// Does nothing, because there is no connection on the server.
    pub fn leave(&self) {}

    fn send(&self, _frame: &FromAgent) {}
}
