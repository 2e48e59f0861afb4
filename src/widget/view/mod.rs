//! What the visitor sees: the launcher, the card, the panel. The frame's HTML holds what never changes, in the concierge's
//! language; here it is shown, hidden and filled. Text becomes text nodes only.

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

/// Everything on the screen.
pub struct View {
    launcher: Launcher,
    card: Node,
    question: Question,
    panel: Panel,
    alone: bool,
    was_open: bool,
}

/// What the launcher takes, and the distance of the card to it: `widget.css` says the same.
const BELOW_CARD: u32 = 92;

impl View {
    /// Takes over the elements of the frame's HTML. A panel that was open before does not take the focus.
    pub fn new(dispatch: Dispatch, alone: bool, was_open: bool) -> Self {
        on_window("keydown", move |dom_event| {
            if !alone && dom_event.key() == "Escape" {
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

    /// Brings the screen to what the widget knows, and says how large the frame must be.
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

    /// Text that could not be sent goes back, unless another is being written.
    pub fn put_back(&self, text: &str) {
        self.panel.composer.put_back(text);
    }

    /// The text was sent.
    pub fn clear(&self) {
        self.panel.composer.clear();
    }
}

/// The button of this name says that this happens.
pub(crate) fn button(id: &str, dispatch: Dispatch, event: impl Fn() -> Event + 'static) -> Node {
    let button = by_id(id);
    on(&button, "click", move |_| dispatch(event()));
    button
}
