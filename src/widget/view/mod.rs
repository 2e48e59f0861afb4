//! The view: the launcher, the card, and the panel. The frame's HTML contains all fixed elements in the concierge's
//! language; this module shows, hides, and fills them. Text only ever becomes text nodes.

pub mod composer;
pub mod contact_form;
pub mod entries;
pub mod invitation_prompt;
pub mod launcher;
pub mod panel;

use protocol::{Millis, close_reason::CloseReason};

use crate::{
    Dispatch,
    browser::{Node, by_id, on, on_window},
    event::{Event, Prompt},
    host_page::Size,
    state::State,
    view::{invitation_prompt::Question, launcher::Launcher, panel::Panel},
};

/// All visible parts of the widget.
pub struct View {
    launcher: Launcher,
    card: Node,
    question: Question,
    panel: Panel,
    alone: bool,
    was_open: bool,
}

/// The height of the launcher plus the gap between it and the card, in pixels. Must match `widget.css`.
const BELOW_CARD: u32 = 92;

impl View {
    /// Binds the elements in the frame's HTML. If the panel was already open on the previous page, it does not take
    /// focus.
    pub fn new(dispatch: Dispatch, alone: bool, was_open: bool) -> Self {
        on_window("keydown", move |dom_event| {
            if !alone && dom_event.typed_key() == "Escape" {
                dispatch(Event::Close);
            }
        });
        Self {
            launcher: Launcher::new(dispatch),
            card: by_id("jumpin-card"),
            question: Question::new(dispatch),
            panel: Panel::new(dispatch),
            alone,
            was_open,
        }
    }

    /// Updates the screen from the state and returns the size that the frame needs.
    pub fn render(&mut self, state: &State, now: Millis) -> Size {
        let open = state.open || self.alone;
        let prompt = state.prompt(now);
        let invitation = state.invitation.as_ref().filter(|_| prompt == Prompt::Open);
        let place = if open { &self.panel.prompt } else { &self.card };
        self.question.render(invitation, place, &state.strings);
        self.card.set_hidden(open || invitation.is_none());
        self.panel.prompt.set_hidden(!open || invitation.is_none());
        let unread = state.conversation.unread() + usize::from(prompt == Prompt::Badge);
        self.launcher.render(!open, unread, &state.strings);
        self.panel.render(state, open, now);
        if open != self.was_open {
            self.was_open = open;
            if open { self.panel.composer.focus() } else { self.launcher.focus() }
        }
        match (open, invitation) {
            _ if state.final_close_reason == Some(CloseReason::Blocked) => Size::Gone,
            (true, _) if state.full_screen => Size::FullScreen,
            (true, _) => Size::Panel,
            (false, Some(_)) => Size::Card(self.card.height() + BELOW_CARD),
            (false, None) => Size::Launcher,
        }
    }

    /// Restores unsent text in the composer, unless the composer already contains text.
    pub fn put_back(&self, text: &str) {
        self.panel.composer.put_back(text);
    }

    /// Empties the composer.
    pub fn clear(&self) {
        self.panel.composer.clear();
    }
}

/// Binds a button so that clicking it dispatches the event, and returns the button.
pub(crate) fn button(id: &str, dispatch: Dispatch, event: impl Fn() -> Event + 'static) -> Node {
    let button = by_id(id);
    on(&button, "click", move |_| dispatch(event()));
    button
}
