//! The open concierge: head, conversation, prompt, what is going on, composer.

use protocol::{
    Millis,
    chat::ChatState,
    goodbye::Goodbye,
    id::InvitationId,
    words::{self, Language},
};
use web_sys::HtmlElement;

use crate::{
    Dispatch,
    state::{Event, Notice, State},
    view::{button, card::question, composer::Composer, element, entries::Entries, set_text},
};

/// The panel.
pub struct Panel {
    section: HtmlElement,
    title: HtmlElement,
    end: HtmlElement,
    close: HtmlElement,
    log: HtmlElement,
    status: HtmlElement,
    person: HtmlElement,
    foot: HtmlElement,
    pub(super) composer: Composer,
    entries: Entries,
    prompt: Option<(InvitationId, HtmlElement)>,
    dispatch: Dispatch,
    shown: bool,
}

impl Panel {
    /// A closed panel.
    pub fn new(body: &HtmlElement, dispatch: &Dispatch, alone: bool) -> Self {
        let section = element(body, "section", "#jumpin-panel");
        drop(section.set_attribute("role", "dialog"));
        section.set_hidden(true);
        let head = element(&section, "header", "jumpin-head");
        let title = element(&head, "h1", "");
        let end = button(&head, "#jumpin-end", dispatch, || Event::Ended);
        let close = button(&head, "#jumpin-close", dispatch, || Event::Close);
        set_text(&close, "×");
        close.set_hidden(alone);
        let log = element(&section, "div", "#jumpin-log");
        for (name, value) in [("role", "log"), ("aria-live", "polite"), ("tabindex", "0")] {
            drop(log.set_attribute(name, value));
        }
        let status = element(&section, "p", "jumpin-status");
        drop(status.set_attribute("role", "status"));
        let foot = element(&section, "div", "jumpin-foot");
        let person = button(&foot, "#jumpin-person", dispatch, || Event::AskedForPerson);
        let composer = Composer::new(&foot, dispatch);
        let entries = Entries::new(log.clone());
        Self {
            section,
            title,
            end,
            close,
            log,
            status,
            person,
            foot,
            composer,
            entries,
            prompt: None,
            dispatch: dispatch.clone(),
            shown: false,
        }
    }

    /// Brings the panel to what the widget knows.
    pub fn render(&mut self, state: &State, open: bool, prompt: bool, now: Millis) {
        self.section.set_hidden(!open);
        self.invite(state, open && prompt);
        let became_open = open && !self.shown;
        self.shown = open;
        if !open {
            return;
        }
        let language = state.look.language;
        let live = state.conversation.is_live();
        let agent = state
            .conversation
            .chat
            .as_ref()
            .filter(|chat| chat.state == ChatState::InProgress)
            .and_then(|chat| chat.agent.as_ref());
        set_text(&self.title, agent.map_or(&state.look.title, |agent| &agent.name));
        for (element, name, label) in [
            (&self.section, "aria-label", state.look.title.as_str()),
            (&self.log, "aria-label", words::messages(language)),
            (&self.close, "aria-label", words::close_chat(language)),
        ] {
            drop(element.set_attribute(name, label));
        }
        set_text(&self.end, words::end_the_chat(language));
        self.end.set_hidden(!live);
        set_text(&self.person, words::talk_to_a_person(language));
        self.person.set_hidden(live || self.prompt.is_some() || state.waits_for().is_some());
        self.foot.set_hidden(state.over.is_some());
        self.composer.render(language);
        set_text(&self.status, &going_on(state, language, now));
        self.entries.render(state, now);
        if became_open {
            self.entries.to_end();
        }
    }

    /// The invitation inside the conversation.
    fn invite(&mut self, state: &State, show: bool) {
        let invitation = state.invitation.as_ref().filter(|_| show);
        if self.prompt.as_ref().map(|(id, _)| *id) == invitation.map(|invitation| invitation.id) {
            return;
        }
        if let Some((_, prompt)) = self.prompt.take() {
            prompt.remove();
        }
        if let Some(invitation) = invitation {
            let language = state.look.language;
            let prompt = element(&self.section, "section", "#jumpin-prompt");
            drop(prompt.set_attribute("role", "alert"));
            set_text(&element(&prompt, "h2", ""), words::request_to_live_chat(language));
            question(&prompt, invitation, language, &self.dispatch);
            drop(self.section.insert_before(&prompt, Some(&self.status)));
            self.prompt = Some((invitation.id, prompt));
            self.entries.to_end();
        }
    }

    /// The visitor may write at once.
    pub fn focus(&self) {
        self.composer.focus();
    }
}

/// One sentence on what is going on, the most pressing.
fn going_on(state: &State, language: Language, now: Millis) -> String {
    if let Some(goodbye) = state.over {
        let outdated = matches!(goodbye, Goodbye::Outdated | Goodbye::NotAFrame);
        return if outdated { words::reload_please(language) } else { words::not_available(language) }.into();
    }
    if state.met && !state.online {
        return words::reconnecting(language).into();
    }
    if let Some(notice) = state.notice {
        return match notice {
            Notice::TooLong => words::too_long(language),
            Notice::NotSent => words::not_sent(language),
        }
        .into();
    }
    match state.waits_for() {
        Some(Some(agent)) => words::fill(words::connecting_you_to(language), agent.first_name()),
        Some(None) => words::connecting_you(language).into(),
        None if state.agent_types(now) => {
            let agent = state.conversation.chat.as_ref().and_then(|chat| chat.agent.as_ref());
            words::fill(words::is_typing(language), agent.map_or("", |agent| agent.first_name()))
        }
        None => String::new(),
    }
}
