//! What the widget knows: pure. No clock, no socket, no browser in here.

use alloc::string::String;

use protocol::{
    Millis,
    agent::AgentCard,
    chat::ChatState,
    close_reason::CloseReason,
    concierge::{Consent, Look, Privacy, Side},
    contact::ContactRequest,
    id::{ConciergeKey, InvitationId, TabId, VisitorToken},
    invitation::{Answer, VisitorInvitation},
    invitation_policy::{PromptDecision, prompt_decision},
    language::Language,
    limits,
    page::Page,
    presence::TabActivity,
    widget_strings::WidgetStrings,
};

use crate::{
    conversation::Conversation,
    event::{Notice, Prompt},
    outbox::Outbox,
};

/// Everything the widget knows.
#[derive(Debug)]
pub struct State {
    pub(crate) key: ConciergeKey,
    pub(crate) tab: TabId,
    pub(crate) host: String,
    pub(crate) automated: bool,
    /// Where the visitor is; none until the loader has said it.
    pub page: Option<Page>,
    /// What the tab is like.
    pub activity: TabActivity,
    /// The panel is open.
    pub open: bool,
    /// On a phone it fills the screen.
    pub full_screen: bool,
    /// The visitor has opened the concierge or accepted, now or before.
    pub acted: bool,
    /// The browser may keep the token: the visitor has acted or denied, now or before.
    pub lasting: bool,
    /// Welcomed on a living socket.
    pub online: bool,
    /// Was ever welcomed.
    pub was_welcomed: bool,
    /// The server wants no more of this widget.
    pub final_close_reason: Option<CloseReason>,
    /// Who the visitor is.
    pub token: Option<VisitorToken>,
    /// How to look.
    pub look: Look,
    /// How to speak.
    pub strings: WidgetStrings,
    /// What may be kept.
    pub privacy: Privacy,
    /// What the visitor wishes about what is kept.
    pub consent: Consent,
    /// His time zone and the page that led here, for the hello.
    pub entry_info: String,
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
    /// The name and e-mail that the server has not confirmed.
    pub(crate) pending_contact: Option<(String, String)>,
    pub(crate) person_requested: bool,
    pub(crate) ending: bool,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) typing_until: Millis,
    pub(crate) composed_at: Millis,
    /// What the server knows of the tab.
    pub(crate) reported_activity: TabActivity,
    pub(crate) input_at: Millis,
    pub(crate) shown: Option<InvitationId>,
    pub(crate) sounded: Option<InvitationId>,
    /// Since a reconnect the server has not said whether the invitation is still open; until when to wait for it.
    pub(crate) unconfirmed_until: Option<Millis>,
}

impl State {
    /// A widget that has heard nothing yet.
    pub fn new(key: ConciergeKey, tab: TabId, host: String, automated: bool) -> Self {
        let look = Look {
            title: String::new(),
            greeting: String::new(),
            color: String::new(),
            side: Side::Right,
            language: Language::En,
        };
        Self {
            key,
            tab,
            host,
            automated,
            look,
            strings: WidgetStrings::default(),
            page: None,
            activity: TabActivity::default(),
            open: false,
            full_screen: false,
            acted: false,
            lasting: false,
            online: false,
            was_welcomed: false,
            final_close_reason: None,
            token: None,
            privacy: Privacy::Essential,
            consent: Consent::Unknown,
            entry_info: String::new(),
            offset: 0,
            invitation: None,
            pending: None,
            expected: None,
            conversation: Conversation::default(),
            outbox: Outbox::default(),
            notice: None,
            pending_contact: None,
            person_requested: false,
            ending: false,
            quiet_until: None,
            typing_until: 0,
            composed_at: 0,
            reported_activity: TabActivity::default(),
            input_at: -limits::INPUT_INTERVAL_MS,
            shown: None,
            sounded: None,
            unconfirmed_until: None,
        }
    }

    /// How the invitation stands before the visitor. What he has seen stays, wherever his focus goes.
    pub fn prompt(&self, now: Millis) -> Prompt {
        let Some(invitation) = &self.invitation else { return Prompt::Hidden };
        if self.pending.is_some_and(|(id, _)| id == invitation.id) {
            return Prompt::Hidden;
        }
        // Who is in the panel is in no field of the page.
        let tab = TabActivity { typing_in_form: self.activity.typing_in_form && !self.open, ..self.activity };
        match prompt_decision(tab, false, self.quiet_until, now + self.offset) {
            PromptDecision::NotBefore(_) | PromptDecision::PageExcluded => Prompt::Hidden,
            _ if self.shown == Some(invitation.id) => Prompt::Open,
            PromptDecision::WhenVisible => Prompt::Hidden,
            PromptDecision::AsBadge => Prompt::Badge,
            PromptDecision::Show => Prompt::Open,
        }
    }

    /// Whether the browser may keep the token for the tab's session before the visitor acts.
    pub fn may_keep(&self) -> bool {
        self.privacy.may_keep(self.consent)
    }

    /// Whether the agent types.
    pub fn is_agent_typing(&self, now: Millis) -> bool {
        now < self.typing_until && self.conversation.state() == Some(ChatState::InProgress)
    }

    /// Whether the visitor waits for a person, and for whom.
    pub fn waiting_for(&self) -> Option<Option<&AgentCard>> {
        match &self.conversation.chat {
            Some(chat) if chat.contact == ContactRequest::Provided => None,
            Some(chat) if chat.state == ChatState::Unclaimed => Some(chat.agent.as_ref()),
            Some(chat) if chat.state == ChatState::InProgress => None,
            _ if self.person_requested || matches!(self.pending, Some((_, Answer::Accept))) => {
                Some(self.expected.as_ref())
            }
            _ => None,
        }
    }

    /// Whether the visitor is offered the message form, or has used it.
    pub fn contact(&self) -> ContactRequest {
        self.conversation.chat.as_ref().map_or(ContactRequest::NotRequested, |chat| chat.contact)
    }
}
