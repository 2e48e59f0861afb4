//! Whether a visitor is present: the activity of each tab, and the presence of the visit as a whole, which is the best
//! presence of any of its tabs.

use serde::{Deserialize, Serialize};

/// A tab's activity, which the widget reports whenever it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabActivity {
    /// Whether the tab is visible.
    pub visible: bool,
    /// Whether the visitor is in one of the host page's form fields. If so, prompts must wait (docs/testing.md,
    /// scenario 14).
    pub typing_in_form: bool,
    /// Whether there has been pointer, keyboard, or touch input since the last report.
    pub input: bool,
}

/// A visit's presence, from best to worst. It is the `min` of its tabs' presences according to the derived order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Presence {
    /// A visible tab has received input recently.
    Active,
    /// A tab is visible, but there has been no input for five minutes.
    Idle,
    /// All tabs have been hidden for a minute.
    Hidden,
    /// No socket is open, but the grace period has not ended yet. Loading another page must not look like leaving.
    Disconnected,
    /// The visitor has left.
    Left,
}

impl Presence {
    /// Returns whether the visitor is presumably still on the site.
    pub fn is_present(self) -> bool {
        self < Presence::Left
    }
}
