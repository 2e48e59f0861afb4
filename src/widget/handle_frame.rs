//! Applies the server's frames to the state.

use alloc::{vec, vec::Vec};

use protocol::{
    Millis,
    chat::{Author, Body, ChatState, Entry, Seq, VisitorChat},
    contact::ContactRequest,
    id::ClientId,
    invitation::{Answer, InvitationState, VisitorInvitation},
    limits,
    refusal::Refusal,
    visitor::{FromVisitor, ToVisitor, Welcome},
};

use crate::{
    event::{Effect, Notice},
    state::State,
};

/// How long the prompt stays visible after a reconnect while the server has not confirmed that the invitation is still
/// open, in milliseconds.
const CONFIRMED_WITHIN_MS: u32 = 2_000;

impl State {
    pub(crate) fn handle_frame(&mut self, frame: ToVisitor, now: Millis, effects: &mut Vec<Effect>) {
        match frame {
            ToVisitor::Welcome(welcome) => self.handle_welcome(welcome, now, effects),
            ToVisitor::Invitation(invitation) => self.handle_invitation(invitation, effects),
            ToVisitor::Quiet { until } => {
                self.quiet_until = Some(until);
                self.pending = self.pending.filter(|(_, answer)| *answer != Answer::Deny);
                self.invitation = None;
            }
            ToVisitor::Chat(chat) => self.handle_chat(chat),
            ToVisitor::Entries(entries) => self.handle_entries(entries, effects),
            ToVisitor::Acknowledged { client_id, seq, at } => self.handle_acknowledgment(client_id, seq, at, effects),
            ToVisitor::Refused { client_id, refusal } => self.handle_refusal(client_id, &refusal, now, effects),
            ToVisitor::Typing => {
                self.typing_until = now + limits::TYPING_MS;
                effects.push(Effect::ScheduleTick(limits::TYPING_MS as u32));
            }
            ToVisitor::Heartbeat { now: server, head } => {
                self.offset = server - now;
                if head > self.conversation.head() {
                    self.send(FromVisitor::Resume(self.conversation.head()), effects);
                }
            }
            ToVisitor::CloseReason(close_reason) => {
                self.online = false;
                self.final_close_reason = (!close_reason.may_reconnect()).then_some(close_reason);
            }
        }
    }

    fn handle_welcome(&mut self, welcome: Welcome, now: Millis, effects: &mut Vec<Effect>) {
        self.online = true;
        self.was_welcomed = true;
        self.token = Some(welcome.token);
        self.offset = welcome.now - now;
        self.look = welcome.look;
        self.privacy = welcome.privacy;
        self.quiet_until = welcome.quiet_until;
        self.typing_until = 0;
        // If an invitation is still open, the server sends it right after the welcome frame; otherwise, it sends
        // nothing. The prompt stays visible in the meantime.
        if self.invitation.is_some() {
            let wait = if welcome.persisted { CONFIRMED_WITHIN_MS } else { 0 };
            self.unconfirmed_until = Some(now + Millis::from(wait));
            effects.push(Effect::ScheduleTick(wait));
        }
        self.report(effects);
        if self.acted && !welcome.persisted {
            self.send(FromVisitor::Interacted, effects);
        }
        effects.push(Effect::SaveToken);
        if let Some((invitation, answer)) = self.pending {
            self.send(FromVisitor::Answer { invitation, answer }, effects);
        }
        if self.person_requested && self.outbox.waiting().is_empty() && self.pending.is_none() {
            self.send(FromVisitor::AskForPerson, effects);
        }
        if self.ending {
            self.send(FromVisitor::End, effects);
        }
        self.resend(true, now, effects);
    }

    fn handle_invitation(&mut self, invitation: Option<VisitorInvitation>, effects: &mut Vec<Effect>) {
        if let Some(invitation) = &invitation {
            self.conversation.meet(&invitation.by);
            if invitation.state == InvitationState::Sent {
                self.send(FromVisitor::Delivered(invitation.id), effects);
            }
        }
        // An answer stays pending until a chat frame or quiet frame confirms it or a new invitation supersedes it.
        if let (Some((answered, _)), Some(invitation)) = (self.pending, &invitation)
            && answered != invitation.id
        {
            self.pending = None;
        }
        self.unconfirmed_until = None;
        self.invitation = invitation;
    }

