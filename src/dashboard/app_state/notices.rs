//! What the agent is told wherever in the dashboard he is. A notice may be missed while the connection is lost, and may be
//! out of date when it is back: so each is compared with the rows of the board.

use leptos::prelude::*;
use protocol::{
    board::Row,
    chat::ChatState,
    id::{ChatId, VisitId},
    notice::Notice,
};

use super::AppState;
use crate::dashboard::{arrangement::visitor_name, i18n, sound};

/// For so many seconds somebody can read what calls for nothing; then it goes by itself. As long as the visitor is there, his row
/// tells it as well, and afterwards what is known of him.
const READ_WITHIN: u8 = 15;

/// Something that stands top right: what calls for a person until he acts on it, what only tells until it can have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its name on the screen.
    pub key: u32,
    /// What.
    pub what: What,
    /// So many seconds more; none: until the agent acts.
    pub stays: Option<u8>,
}

/// See [`Told`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The server's.
    Notice(Notice),
    /// Something that could not be done.
    Failure(String),
}

/// It tells how something ended, and asks for nothing.
fn only_tells(what: &What) -> bool {
    matches!(what, What::Notice(Notice::Denied { .. } | Notice::Unanswered { .. } | Notice::Claimed { .. }))
}

/// The chat and the visit of a notice that calls to claim.
fn call_of(what: &What) -> Option<(ChatId, VisitId)> {
    match what {
        What::Notice(
            Notice::Accepted { chat, visit, .. }
            | Notice::Waiting { chat, visit, .. }
            | Notice::Offered { chat, visit, .. },
        ) => Some((*chat, *visit)),
        _ => None,
    }
}

impl AppState {
    /// How much calls for a person: for the tab's title.
    pub fn calls(&self) -> usize {
        let calls = |told: &&Told| matches!(told.what, What::Notice(_)) && told.stays.is_none();
        let standing = self.notices.with(|all| all.iter().filter(calls).count());
        standing + self.unread() as usize
    }

    /// Tells the agent that something could not be.
    pub fn fail(&self, sentence: String) {
        self.tell(What::Failure(sentence));
    }

    /// For a second what stands there could be read: the page was seen, and nobody held it fast.
    pub fn notices_were_seen(&self) {
        if self.notices.with_untracked(|notices| notices.iter().all(|told| told.stays.is_none())) {
            return;
        }
        self.notices.update(|notices| {
            notices.iter_mut().for_each(|told| told.stays = told.stays.map(|seconds| seconds.saturating_sub(1)));
            notices.retain(|told| told.stays != Some(0));
        });
    }

    /// The agent has acted on it.
    pub fn dismiss(&self, key: u32) {
        self.notices.update(|notices| notices.retain(|told| told.key != key));
    }

    /// Takes away what calls to claim a chat that is claimed or over.
    pub fn settle(&self, chat: ChatId) {
        self.take_away(|(one, _)| one == chat);
    }

    pub(super) fn settle_visit(&self, visit: VisitId) {
        self.take_away(|(_, one)| one == visit);
    }

    fn take_away(&self, over: impl Fn((ChatId, VisitId)) -> bool) {
        let is_over = |told: &Told| call_of(&told.what).is_some_and(&over);
        if self.notices.with_untracked(|notices| notices.iter().any(is_over)) {
            self.notices.update(|notices| notices.retain(|told| !is_over(told)));
        }
    }

    fn tell(&self, what: What) {
        let key = self.last_key.get_value() + 1;
        self.last_key.set_value(key);
        self.notices.update(|notices| {
            notices.retain(|told| told.what != what);
            let stays = only_tells(&what).then_some(READ_WITHIN);
            notices.push(Told { key, what, stays });
        });
    }

    fn was_told_of_my(&self, accepted: ChatId) -> bool {
        self.notices.with_untracked(|notices| {
            notices
                .iter()
                .any(|told| matches!(told.what, What::Notice(Notice::Accepted { chat, .. } | Notice::Offered { chat, .. }) if chat == accepted))
        })
    }

    pub(super) fn notice(&self, notice: Notice) {
        match &notice {
            Notice::Claimed { chat, by } => {
                let was_mine = self.was_told_of_my(*chat);
                self.settle(*chat);
                if !was_mine || *by == self.me {
                    return;
                }
            }
            Notice::Ended { chat } => return self.settle(*chat),
            // The row may have said so a moment earlier.
            Notice::Accepted { chat, .. } | Notice::Offered { chat, .. } if self.was_told_of_my(*chat) => return,
            Notice::Accepted { chat, visitor_name: name, .. } => {
                self.settle(*chat);
                sound::call(&i18n::fill(i18n::accepted(), visitor_name(name.as_deref())));
            }
            Notice::Waiting { chat, visitor_name: name, .. } => {
                self.settle(*chat);
                sound::call(&i18n::fill(i18n::waits(), visitor_name(name.as_deref())));
            }
            Notice::Offered { chat, visitor_name: name, .. } => {
                self.settle(*chat);
                sound::call(&i18n::fill(i18n::offered(), visitor_name(name.as_deref())));
            }
            Notice::TakenOver { .. } | Notice::HandedOver { .. } | Notice::Whispered { .. } => sound::chime(),
            Notice::Denied { .. } | Notice::Unanswered { .. } => {}
        }
        self.tell(What::Notice(notice));
    }

    // What the board says

    pub(super) fn compare_with_the_board(&self) {
        let now = self.clock();
        let (waiting, here) = self.with_board(|board| {
            let waiting = board.rows.values().filter(|row| self.is_kept_for_me(row, now)).cloned().collect::<Vec<_>>();
            let told = self
                .notices
                .with_untracked(|all| all.iter().filter_map(|told| call_of(&told.what)).collect::<Vec<_>>());
            let here = told.into_iter().map(|(_, visit)| (visit, board.rows.get(&visit).cloned())).collect::<Vec<_>>();
            (waiting, here)
        });
        for (visit, row) in here {
            match row {
                Some(row) => self.compare(&row),
                None => self.settle_visit(visit),
            }
        }
        waiting.iter().for_each(|row| self.compare(row));
    }

    /// A chat that no longer waits calls nobody; an acceptance that was missed is told now.
    pub(super) fn compare(&self, row: &Row) {
        let Some(chat) = &row.chat else { return };
        if chat.state != ChatState::Unclaimed {
            self.settle(chat.id);
        } else if self.is_kept_for_me(row, self.clock()) {
            let (visitor_name, until) = (row.name.clone(), chat.reserved_until.unwrap_or_default());
            let (chat, visit, offered) = (chat.id, row.visit, chat.offered);
            self.notice(match offered {
                true => Notice::Offered { chat, visit, visitor_name, until },
                false => Notice::Accepted { chat, visit, visitor_name, reserved_until: until, late: false },
            });
        } else if chat.reserved_for != Some(self.me) {
            // What was offered to me has gone on to another.
            self.offer_is_over(chat.id);
        }
    }

    fn offer_is_over(&self, over: ChatId) {
        let is_over = |told: &Told| matches!(told.what, What::Notice(Notice::Offered { chat, .. }) if chat == over);
        if self.notices.with_untracked(|notices| notices.iter().any(is_over)) {
            self.notices.update(|notices| notices.retain(|told| !is_over(told)));
        }
    }

    fn is_kept_for_me(&self, row: &Row, now: protocol::Millis) -> bool {
        row.chat.as_ref().is_some_and(|chat| {
            let until = chat.reserved_until.is_some_and(|until| now < until);
            chat.state == ChatState::Unclaimed && chat.reserved_for == Some(self.me) && until
        })
    }
}
