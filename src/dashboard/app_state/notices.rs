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
use crate::dashboard::{filter_and_sort::visitor_name, i18n, notification_sound};

/// For so many seconds somebody can read what calls for nothing; then it goes by itself. As long as the visitor is there, his row
/// tells it as well, and afterwards what is known of him.
const INFORMATIONAL_SECONDS: u8 = 15;

/// Something that stands top right: what calls for a person until he acts on it, what only tells until it can have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNotice {
    /// Its name on the screen.
    pub key: u32,
    /// What.
    pub content: NoticeContent,
    /// So many seconds more; none: until the agent acts.
    pub seconds_left: Option<u8>,
}

/// See [`ShownNotice`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeContent {
    /// The server's.
    Notice(Notice),
    /// Something that could not be done.
    Failure(String),
}

/// It tells how something ended, and asks for nothing.
fn is_informational(content: &NoticeContent) -> bool {
    matches!(content, NoticeContent::Notice(Notice::Denied { .. } | Notice::Unanswered { .. } | Notice::Claimed { .. }))
}

/// The chat and the visit of a notice that calls to claim.
fn claimable_chat(content: &NoticeContent) -> Option<(ChatId, VisitId)> {
    match content {
        NoticeContent::Notice(
            Notice::Accepted { chat, visit, .. }
            | Notice::Waiting { chat, visit, .. }
            | Notice::Offered { chat, visit, .. },
        ) => Some((*chat, *visit)),
        _ => None,
    }
}

impl AppState {
    /// How much calls for a person: for the tab's title.
    pub fn attention_count(&self) -> usize {
        let calls =
            |shown: &&ShownNotice| matches!(shown.content, NoticeContent::Notice(_)) && shown.seconds_left.is_none();
        let standing = self.notices.with(|all| all.iter().filter(calls).count());
        standing + self.unread() as usize
    }

    /// Tells the agent that something could not be.
    pub fn show_failure(&self, sentence: String) {
        self.show_notice(NoticeContent::Failure(sentence));
    }

    /// For a second what stands there could be read: the page was seen, and nobody held it fast.
    pub fn age_notices(&self) {
        if self.notices.with_untracked(|notices| notices.iter().all(|shown| shown.seconds_left.is_none())) {
            return;
        }
        self.notices.update(|notices| {
            notices
                .iter_mut()
                .for_each(|shown| shown.seconds_left = shown.seconds_left.map(|seconds| seconds.saturating_sub(1)));
            notices.retain(|shown| shown.seconds_left != Some(0));
        });
    }

    /// The agent has acted on it.
    pub fn dismiss(&self, key: u32) {
        self.notices.update(|notices| notices.retain(|shown| shown.key != key));
    }

    /// Takes away what calls to claim a chat that is claimed or over.
    pub fn dismiss_claim_notice(&self, chat: ChatId) {
        self.dismiss_where(|(one, _)| one == chat);
    }

    pub(super) fn dismiss_visit_notices(&self, visit: VisitId) {
        self.dismiss_where(|(_, one)| one == visit);
    }

    fn dismiss_where(&self, over: impl Fn((ChatId, VisitId)) -> bool) {
        let is_over = |shown: &ShownNotice| claimable_chat(&shown.content).is_some_and(&over);
        if self.notices.with_untracked(|notices| notices.iter().any(is_over)) {
            self.notices.update(|notices| notices.retain(|shown| !is_over(shown)));
        }
    }

    fn show_notice(&self, content: NoticeContent) {
        let key = self.last_key.get_value() + 1;
        self.last_key.set_value(key);
        self.notices.update(|notices| {
            notices.retain(|shown| shown.content != content);
            let seconds_left = is_informational(&content).then_some(INFORMATIONAL_SECONDS);
            notices.push(ShownNotice { key, content, seconds_left });
        });
    }

    fn has_notice_of(&self, accepted: ChatId) -> bool {
        self.notices.with_untracked(|notices| {
            notices
                .iter()
                .any(|shown| matches!(shown.content, NoticeContent::Notice(Notice::Accepted { chat, .. } | Notice::Offered { chat, .. }) if chat == accepted))
        })
    }

