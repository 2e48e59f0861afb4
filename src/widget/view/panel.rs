//! The open concierge: the header, conversation, prompt, status line, and composer.

use alloc::string::String;

use protocol::{
    Millis, agent::AgentCard, chat::ChatState, close_reason::CloseReason, contact::ContactRequest, i18n::fill,
    id::AgentId, widget_strings::StringKey,
};

use crate::{
    Dispatch,
    browser::{Node, by_id, rate},
    event::{Event, Notice},
    state::State,
    view::{
        button,
        composer::Composer,
        contact_form::ContactForm,
        entries::{Entries, LocalTime},
        invitation_prompt::draw_avatar,
    },
};

/// The panel's elements.
pub struct Panel {
    all: Node,
    avatar: Node,
    /// The agent shown in the header.
    with: Option<AgentId>,
    title: Node,
    end: Node,
    stretch: Node,
    pub(super) prompt: Node,
    status: Node,
    foot: Node,
    person: Node,
    pub(super) composer: Composer,
    form: ContactForm,
    entries: Entries,
    /// The current status text. Setting it again would make screen readers announce it again.
    said: String,
    shown: bool,
}

impl Panel {
    /// Binds the elements in the frame's HTML.
    pub fn new(dispatch: Dispatch) -> Self {
        button("jumpin-close", dispatch, || Event::Close);
        Self {
            all: by_id("jumpin-panel"),
            avatar: by_id("jumpin-avatar"),
            with: None,
            title: by_id("jumpin-title"),
            end: button("jumpin-end", dispatch, || Event::Ended),
            stretch: button("jumpin-stretch", dispatch, || Event::ToggleFullScreen),
            prompt: by_id("jumpin-prompt"),
            status: by_id("jumpin-status"),
            foot: by_id("jumpin-foot"),
            person: button("jumpin-person", dispatch, || Event::AskedForPerson),
            composer: Composer::new(dispatch),
            form: ContactForm::new(dispatch),
            entries: Entries::bind(),
            said: String::new(),
            shown: false,
        }
    }

    /// Updates the panel from the state.
    pub fn render(&mut self, state: &State, open: bool, now: Millis) {
        self.all.set_hidden(!open);
        let became_open = open && !self.shown;
        self.shown = open;
        if !open {
            return;
        }
        let live = state.conversation.is_live();
        let with = agent(state);
        self.avatar.set_hidden(with.is_none());
        if let Some(agent) = with {
            if self.with != Some(agent.id) {
                draw_avatar(&self.avatar, agent);
            }
            self.title.set_text(&agent.name);
        } else if state.was_welcomed {
            self.title.set_text(&state.look.title);
        }
        self.with = with.map(|agent| agent.id);
        if self.end.is_hidden() == live {
            rate(live);
        }
        self.end.set_hidden(!live);
        self.stretch.set("aria-pressed", if state.full_screen { "true" } else { "false" });
        self.person.set_hidden(live || !self.prompt.is_hidden() || state.waiting_for().is_some());
        self.foot.set_hidden(state.final_close_reason.is_some());
        self.form.render(state.contact() == ContactRequest::Requested);
        let said = status_text(state, now);
        if self.said != said {
            self.status.set_text(&said);
            self.said = said;
        }
        self.entries.render(state, now);
        if became_open {
            self.entries.to_end();
        }
    }
}

/// Returns the agent in the current chat, if it is in progress.
fn agent(state: &State) -> Option<&AgentCard> {
    let chat = state.conversation.chat.as_ref().filter(|chat| chat.state == ChatState::InProgress)?;
    chat.agent.as_ref()
}

/// Returns the most important status message for the current state, or an empty string if there is none.
fn status_text(state: &State, now: Millis) -> String {
    let sentence = if let Some(close_reason) = state.final_close_reason {
        match close_reason {
            CloseReason::Outdated | CloseReason::NotAFrame => state.strings.get(StringKey::ReloadPlease),
            _ => state.strings.get(StringKey::NotAvailable),
        }
    } else if state.was_welcomed && !state.online {
        state.strings.get(StringKey::Reconnecting)
    } else if let Some(notice) = state.notice.filter(|notice| !matches!(notice, Notice::SentLater(at) if *at <= now)) {
        match notice {
            Notice::TooLong => state.strings.get(StringKey::TooLong),
            Notice::NotSent => state.strings.get(StringKey::NotSent),
            Notice::SentLater(at) => {
                return fill(state.strings.get(StringKey::SentLater), &LocalTime::of(at).clock());
            }
            Notice::NotAnEmail => state.strings.get(StringKey::NotAnEmail),
            Notice::NoMessage => state.strings.get(StringKey::WriteItFirst),
        }
    } else if state.contact() == ContactRequest::Requested {
        state.strings.get(StringKey::NobodyIsFree)
    } else if let Some(expected) = state.waiting_for() {
        match expected {
            Some(agent) => return fill(state.strings.get(StringKey::ConnectingYouTo), &agent.name),
            None => state.strings.get(StringKey::ConnectingYou),
        }
    } else if state.is_agent_typing(now) {
        let name = agent(state).map_or("", |agent| &agent.name);
        return fill(state.strings.get(StringKey::IsTyping), name);
    } else {
        ""
    };
    sentence.into()
}
