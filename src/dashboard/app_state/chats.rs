//! The agent's chats: the list, the open windows, and the chats' entries and notes.

use leptos::prelude::*;
use protocol::{
    Millis,
    agent::FromAgent,
    chat::{AgentChat, Author, Body, ChatState, Entry, Receipt, Seq, amend},
    id::{ChatId, ClientId},
    note::Note,
};

use super::AppState;
use crate::dashboard::{
    filter_and_sort::visitor_name,
    notification_sound,
    outbox::{self, Pending},
};

/// Returns whether the chat is live and the visitor wrote the last message.
pub fn awaits_reply(chat: &AgentChat) -> bool {
    chat.chat.state.is_live() && chat.last.as_ref().is_some_and(|last| last.from_visitor)
}

impl AppState {
    /// Returns my chats. Those waiting for a reply come first, longest wait first, followed by the others, most recent
    /// message first, and finally by those that have ended.
    pub fn my_chats(&self) -> Vec<AgentChat> {
        let is_mine = |chat: &&AgentChat| chat.chat.agent == Some(self.me);
        let mut mine: Vec<AgentChat> = self.chats.with(|chats| chats.iter().filter(is_mine).cloned().collect());
        mine.sort_by_key(|chat| {
            let at = chat.last.as_ref().map_or(chat.chat.since, |last| last.at);
            match (chat.chat.state, awaits_reply(chat)) {
                (ChatState::Ended, _) => (2, -at),
                (_, true) => (0, at),
                (_, false) => (1, -at),
            }
        });
        mine
    }

    /// Returns a chat if it is or was mine, or if I have it open.
    pub fn chat(&self, id: ChatId) -> Option<AgentChat> {
        let find = |chats: &Vec<AgentChat>| chats.iter().find(|chat| chat.chat.id == id).cloned();
        self.chats.with(find).or_else(|| self.past.with(find))
    }

    /// Returns whether I am the agent in this chat.
    pub fn is_mine(&self, id: ChatId) -> bool {
        self.chats.with(|chats| chats.iter().any(|chat| chat.chat.id == id && chat.chat.agent == Some(self.me)))
    }

    /// Returns the total number of unread visitor messages in my chats.
    pub fn unread(&self) -> u32 {
        let is_mine = |chat: &&AgentChat| chat.chat.agent == Some(self.me);
        self.chats.with(|chats| chats.iter().filter(is_mine).map(|chat| chat.unread).sum())
    }

    /// Returns the chat's entries that have been loaded.
    pub fn entries(&self, chat: ChatId) -> ArcRwSignal<Vec<Entry>> {
        if let Some(entries) = self.entries.with_value(|all| all.get(&chat).cloned()) {
            return entries;
        }
        let entries = ArcRwSignal::new(Vec::new());
        self.entries.update_value(|all| {
            all.insert(chat, entries.clone());
        });
        entries
    }

    /// Returns the chat's internal notes that have been loaded.
    pub fn notes(&self, chat: ChatId) -> ArcRwSignal<Vec<Note>> {
        if let Some(notes) = self.notes.with_value(|all| all.get(&chat).cloned()) {
            return notes;
        }
        let notes = ArcRwSignal::new(Vec::new());
        self.notes.update_value(|all| {
            all.insert(chat, notes.clone());
        });
        notes
    }

    /// Adds notes, replacing any with the same number. Gaps are filled the next time the window is opened.
    pub(super) fn add_notes(&self, chat: ChatId, more: Vec<Note>) {
        self.notes(chat).update(|notes| {
            notes.retain(|had| more.iter().all(|note| note.number != had.number));
            notes.extend(more);
            notes.sort_by_key(|note| note.number);
        });
    }

    /// Returns the sequence number of the last entry that has been loaded, or 0 if there is none.
    pub fn head(&self, chat: ChatId) -> Seq {
        self.entries(chat).with_untracked(|entries| entries.last().map_or(0, |entry| entry.seq))
    }

    /// Records that a chat's window was opened or closed, and returns the frame to send.
    pub fn window(&self, chat: ChatId, open: bool) -> FromAgent {
        self.windows.update_value(|windows| {
            windows.retain(|one| *one != chat);
            if open {
                windows.push(chat);
            }
        });
        if open { self.open(chat) } else { FromAgent::Close(chat) }
    }

    /// Returns a frame that opens a chat and requests any missing entries.
    pub(super) fn open(&self, chat: ChatId) -> FromAgent {
        FromAgent::Open { chat, head: self.head(chat) }
    }