    pub(super) fn handle_notice(&self, notice: Notice) {
        match &notice {
            Notice::Claimed { chat, by } => {
                let was_mine = self.has_notice_of(*chat);
                self.dismiss_claim_notice(*chat);
                if !was_mine || *by == self.me {
                    return;
                }
            }
            Notice::Ended { chat } => return self.dismiss_claim_notice(*chat),
            // The row may have said so a moment earlier.
            Notice::Accepted { chat, .. } | Notice::Offered { chat, .. } if self.has_notice_of(*chat) => return,
            Notice::Accepted { chat, visitor_name: name, .. } => {
                self.dismiss_claim_notice(*chat);
                notification_sound::alert(&i18n::fill(i18n::accepted(), visitor_name(name.as_deref())));
            }
            Notice::Waiting { chat, visitor_name: name, .. } => {
                self.dismiss_claim_notice(*chat);
                notification_sound::alert(&i18n::fill(i18n::waits(), visitor_name(name.as_deref())));
            }
            Notice::Offered { chat, visitor_name: name, .. } => {
                self.dismiss_claim_notice(*chat);
                notification_sound::alert(&i18n::fill(i18n::offered(), visitor_name(name.as_deref())));
            }
            Notice::TakenOver { .. } | Notice::HandedOver { .. } | Notice::Whispered { .. } => {
                notification_sound::chime();
            }
            Notice::Denied { .. } | Notice::Unanswered { .. } => {}
        }
        self.show_notice(NoticeContent::Notice(notice));
    }

    // What the board says

    pub(super) fn reconcile_with_board(&self) {
        let now = self.clock();
        let (waiting, here) = self.with_board(|board| {
            let waiting =
                board.rows.values().filter(|row| self.is_reserved_for_me(row, now)).cloned().collect::<Vec<_>>();
            let shown = self.notices.with_untracked(|all| {
                all.iter().filter_map(|shown| claimable_chat(&shown.content)).collect::<Vec<_>>()
            });
            let here = shown.into_iter().map(|(_, visit)| (visit, board.rows.get(&visit).cloned())).collect::<Vec<_>>();
            (waiting, here)
        });
        for (visit, row) in here {
            match row {
                Some(row) => self.reconcile_row(&row),
                None => self.dismiss_visit_notices(visit),
            }
        }
        waiting.iter().for_each(|row| self.reconcile_row(row));
    }

    /// A chat that no longer waits calls nobody; an acceptance that was missed is told now.
    pub(super) fn reconcile_row(&self, row: &Row) {
        let Some(chat) = &row.chat else { return };
        if chat.state != ChatState::Unclaimed {
            self.dismiss_claim_notice(chat.id);
        } else if self.is_reserved_for_me(row, self.clock()) {
            let (visitor_name, until) = (row.name.clone(), chat.reserved_until.unwrap_or_default());
            let (chat, visit, offered) = (chat.id, row.visit, chat.offered);
            self.handle_notice(match offered {
                true => Notice::Offered { chat, visit, visitor_name, until },
                false => Notice::Accepted { chat, visit, visitor_name, reserved_until: until, late: false },
            });
        } else if chat.reserved_for != Some(self.me) {
            // What was offered to me has gone on to another.
            self.dismiss_offer(chat.id);
        }
    }

    fn dismiss_offer(&self, over: ChatId) {
        let is_over = |shown: &ShownNotice| matches!(shown.content, NoticeContent::Notice(Notice::Offered { chat, .. }) if chat == over);
        if self.notices.with_untracked(|notices| notices.iter().any(is_over)) {
            self.notices.update(|notices| notices.retain(|shown| !is_over(shown)));
        }
    }

    fn is_reserved_for_me(&self, row: &Row, now: protocol::Millis) -> bool {
        row.chat.as_ref().is_some_and(|chat| {
            let until = chat.reserved_until.is_some_and(|until| now < until);
            chat.state == ChatState::Unclaimed && chat.reserved_for == Some(self.me) && until
        })
    }
}
