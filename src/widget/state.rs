//! The widget's state. This module is pure: it does not use a clock, a socket, or any browser API.

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

/// The widget's state.
#[derive(Debug)]
pub struct State {
    pub(crate) key: ConciergeKey,
    pub(crate) tab: TabId,
    pub(crate) host: String,
    pub(crate) automated: bool,
    /// The page the visitor is on, or `None` until the loader reports it.
    pub page: Option<Page>,
    /// The tab's visibility and the visitor's latest input.
    pub activity: TabActivity,
    /// Whether the panel is open.
    pub open: bool,
    /// Whether the panel fills the screen on a phone.
    pub full_screen: bool,
    /// Whether the visitor has opened the concierge or accepted an invitation, on this page or an earlier one.
    pub acted: bool,
    /// Whether the token may be stored permanently. This is true once the visitor has acted or denied an invitation, on
    /// this page or an earlier one.
    pub lasting: bool,
    /// Whether the socket is open and the server has sent its welcome frame.
    pub online: bool,
    /// Whether a welcome frame has ever arrived on this page.
    pub was_welcomed: bool,
    /// The close reason that forbids reconnecting, if the server sent one.
    pub final_close_reason: Option<CloseReason>,
    /// The visitor's token.
    pub token: Option<VisitorToken>,
    /// The concierge's title, greeting, color, side, and language.
    pub look: Look,
    /// The strings in the concierge's language.
    pub strings: WidgetStrings,
    /// The concierge's privacy mode.
    pub privacy: Privacy,
    /// The visitor's consent.
    pub consent: Consent,
    /// The visitor's time zone and the referrer, for the hello frame.
    pub entry_info: String,
    /// The server's clock minus this machine's clock, in milliseconds.
    pub offset: Millis,
    /// The open invitation, if any.
    pub invitation: Option<VisitorInvitation>,
    /// An answer to an invitation that the server has not confirmed yet.
    pub pending: Option<(InvitationId, Answer)>,
    /// The agent whose invitation the visitor accepted.
    pub expected: Option<AgentCard>,
    /// The chat and its entries.
    pub conversation: Conversation,
    /// Messages that the server has not stored yet.
    pub outbox: Outbox,
    /// The problem to show to the visitor, if any.
    pub notice: Option<Notice>,
    /// A name and email address that the server has not confirmed yet.
    pub(crate) pending_contact: Option<(String, String)>,
    pub(crate) person_requested: bool,
    pub(crate) ending: bool,
    pub(crate) quiet_until: Option<Millis>,
    pub(crate) typing_until: Millis,
    pub(crate) composed_at: Millis,
    /// The activity that was last sent to the server.
    pub(crate) reported_activity: TabActivity,
    pub(crate) input_at: Millis,
    pub(crate) shown: Option<InvitationId>,
    pub(crate) sounded: Option<InvitationId>,
    /// After a reconnect, the deadline for the server to confirm that the invitation is still open.
    pub(crate) unconfirmed_until: Option<Millis>,
}

impl State {
    /// Creates the initial state of a widget that has not received anything yet.
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

    /// Returns how the invitation should be shown. Once seen, it stays visible even if the focus moves to a form field.
    pub fn prompt(&self, now: Millis) -> Prompt {
        let Some(invitation) = &self.invitation else { return Prompt::Hidden };
        if self.pending.is_some_and(|(id, _)| id == invitation.id) {
            return Prompt::Hidden;
        }
        // While the panel is open, the visitor does not count as typing in the host page.
        let tab = TabActivity { typing_in_form: self.activity.typing_in_form && !self.open, ..self.activity };
        match prompt_decision(tab, false, self.quiet_until, now + self.offset) {
            PromptDecision::NotBefore(_) | PromptDecision::PageExcluded => Prompt::Hidden,
            _ if self.shown == Some(invitation.id) => Prompt::Open,
            PromptDecision::WhenVisible => Prompt::Hidden,
            PromptDecision::AsBadge => Prompt::Badge,
            PromptDecision::Show => Prompt::Open,
        }
    }

    /// Returns whether the browser may store the token for the tab's session before the visitor acts.
    pub fn may_keep(&self) -> bool {
        self.privacy.may_keep(self.consent)
    }

    /// Returns whether the agent is typing.
    pub fn is_agent_typing(&self, now: Millis) -> bool {
        now < self.typing_until && self.conversation.state() == Some(ChatState::InProgress)
    }

    /// Returns `Some` if the visitor is waiting for a person. The inner value is the expected agent, if known.
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

    /// Returns whether the visitor has been offered the message form or has already submitted it.
    pub fn contact(&self) -> ContactRequest {
        self.conversation.chat.as_ref().map_or(ContactRequest::NotRequested, |chat| chat.contact)
    }
}
