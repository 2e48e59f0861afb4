//! Courtesy: when a prompt may stand before a visitor. The server asks before it sends an invitation, the widget before
//! it shows one, and both ask here.

use crate::{Millis, presence::TabActivity};

/// The answer of [`may_prompt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayPrompt {
    /// Show it, and sound.
    Yes,
    /// The visitor types in a form: a badge on the launcher until he leaves the field (scenario 14).
    AsBadge,
    /// No tab is visible: deliver, neither show nor sound (scenario 15).
    WhenVisible,
    /// The visitor is left alone until then (scenario 18).
    NotBefore(Millis),
}

/// Whether a prompt may stand in a tab.
pub fn may_prompt(tab: TabActivity, quiet_until: Option<Millis>, now: Millis) -> MayPrompt {
    match quiet_until {
        Some(until) if now < until => MayPrompt::NotBefore(until),
        _ if !tab.visible => MayPrompt::WhenVisible,
        _ if tab.typing_in_form => MayPrompt::AsBadge,
        _ => MayPrompt::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_THE_SCREEN: TabActivity = TabActivity { visible: true, typing_in_form: false, input: true };

    #[test]
    fn a_visitor_at_the_screen_may_be_asked() {
        assert_eq!(may_prompt(AT_THE_SCREEN, None, 1_000), MayPrompt::Yes);
    }

    #[test]
    fn quiet_goes_before_everything_and_ends_on_the_millisecond() {
        assert_eq!(may_prompt(AT_THE_SCREEN, Some(1_001), 1_000), MayPrompt::NotBefore(1_001));
        assert_eq!(may_prompt(AT_THE_SCREEN, Some(1_000), 1_000), MayPrompt::Yes);
        let hidden = TabActivity { visible: false, ..AT_THE_SCREEN };
        assert_eq!(may_prompt(hidden, Some(1_001), 1_000), MayPrompt::NotBefore(1_001));
    }

    #[test]
    fn a_hidden_tab_waits_and_a_form_gets_a_badge() {
        let hidden = TabActivity { visible: false, typing_in_form: true, input: false };
        let typing = TabActivity { typing_in_form: true, ..AT_THE_SCREEN };
        assert_eq!(may_prompt(hidden, None, 0), MayPrompt::WhenVisible);
        assert_eq!(may_prompt(typing, None, 0), MayPrompt::AsBadge);
    }
}
