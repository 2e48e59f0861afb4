//! Notices, which are shown on every page of the dashboard. Because a notice can be missed while the connection is
//! lost, or be outdated after reconnecting, notices are reconciled with the board's rows.

use leptos::prelude::*;
use protocol::{
    board::Row,
    chat::ChatState,
    id::{ChatId, VisitId},
    notice::Notice,
};

use super::AppState;
use crate::dashboard::{filter_and_sort::visitor_name, i18n, notification_sound};

/// How long an informational notice is shown, in seconds. The same information remains available in the visitor's row
/// and, later, in the visitor's history.
const INFORMATIONAL_SECONDS: u8 = 15;

/// A notice in the top right corner of the page. Notices that require action stay until the agent acts on them;
/// informational ones disappear after a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownNotice {
    /// A unique key for the notice on the screen.
    pub key: u32,
    /// The notice's content.
    pub content: NoticeContent,
    /// How many seconds remain until it disappears, or `None` if it stays until the agent acts.
    pub seconds_left: Option<u8>,
}

/// The content of a [`ShownNotice`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeContent {
    /// A notice from the server.
    Notice(Notice),
    /// An error message for a request that failed.
    Failure(String),
}

/// Returns whether the notice only reports an outcome and doesn't require any action.
fn is_informational(content: &NoticeContent) -> bool {
    matches!(content, NoticeContent::Notice(Notice::Denied { .. } | Notice::Unanswered { .. } | Notice::Claimed { .. }))
}

/// If the notice is about a chat that can be claimed, returns the chat and its visit.
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
    /// Returns how many notices and messages need attention. This number is shown in the tab's title.
    pub fn attention_count(&self) -> usize {
        let calls =
            |shown: &&ShownNotice| matches!(shown.content, NoticeContent::Notice(_)) && shown.seconds_left.is_none();
        let standing = self.notices.with(|all| all.iter().filter(calls).count());
        standing + self.unread() as usize
    }

    /// Tells the agent why a request failed.
    pub fn show_failure(&self, sentence: String) {
        self.show_notice(NoticeContent::Failure(sentence));
    }

    /// Counts down the informational notices by one second. Only called while the page is visible and no notice is
    /// hovered or focused.
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

    /// Removes a notice after the agent has acted on it.
    pub fn dismiss(&self, key: u32) {
        self.notices.update(|notices| notices.retain(|shown| shown.key != key));
    }

    /// Removes the notices that offer a chat, after it has been claimed or has ended.
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
            // The board's row may have arrived first, in which case the notice is already shown.
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

    // Reconciliation with the board

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

    /// Removes notices for a chat that is no longer waiting, and shows a notice for any acceptance or offer that was
    /// missed.
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
            // The chat has since been offered to another agent.
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
