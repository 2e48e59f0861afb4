//! Whether a visitor is there: what one tab says of itself, and what the visit is, the best of its tabs.

use serde::{Deserialize, Serialize};

/// What a widget reports of its tab whenever it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabActivity {
    /// The tab is the one on the screen.
    pub visible: bool,
    /// The visitor is in a field of the host page: a prompt must wait (scenario 14).
    pub typing_in_form: bool,
    /// A pointer, key or touch came since the last report.
    pub input: bool,
}

/// Presence of a visit, best first: the derived order *is* the aggregation of tabs (`min`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Presence {
    /// A tab is visible and had input of late.
    Active,
    /// A tab is visible, none had input for five minutes.
    Idle,
    /// Every tab has been hidden for a minute.
    Hidden,
    /// No socket is open, but the grace has not run out: a page load is not a departure.
    Disconnected,
    /// The visitor has left.
    Left,
}

impl Presence {
    /// The visitor is on the site as far as anyone can tell.
    pub fn is_present(self) -> bool {
        self < Presence::Left
    }
}
