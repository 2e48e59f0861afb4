//! What the widget knows, and how it changes: a pure reducer. No clock, no socket, no browser in here.

use protocol::{
    Millis, VERSION,
    agent::AgentCard,
    chat::ChatState,
    concierge::{Look, Privacy, Side},
    courtesy::{MayPrompt, may_prompt},
    goodbye::Goodbye,
    id::{ClientId, ConciergeKey, InvitationId, TabId, VisitorToken},
    invitation::{Answer, VisitorInvitation},
    limits,
    page::Page,
    presence::TabActivity,
    visitor::{FromVisitor, Hello, ToVisitor},
    words::Language,
};

use crate::{conversation::Conversation, outbox::Outbox};

/// What can happen to a widget.
#[derive(Debug)]
pub enum Event {
    /// The host page is another one, or its title changed.
    Page(Page),
    /// The tab came to the front or went.
    Visible(bool),
    /// The visitor went into or out of a field of the host page.
    FormTyping(bool),
    /// A pointer, key or touch.
    Input,
    /// The visitor opens the panel.
    Open,
    /// The visitor closes the panel.
    Close,
    /// `Accept` or `Deny`.
    Answered(Answer),
    /// `Talk to a person`.
    AskedForPerson,
    /// The visitor sends a message.
    Said(ClientId, String),
    /// The visitor types in the composer.
    Composing,
    /// `End the chat`.
    Ended,
    /// The socket is open.
    Connected,
    /// The socket is gone.
    Lost,
    /// The server says.
    Heard(ToVisitor),
    /// It is time for a beat.
    BeatDue,
    /// Time has passed: look again.
    Tick,
}

/// What the shell has to do about it.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Say it to the server.
    Send(FromVisitor),
    /// Keep the token as privacy allows.
    Remember,
    /// Keep the message until it is stored by the server.
    Keep(ClientId, String),
    /// The message need not be kept any more.
    Forget(ClientId),
    /// The message cannot be sent: its text goes back into the composer.
    PutBack(String),
    /// Empty the composer.
    Clear,
    /// A sound, when this tab is the one that sounds.
    Sound,
}

/// How an invitation stands before the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Not at all.
    Nowhere,
    /// A badge on the launcher.
    Badge,
    /// The card, or in the open panel the prompt.
    Open,
}

/// A sentence about something that did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The message is too long.
    TooLong,
    /// It was not sent, and is kept.
    NotSent,
}

/// Everything the widget knows.
#[derive(Debug)]
pub struct State {
    pub(crate) key: ConciergeKey,
    pub(crate) tab: TabId,
    pub(crate) host: String,
    pub(crate) driven: bool,
    /// Where the visitor is; none until the loader has said it.
    pub page: Option<Page>,
    /// What the tab is like.
    pub activity: TabActivity,
    /// The panel is open.
    pub open: bool,
    /// The visitor has opened the concierge or answered, now or before.
    pub acted: bool,
    /// Welcomed on a living socket.
    pub online: bool,
    /// Was ever welcomed.
    pub met: bool,
    /// The server wants no more of this widget.
    pub over: Option<Goodbye>,
    /// Who the visitor is.
    pub token: Option<VisitorToken>,
    /// How to look.
    pub look: Look,
    /// What may be kept.
    pub privacy: Privacy,
    /// The server's clock minus ours.
    pub offset: Millis,
    /// The open invitation.
    pub invitation: Option<VisitorInvitation>,
    /// The answer that the server has not confirmed.
    pub pending: Option<(InvitationId, Answer)>,
    /// Whom the visitor expects after his `Accept`.
    pub expected: Option<AgentCard>,
    /// The chat.
    pub conversation: Conversation,
    /// What is on its way.
    pub outbox: Outbox,
    /// What did not work.
    pub notice: Option<Notice>,
    pub(crate) asked: bool,
    pub(crate) ending: bool,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) typing_until: Millis,
    pub(crate) composed_at: Millis,
    pub(crate) input_at: Millis,
    pub(crate) shown: Option<InvitationId>,
}

impl State {
    /// A widget that has heard nothing yet.
    pub fn new(key: ConciergeKey, tab: TabId, host: String, driven: bool) -> Self {
        let look = Look {
            title: String::new(),
            greeting: String::new(),
            colour: String::new(),
            side: Side::Right,
            language: Language::En,
        };
        Self {
            key,
            tab,
            host,
            driven,
            look,
            page: None,
            activity: TabActivity::default(),
            open: false,
            acted: false,
            online: false,
            met: false,
            over: None,
            token: None,
            privacy: Privacy::Essential,
            offset: 0,
            invitation: None,
            pending: None,
            expected: None,
            conversation: Conversation::default(),
            outbox: Outbox::default(),
            notice: None,
            asked: false,
            ending: false,
            quiet_until: None,
            typing_until: 0,
            composed_at: 0,
            input_at: -limits::INPUT_EVERY_MS,
            shown: None,
        }
    }

