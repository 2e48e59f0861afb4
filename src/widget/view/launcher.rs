//! The launcher: a round button with a badge in the corner of the page.

use alloc::string::ToString;

use protocol::widget_strings::{StringKey, WidgetStrings};

use crate::{
    Dispatch,
    browser::{Node, by_id},
    event::Event,
    view::button,
};

/// The launcher's button and badge.
pub struct Launcher {
    button: Node,
    badge: Node,
}

impl Launcher {
    /// Binds the button in the frame's HTML.
    pub fn new(dispatch: Dispatch) -> Self {
        Self { button: button("jumpin-launcher", dispatch, || Event::Open), badge: by_id("jumpin-badge") }
    }

    /// Shows or hides the launcher and updates the number of unread items on its badge.
    pub fn render(&self, visible: bool, waiting: usize, strings: &WidgetStrings) {
        self.button.set_hidden(!visible);
        self.badge.set_hidden(waiting == 0);
        let count = (waiting as u32).to_string();
        self.badge.set_text(if waiting > 9 { "9+" } else { &count });
        let label = strings.get(StringKey::OpenChat);
        self.button.set("aria-label", &if waiting > 0 { [label, " (", &count, ")"].concat() } else { label.into() });
    }

    /// Focuses the button. Called when the panel closes.
    pub fn focus(&self) {
        self.button.focus();
    }
}
