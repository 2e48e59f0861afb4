//! The part of a chat that a client has not received yet. It is read in pieces. Each piece is read after the client has
//! taken what was queued before it, so neither the queue nor the memory grows with the length of the chat.

use std::collections::VecDeque;

use protocol::id::ChatId;

/// What a client misses of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CatchUp {
    pub(crate) chat: ChatId,
    pub(crate) of: CatchUpKind,
    /// The number of the last item that the client has been sent.
    pub(crate) after: u32,
}

/// What is read from a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatchUpKind {
    Entries,
    Notes,
}

/// The catch-ups of one client, in turn, so that a long chat does not delay another one.
#[derive(Default)]
pub(super) struct CatchUps(VecDeque<Pending>);

struct Pending {
    catch_up: CatchUp,
    /// The chat got a new entry since the last piece began to be read, so it must be read again.
    is_renewed: bool,
}

impl CatchUps {
    /// Adds a catch-up. Returns false if the same one is in progress: then the client knows its pieces already, or they
    /// are on their way.
    pub(super) fn begin(&mut self, catch_up: CatchUp) -> bool {
        let same = self.0.iter_mut().find(|pending| pending.catch_up.is_same(&catch_up));
        let Some(pending) = same else {
            self.0.push_back(Pending { catch_up, is_renewed: false });
            return true;
        };
        pending.catch_up.after = pending.catch_up.after.max(catch_up.after);
        false
    }

    /// Returns the catch-up whose next piece is to be read. It stays until [`Self::advance`].
    pub(super) fn next(&mut self) -> Option<CatchUp> {
        let pending = self.0.front_mut()?;
        pending.is_renewed = false;
        Some(pending.catch_up)
    }

    /// Records that the chat has a new entry. Returns whether a catch-up will deliver it.
    pub(super) fn renew(&mut self, chat: ChatId) -> bool {
        let is_meant =
            |pending: &&mut Pending| pending.catch_up.chat == chat && pending.catch_up.of == CatchUpKind::Entries;
        let Some(pending) = self.0.iter_mut().find(is_meant) else { return false };
        pending.is_renewed = true;
        true
    }

    /// Records that everything up to `after` was read; `is_all`: that was the last piece. Returns whether the client
    /// still wants it.
    pub(super) fn advance(&mut self, read: CatchUp, after: u32, is_all: bool) -> bool {
        let Some(place) = self.0.iter().position(|pending| pending.catch_up.is_same(&read)) else { return false };
        if let Some(mut pending) = self.0.remove(place)
            && (pending.is_renewed || !is_all)
        {
            pending.catch_up.after = pending.catch_up.after.max(after);
            self.0.push_back(pending);
        }
        if self.0.is_empty() {
            // Most clients have caught up, so an empty list keeps no capacity.
            self.0 = VecDeque::new();
        }
        true
    }

    /// Drops the catch-ups of the chats that `is_gone` accepts.
    pub(super) fn cancel(&mut self, is_gone: impl Fn(ChatId) -> bool) {
        self.0.retain(|pending| !is_gone(pending.catch_up.chat));
    }
}

impl CatchUp {
    fn is_same(&self, other: &Self) -> bool {
        self.chat == other.chat && self.of == other.of
    }
}