    /// How the invitation stands before the visitor. What he has seen stays, wherever his focus goes.
    pub fn prompt(&self, now: Millis) -> Prompt {
        let Some(invitation) = &self.invitation else { return Prompt::Nowhere };
        if self.pending.is_some_and(|(id, _)| id == invitation.id) {
            return Prompt::Nowhere;
        }
        // Who is in the panel is in no field of the page.
        let tab = TabActivity { typing_in_form: self.activity.typing_in_form && !self.open, ..self.activity };
        match may_prompt(tab, self.quiet_until, now + self.offset) {
            MayPrompt::NotBefore(_) => Prompt::Nowhere,
            _ if self.shown == Some(invitation.id) => Prompt::Open,
            MayPrompt::WhenVisible => Prompt::Nowhere,
            MayPrompt::AsBadge => Prompt::Badge,
            MayPrompt::Yes => Prompt::Open,
        }
    }

    /// Whether the agent types.
    pub fn agent_types(&self, now: Millis) -> bool {
        now < self.typing_until && self.conversation.state() == Some(ChatState::InProgress)
    }

    /// Whether the visitor waits for a person, and for whom.
    pub fn waits_for(&self) -> Option<Option<&AgentCard>> {
        match &self.conversation.chat {
            Some(chat) if chat.state == ChatState::Unclaimed => Some(chat.agent.as_ref()),
            Some(chat) if chat.state == ChatState::InProgress => None,
            _ if self.asked || matches!(self.pending, Some((_, Answer::Accept))) => Some(self.expected.as_ref()),
            _ => None,
        }
    }

    /// Applies an event; what is to be done about it comes back in order.
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
            Event::Input => {
                self.activity.input = true;
                if now - self.input_at >= limits::INPUT_EVERY_MS {
                    self.input_at = now;
                    self.report(&mut effects);
                }
            }
            Event::Open => self.unfold(&mut effects),
            Event::Close => self.open = false,
            Event::Answered(answer) => self.answer(answer, &mut effects),
            Event::AskedForPerson => {
                self.act(&mut effects);
                self.asked = true;
                self.send(FromVisitor::AskForPerson, &mut effects);
            }
            Event::Said(client_id, text) => self.say(client_id, &text, now, &mut effects),
            Event::Composing => {
                if self.conversation.is_live() && now - self.composed_at >= limits::TYPING_EVERY_MS {
                    self.composed_at = now;
                    self.send(FromVisitor::Typing, &mut effects);
                }
            }
            Event::Ended => {
                self.ending = true;
                self.send(FromVisitor::End, &mut effects);
            }
            Event::Connected => effects.push(Effect::Send(FromVisitor::Hello(self.hello()))),
            Event::Lost => self.online = false,
            Event::Heard(frame) => self.hear(frame, now, &mut effects),
            Event::BeatDue => {
                self.send(FromVisitor::Beat, &mut effects);
                self.resend(false, now, &mut effects);
            }
            Event::Visible(_) | Event::FormTyping(_) | Event::Tick => {}
        }
        self.settle(now, &mut effects);
        effects
    }

    fn hello(&mut self) -> Hello {
        let activity = self.activity;
        self.activity.input = false;
        Hello {
            version: VERSION,
            concierge: self.key.clone(),
            token: self.token.clone(),
            tab: self.tab,
            host: self.host.clone(),
            page: self.page.clone().unwrap_or_default(),
            activity,
            driven: self.driven,
            head: self.conversation.head(),
        }
    }

    /// What the new situation asks for: an invitation that stands before the eyes is seen, entries are receipted.
    fn settle(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        if self.online && self.prompt(now) == Prompt::Open {
            let id = self.invitation.as_ref().map(|invitation| invitation.id);
            if let Some(seen) = id.filter(|_| self.shown != id && self.activity.visible) {
                self.shown = id;
                self.send(FromVisitor::Seen(seen), effects);
                effects.push(Effect::Sound);
            }
        }
        if self.online
            && let Some(receipt) = self.conversation.receipt(self.open && self.activity.visible)
        {
            self.send(FromVisitor::Receipt(receipt), effects);
        }
    }

    /// Only on a living connection; what must not be lost is said again after the next welcome.
    pub(crate) fn send(&self, frame: FromVisitor, effects: &mut Vec<Effect>) {
        if self.online {
            effects.push(Effect::Send(frame));
        }
    }

    fn report(&mut self, effects: &mut Vec<Effect>) {
        self.send(FromVisitor::Activity(self.activity), effects);
        self.activity.input = false;
    }

    pub(crate) fn resend(&mut self, anew: bool, now: Millis, effects: &mut Vec<Effect>) {
        if self.online {
            effects.extend(self.outbox.due(anew, now).into_iter().map(Effect::Send));
        }
    }
}