    fn handle_chat(&mut self, chat: Option<VisitorChat>) {
        match chat.as_ref().map(|chat| chat.state) {
            Some(ChatState::Unclaimed | ChatState::InProgress) => {
                self.person_requested = false;
                self.pending = None;
                self.invitation = None;
                let id = |chat: Option<&VisitorChat>| chat.map(|chat| chat.id);
                if id(chat.as_ref()) != id(self.conversation.chat.as_ref()) {
                    // The visitor may have been invited after starting too many chats.
                    self.outbox.release();
                }
            }
            _ => self.ending = false,
        }
        if chat.as_ref().is_some_and(|chat| chat.contact == ContactRequest::Provided) {
            self.pending_contact = None;
        }
        self.conversation.set(chat);
    }

    fn handle_entries(&mut self, entries: Vec<Entry>, effects: &mut Vec<Effect>) {
        for client_id in entries.iter().filter_map(|entry| entry.client_id) {
            if self.outbox.take(client_id).is_some() {
                effects.push(Effect::Forget(client_id));
            }
        }
        let added = self.conversation.add(entries);
        if added.gap {
            self.send(FromVisitor::Resume(self.conversation.head()), effects);
        }
        if added.from_agent {
            self.typing_until = 0;
            effects.push(Effect::Sound(None));
        }
    }

    fn handle_acknowledgment(&mut self, client_id: ClientId, seq: Seq, at: Millis, effects: &mut Vec<Effect>) {
        effects.push(Effect::Forget(client_id));
        self.notice = None;
        let Some(text) = self.outbox.acknowledge(client_id) else { return };
        let entry = Entry { seq, at, author: Author::Visitor, client_id: Some(client_id), body: Body::Text(text) };
        if seq <= self.conversation.head() + 1 {
            self.outbox.take(client_id);
        }
        if self.conversation.add(vec![entry]).gap {
            self.send(FromVisitor::Resume(self.conversation.head()), effects);
        }
    }

    fn handle_refusal(
        &mut self,
        client_id: Option<ClientId>,
        refusal: &Refusal,
        now: Millis,
        effects: &mut Vec<Effect>,
    ) {
        if let Refusal::TooMany { retry_after } = refusal {
            // The longest limit for visitors is per day.
            let wait = (*retry_after).min(86_400) * 1_000;
            let until = now + Millis::from(wait);
            self.person_requested &= client_id.is_some();
            self.outbox.hold(until);
            self.notice = Some(Notice::SentLater(until));
            // There is one timer, which other things wait for; after a longer wait a heartbeat is early enough.
            effects.push(Effect::ScheduleTick(wait.min(10_000)));
            return;
        }
        let Some(client_id) = client_id else {
            self.person_requested = false;
            self.ending = false;
            self.pending = None;
            if self.pending_contact.take().is_some() {
                self.notice = Some(match refusal {
                    Refusal::NotAnEmail => Notice::NotAnEmail,
                    Refusal::Empty => Notice::NoMessage,
                    Refusal::TooLong { .. } => Notice::TooLong,
                    _ => Notice::NotSent,
                });
            }
            return;
        };
        self.notice = Some(Notice::NotSent);
        match refusal {
            // The message may go through later: it stays in the outbox and is resent with a heartbeat.
            Refusal::StorageFull | Refusal::Unexpected => {}
            _ => {
                if matches!(refusal, Refusal::TooLong { .. }) {
                    self.notice = Some(Notice::TooLong);
                }
                effects.push(Effect::Forget(client_id));
                if let Some(waiting) = self.outbox.take(client_id) {
                    effects.push(Effect::PutBack(waiting.text));
                }
            }
        }
    }
}
