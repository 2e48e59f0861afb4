//! Whether a visitor is there: the activity of each tab, and the presence of the visit, which is the best of its tabs.

use serde::{Deserialize, Serialize};

/// The activity of a tab; the widget reports it when it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabActivity {
    /// Whether the tab is visible.
    pub visible: bool,
    /// Whether the visitor is in a form field of the host page. A prompt must wait then (docs/testing.md, scenario 14).
    pub typing_in_form: bool,
    /// Whether there was pointer, key or touch input since the last report.
    pub input: bool,
}

/// The presence of a visit, best first. A visit has the `min` of its tabs' presences, by the derived order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Presence {
    /// A tab is visible and had recent input.
    Active,
    /// A tab is visible, but none had input for five minutes.
    Idle,
    /// Every tab has been hidden for a minute.
    Hidden,
    /// No socket is open, but the grace period has not ended, because a page load is not a departure.
    Disconnected,
    /// The visitor has left.
    Left,
}

impl Presence {
    /// Returns whether the visitor is presumably on the site.
    pub fn is_present(self) -> bool {
        self < Presence::Left
    }
}
