//! Applies one event to the state and returns the effects that the shell must perform.

use alloc::vec::Vec;

use protocol::{
    Millis, VERSION,
    concierge::Consent,
    invitation::InvitationState,
    limits,
    visitor::{FromVisitor, Hello},
};

use crate::{
    event::{Effect, Event, Prompt},
    state::State,
};

impl State {
    /// Applies an event and returns the effects in the order in which they must be performed.
    pub fn apply(&mut self, event: Event, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Page(page) => {
                self.page = Some(page.clone());
                self.send(FromVisitor::Page(page), &mut effects);
            }
            Event::Visible(visible) if visible != self.activity.visible => {
                self.activity.visible = visible;
                self.report(&mut effects);
            }
            Event::FormTyping(typing) if typing != self.activity.typing_in_form => {
                self.activity.typing_in_form = typing;
                self.report(&mut effects);
            }
            Event::Consent(consents) if self.consent != Consent::OptedOut => {
                self.consent = if consents { Consent::Given } else { Consent::Unknown };
                self.send(FromVisitor::SetConsent(self.consent), &mut effects);
                effects.push(Effect::SaveToken);
            }
            Event::Input => {
                self.activity.input = true;
                if now - self.input_at >= limits::INPUT_INTERVAL_MS {
                    self.input_at = now;
                    self.report(&mut effects);
                }
            }
            Event::PageHidden => {
                self.send(FromVisitor::Leaving, &mut effects);
                self.online = false;
            }
            Event::PageRestored(tab) => self.tab = tab,
            Event::Open => self.open_panel(&mut effects),
            Event::Close if self.open => {
                self.open = false;
                effects.push(Effect::KeepOpen(false));
            }
            Event::ToggleFullScreen => self.full_screen = !self.full_screen,
            Event::Answered(answer) => self.answer(answer, &mut effects),
            Event::AskedForPerson => {
                self.act(&mut effects);
                self.person_requested = true;
                self.send(FromVisitor::AskForPerson, &mut effects);
            }
            Event::MessageSubmitted(client_id, text) => self.submit_message(client_id, &text, now, &mut effects),
            Event::Composing(draft) => {
                if self.acted {
                    effects.push(Effect::KeepDraft(draft));
                }
                if self.conversation.is_live() && now - self.composed_at >= limits::TYPING_INTERVAL_MS {
                    self.composed_at = now;
                    self.send(FromVisitor::Typing, &mut effects);
                }
            }
            Event::ContactLeft { name, email } => self.leave_contact(name, email, &mut effects),
            Event::Ended => {
                self.ending = true;
                self.send(FromVisitor::End, &mut effects);
            }
            Event::Connected => effects.push(Effect::Send(FromVisitor::Hello(self.hello()))),
            Event::Disconnected => self.online = false,
            Event::FrameReceived(frame) => self.handle_frame(frame, now, &mut effects),
            Event::SoundedElsewhere(invitation) => self.sounded = Some(invitation),
            Event::BeatDue => {
                self.send(FromVisitor::Heartbeat, &mut effects);
                self.resend(false, now, &mut effects);
            }
            Event::Tick => self.resend(false, now, &mut effects),
            Event::Visible(_) | Event::FormTyping(_) | Event::Consent(_) | Event::Close => {}
        }
        if self.unconfirmed_until.is_some_and(|until| until <= now) {
            self.unconfirmed_until = None;
            self.invitation = None;
        }
        self.settle(now, &mut effects);
        effects
    }

    fn hello(&mut self) -> Hello {
        let activity = self.activity;
        self.activity.input = false;
        self.reported_activity = self.activity;
        Hello {
            version: VERSION,
            concierge: self.key.clone(),
            token: self.token.clone(),
            tab: self.tab,
            host: self.host.clone(),
            page: self.page.clone().unwrap_or_default(),
            activity,
            automated: self.automated,
            head: self.conversation.head(),
            entry_info: self.entry_info.clone(),
            consent: self.consent,
        }
    }

    /// Reports to the server what the visitor can see after the event. Invitations are reported as seen, and entries
    /// are confirmed with a receipt.
    fn settle(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        if self.online
            && self.prompt(now) == Prompt::Open
            && let Some((id, state)) = self.invitation.as_ref().map(|invitation| (invitation.id, invitation.state))
            && self.shown != Some(id)
        {
            self.shown = Some(id);
            self.send(FromVisitor::Seen(id), effects);
            // If the invitation was seen on an earlier page or in another tab, its sound was already played there.
            if state != InvitationState::Seen && self.sounded != Some(id) {
                self.sounded = Some(id);
                effects.push(Effect::Sound(Some(id)));
            }
        }
        if self.online
            && let Some(receipt) = self.conversation.receipt(self.open && self.activity.visible)
        {
            self.send(FromVisitor::Receipt(receipt), effects);
        }
    }

    /// Sends a frame if online. Frames that must not be lost are resent after the next welcome frame.
    pub(crate) fn send(&self, frame: FromVisitor, effects: &mut Vec<Effect>) {
        if self.online {
            effects.push(Effect::Send(frame));
        }
    }

    /// Sends the tab's activity if it has changed. Changes made between the hello and welcome frames are sent after the
    /// welcome frame.
    pub(crate) fn report(&mut self, effects: &mut Vec<Effect>) {
        if self.online && self.activity != self.reported_activity {
            self.send(FromVisitor::Activity(self.activity), effects);
            self.activity.input = false;
            self.reported_activity = self.activity;
        }
    }

    pub(crate) fn resend(&mut self, anew: bool, now: Millis, effects: &mut Vec<Effect>) {
        if self.online {
            effects.extend(self.outbox.due(anew, now).into_iter().map(Effect::Send));
            if let Some((name, email)) = self.pending_contact.clone().filter(|_| !self.outbox.is_held(now)) {
                effects.push(Effect::Send(FromVisitor::LeaveContact { name, email }));
            }
        }
    }
}
