//! Handles frames from the server.

use leptos::prelude::*;
use protocol::{
    Millis,
    agent::{Directory, DirectoryPart, FromAgent, ToAgent},
    chat::Seq,
    id::{ChatId, ClientId},
    limits::TYPING_MS,
    refusal::Refusal,
};

use super::{AppState, Link};
use crate::dashboard::{i18n, outbox::Pending};

impl AppState {
    /// Applies a frame from the server and returns the frames to send in response.
    pub fn handle_frame(&self, frame: ToAgent) -> Vec<FromAgent> {
        // Called from a socket callback, outside of any reactive scope.
        untrack(|| self.handle_frame_untracked(frame))
    }

    fn handle_frame_untracked(&self, frame: ToAgent) -> Vec<FromAgent> {
        match frame {
            ToAgent::Welcome { now, directory } => return self.welcome(now, directory),
            ToAgent::Snapshot(piece) => self.receive_snapshot_piece(piece),
            ToAgent::Batch(batch) => return self.apply_batch(batch),
            ToAgent::Chats(chats) => {
                let parts = self.chats_parts.try_update_value(std::mem::take).unwrap_or_default();
                return self.put_chats(parts.into_iter().chain(chats).collect());
            }
            ToAgent::ChatsPart(chats) => self.chats_parts.update_value(|parts| parts.extend(chats)),
            ToAgent::DirectoryPart(part) => self.directory_parts.update_value(|parts| parts.append(part)),
            ToAgent::Chat(chat) => return self.put_chat(chat).into_iter().collect(),
            ToAgent::ChatGone(chat) => self.move_to_past(chat),
            ToAgent::Entries { chat, entries } => {
                if !self.add_entries(chat, entries) {
                    return vec![self.open(chat)];
                }
            }
            ToAgent::Acknowledged { chat, client_id, seq, at } => {
                return self.handle_acknowledgment(chat, client_id, seq, at);
            }
            ToAgent::Refused { client_id, refusal } => self.handle_refusal(client_id, refusal),
            ToAgent::Typing(chat) => {
                let until = self.clock() + TYPING_MS;
                self.typing.update(|typing| {
                    typing.insert(chat, until);
                });
            }
            ToAgent::Notice(notice) => self.handle_notice(notice),
            ToAgent::Heartbeat { now, seq, heads } => return self.handle_beat(now, seq, heads),
            ToAgent::Colleagues(some) => self.colleagues.update(|all| {
                all.retain(|had| some.iter().all(|one| one.agent != had.agent));
                all.extend(some.into_iter().filter(|one| one.is_there));
                all.sort_by_key(|one| one.agent);
            }),
            ToAgent::Notes { chat, notes } => self.add_notes(chat, notes),
            ToAgent::Readers { chat, readers } => self.readers.update(|all| {
                all.insert(chat, readers);
            }),
            ToAgent::AccessLost(chat) => self.forget_chat(chat),
            // Already handled by the connection.
            ToAgent::CloseReason(_) => {}
        }
        Vec::new()
    }

    /// Forgets the parts that a lost connection has left incomplete.
    pub fn forget_parts(&self) {
        self.directory_parts.set_value(DirectoryPart::default());
        self.chats_parts.set_value(Vec::new());
    }

    fn welcome(&self, now: Millis, directory: Directory) -> Vec<FromAgent> {
        self.set_clock(now);
        let parts = self.directory_parts.try_update_value(std::mem::take).unwrap_or_default();
        self.directory.set(directory.with_parts(parts));
        self.link.set(Link::Up);
        self.reconcile_with_board();
        let opened = self.windows.get_value().into_iter().map(|chat| self.open(chat));
        let sent_again = self.outbox.with_untracked(|all| {
            all.iter().filter(|pending| pending.refused.is_none()).map(Pending::frame).collect::<Vec<_>>()
        });
        opened.chain(sent_again).collect()
    }

    fn handle_refusal(&self, client_id: Option<ClientId>, refusal: Refusal) {
        let Some(client_id) = client_id else {
            // Opening a window is the only request without a client ID.
            let windows = self.windows.get_value();
            let unknown = windows.into_iter().find(|chat| refusal == Refusal::NotFound && self.chat(*chat).is_none());
            return match unknown {
                Some(chat) => self.missing.set(Some(chat)),
                None => self.show_failure(i18n::refusal_text(
                    &refusal,
                    |agent| self.agent_name(agent),
                    |at| self.hour_minute(at),
                )),
            };
        };
        self.outbox.update(|all| {
            if let Some(pending) = all.iter_mut().find(|pending| pending.client_id == client_id) {
                pending.refused = Some(refusal);
                pending.keep();
            }
        });
    }

    fn handle_beat(&self, now: Millis, seq: u64, heads: Vec<(ChatId, Seq)>) -> Vec<FromAgent> {
        self.set_clock(now);
        let behind = |(chat, head): (ChatId, Seq)| {
            let open = self.windows.with_value(|windows| windows.contains(&chat));
            (open && self.head(chat) < head).then(|| self.open(chat))
        };
        let mut answers: Vec<FromAgent> = heads.into_iter().filter_map(behind).collect();
        if self.with_board(|board| board.seq < seq) {
            answers.push(FromAgent::Resync);
        }
        answers
    }
}