    /// Adds entries that follow those already loaded. Returns `false` if any entries in between are missing.
    pub fn add_entries(&self, chat: ChatId, more: Vec<Entry>) -> bool {
        let head = self.head(chat);
        if more.last().is_none_or(|entry| entry.seq <= head) {
            return true;
        }
        if more.iter().any(|entry| entry.author == Author::Visitor) {
            self.typing.update(|typing| {
                typing.remove(&chat);
            });
        }
        let named: Vec<ClientId> = more.iter().filter_map(|entry| entry.client_id).collect();
        let mut whole = true;
        let signal = self.entries(chat);
        let mut entries = signal.write_untracked();
        let before = entries.len();
        for entry in more {
            let next = entries.last().map_or(0, |last| last.seq) + 1;
            match entry.seq {
                seq if seq == next => {
                    entries.push(entry);
                    amend(&mut entries);
                }
                seq if seq > next => whole = false,
                _ => {}
            }
        }
        let (after, reached) = (entries.len(), entries.last().map_or(0, |last| last.seq));
        drop(entries);
        // A long chat arrives in many pieces. Drawing the whole list for each would take minutes, so until the last one
        // it is drawn only when it has doubled.
        let is_behind = self.chat(chat).is_some_and(|known| known.head > reached);
        if !is_behind || before.next_power_of_two() < after.next_power_of_two() {
            signal.notify();
        }
        self.remove_from_outbox(&named);
        whole
    }

    fn remove_from_outbox(&self, client_ids: &[ClientId]) {
        if self.outbox.with_untracked(|all| all.iter().any(|pending| client_ids.contains(&pending.client_id))) {
            self.outbox.update(|all| all.retain(|pending| !client_ids.contains(&pending.client_id)));
            client_ids.iter().copied().for_each(outbox::forget);
        }
    }

    pub(super) fn handle_acknowledgment(
        &self,
        chat: ChatId,
        client_id: ClientId,
        seq: Seq,
        at: Millis,
    ) -> Vec<FromAgent> {
        let found = |all: &Vec<Pending>| all.iter().find(|pending| pending.client_id == client_id).cloned();
        let Some(pending) = self.outbox.with_untracked(found) else { return Vec::new() };
        let author = Author::Agent(pending.agent);
        let entry = Entry { seq, at, author, client_id: Some(client_id), body: Body::Text(pending.text) };
        let whole = self.add_entries(chat, vec![entry]);
        self.remove_from_outbox(&[client_id]);
        if whole { Vec::new() } else { vec![self.open(chat)] }
    }

    pub(super) fn put_chats(&self, chats: Vec<AgentChat>) -> Vec<FromAgent> {
        let gone: Vec<ChatId> = self.chats.with_untracked(|before| {
            let is_here = |id: ChatId| chats.iter().any(|chat| chat.chat.id == id);
            before.iter().map(|chat| chat.chat.id).filter(|id| !is_here(*id)).collect()
        });
        gone.into_iter().for_each(|chat| self.move_to_past(chat));
        chats.into_iter().flat_map(|chat| self.put_chat(chat)).collect()
    }

    pub(super) fn put_chat(&self, chat: AgentChat) -> Option<FromAgent> {
        let id = chat.chat.id;
        let mine = chat.chat.agent == Some(self.me);
        let before =
            self.chats.with_untracked(|chats| chats.iter().find(|one| one.chat.id == id).map(|one| one.unread));
        if mine && chat.unread > before.unwrap_or(0) && !self.is_on_screen(id) {
            let name = visitor_name(chat.visitor_name.as_deref());
            let said = chat.last.as_ref().map(|last| format!("{name}: {}", last.text));
            notification_sound::alert(said.as_deref().unwrap_or(name));
        }
        let receipt = Receipt { delivered: chat.head, read: chat.agent_receipt.read };
        let answer = mine && chat.head > chat.agent_receipt.delivered;
        if self.missing.get_untracked() == Some(id) {
            self.missing.set(None);
        }
        self.past.update(|past| past.retain(|one| one.chat.id != id));
        self.chats.update(|chats| match chats.iter_mut().find(|one| one.chat.id == id) {
            Some(one) => *one = chat,
            None => chats.push(chat),
        });
        answer.then_some(FromAgent::Receipt { chat: id, receipt })
    }

    pub(super) fn move_to_past(&self, gone: ChatId) {
        let found = |chats: &Vec<AgentChat>| chats.iter().find(|chat| chat.chat.id == gone).cloned();
        let Some(chat) = self.chats.with_untracked(found) else { return };
        self.chats.update(|chats| chats.retain(|chat| chat.chat.id != gone));
        self.past.update(|past| past.push(chat));
    }

    /// Removes a chat that I may no longer read, with everything loaded of it.
    pub(super) fn forget_chat(&self, lost: ChatId) {
        for list in [self.chats, self.past] {
            list.update(|chats| chats.retain(|chat| chat.chat.id != lost));
        }
        self.readers.update(|all| {
            all.remove(&lost);
        });
        self.typing.update(|typing| {
            typing.remove(&lost);
        });
        // The signals are emptied, because a window may still hold them.
        if let Some(entries) = self.entries.try_update_value(|all| all.remove(&lost)).flatten() {
            entries.set(Vec::new());
        }
        if let Some(notes) = self.notes.try_update_value(|all| all.remove(&lost)).flatten() {
            notes.set(Vec::new());
        }
        if self.windows.with_value(|windows| windows.contains(&lost)) {
            self.missing.set(Some(lost));
        }
    }

    fn is_on_screen(&self, chat: ChatId) -> bool {
        self.windows.with_value(|windows| windows.contains(&chat)) && !notification_sound::is_hidden()
    }
}
