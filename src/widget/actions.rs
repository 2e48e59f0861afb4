//! The visitor's actions: opening the panel, answering an invitation, leaving contact details, and sending a message.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use protocol::{Millis, id::ClientId, invitation::Answer, limits, visitor::FromVisitor};

use crate::{
    event::{Effect, Notice},
    state::State,
};

impl State {
    /// Records the visitor's first interaction. From then on, the browser may store the token permanently.
    pub(crate) fn act(&mut self, effects: &mut Vec<Effect>) {
        if !self.acted {
            self.acted = true;
            self.lasting = true;
            self.send(FromVisitor::Interacted, effects);
            effects.push(Effect::SaveToken);
        }
    }

    pub(crate) fn open_panel(&mut self, effects: &mut Vec<Effect>) {
        self.act(effects);
        if !self.open {
            self.open = true;
            effects.push(Effect::KeepOpen(true));
        }
    }

    pub(crate) fn answer(&mut self, answer: Answer, effects: &mut Vec<Effect>) {
        let Some(invitation) = &self.invitation else { return };
        let id = invitation.id;
        if answer == Answer::Accept {
            self.expected = Some(invitation.by.clone());
            self.conversation.meet(&invitation.by.clone());
            self.open_panel(effects);
        } else {
            // Without a stored token, the denial would be forgotten on the next page, and the visitor could be invited
            // again (scenario 18 in docs/testing.md).
            self.lasting = true;
            effects.push(Effect::SaveToken);
        }
        self.pending = Some((id, answer));
        self.send(FromVisitor::Answer { invitation: id, answer }, effects);
    }

    pub(crate) fn leave_contact(&mut self, name: String, email: String, effects: &mut Vec<Effect>) {
        self.notice = None;
        self.pending_contact = Some((name.clone(), email.clone()));
        self.send(FromVisitor::LeaveContact { name, email }, effects);
    }

    pub(crate) fn submit_message(&mut self, client_id: ClientId, text: &str, now: Millis, effects: &mut Vec<Effect>) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if text.chars().count() > limits::MESSAGE_CHARS {
            self.notice = Some(Notice::TooLong);
            return;
        }
        self.act(effects);
        self.notice = self.notice.filter(|notice| matches!(notice, Notice::SentLater(_)));
        self.composed_at = 0;
        if !self.conversation.is_live() {
            self.person_requested = true;
        }
        effects.push(Effect::Clear);
        effects.push(Effect::Keep(client_id, text.to_owned()));
        self.outbox.put(client_id, text.to_owned(), now + self.offset);
        self.resend(false, now, effects);
    }
}
