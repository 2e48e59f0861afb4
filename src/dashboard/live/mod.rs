//! The one socket of the dashboard: it is made, kept, lost and made again here, and nowhere else is it known. On the server
//! the same handle does nothing.

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

/// A cheap handle to the dashboard and its connection.
#[derive(Clone, Copy)]
pub struct Live {
    /// What the browser knows.
    pub app: AppState,
    typed_at: StoredValue<i64>,
    moved_at: StoredValue<i64>,
    #[cfg(feature = "hydrate")]
    connection: StoredValue<connection::Connection, LocalStorage>,
}

impl Live {
    /// The dashboard as the server drew it; not yet connected.
    pub fn new(initial: InitialState) -> Self {
        Self {
            app: AppState::new(initial),
            typed_at: StoredValue::new(0),
            moved_at: StoredValue::new(0),
            #[cfg(feature = "hydrate")]
            connection: StoredValue::new_local(connection::Connection::default()),
        }
    }

    /// The one that the frame of the dashboard has made.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// A message: kept, shown and sent; sent again until the server has it.
    pub fn send_message(&self, chat: ChatId, text: String) {
        let pending = Pending::new(self.app.me, chat, text);
        let frame = pending.frame();
        self.app.outbox.update(|all| all.push(pending));
        self.send(&frame);
    }

    /// A refused message, once more.
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

    /// A refused message is given up.
    pub fn discard(&self, client_id: ClientId) {
        outbox::forget(client_id);
        self.app.outbox.update(|all| all.retain(|pending| pending.client_id != client_id));
    }

    /// A window onto a chat opens or closes.
    pub fn window(&self, chat: ChatId, open: bool) {
        let frame = self.app.window(chat, open);
        self.send(&frame);
    }

    /// I am typing; told every three seconds at most.
    pub fn typing(&self, chat: ChatId) {
        let now = clock::browser_now();
        if now - self.typed_at.get_value() >= TYPING_INTERVAL_MS {
            self.typed_at.set_value(now);
            self.send(&FromAgent::Typing(chat));
        }
    }

    /// A pointer or a key moves; told every ten seconds at most.
    pub fn moved(&self) {
        let now = clock::browser_now();
        if self.moved_at.try_get_value().is_some_and(|at| now - at >= INPUT_INTERVAL_MS) {
            self.moved_at.set_value(now);
            self.send(&FromAgent::Input);
        }
    }

    /// Entries have come, or been read.
    pub fn receipt(&self, chat: ChatId, receipt: Receipt) {
        self.send(&FromAgent::Receipt { chat, receipt });
    }

    /// A message of mine says something else from now on, or is taken away.
    pub fn change(&self, chat: ChatId, of: Seq, text: Option<String>) {
        self.send(&FromAgent::Change { chat, of, text });
    }

    /// I am writing an invitation to this visit, or no longer.
    pub fn composing(&self, visit: Option<VisitId>) {
        self.send(&FromAgent::Composing(visit));
    }
}

#[cfg(not(feature = "hydrate"))]
impl Live {
    /// Nothing is connected on the server.
    pub fn connect(&self) {}
    /// Nothing is connected on the server.
    pub fn retry_now(&self) {}
    /// Nothing is connected on the server.
    pub fn leave(&self) {}

    fn send(&self, _frame: &FromAgent) {}
}
