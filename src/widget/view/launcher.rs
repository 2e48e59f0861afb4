//! The launcher: the round button in the corner, with a badge.

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

    /// Shows or hides the launcher, with the number of unread items.
    pub fn render(&self, visible: bool, waiting: usize, strings: &WidgetStrings) {
        self.button.set_hidden(!visible);
        self.badge.set_hidden(waiting == 0);
        let count = (waiting as u32).to_string();
        self.badge.set_text(if waiting > 9 { "9+" } else { &count });
        let label = strings.get(StringKey::OpenChat);
        self.button.set("aria-label", &if waiting > 0 { [label, " (", &count, ")"].concat() } else { label.into() });
    }

    /// Focuses the button, when the panel closes.
    pub fn focus(&self) {
        self.button.focus();
    }
}
