//! Decides when an invitation may be shown to a visitor. The server checks this before sending an invitation, and the
//! widget checks it again before showing one. Only the server has the list of excluded pages, and it never sends
//! invitations to them.

use alloc::string::String;

use crate::{Millis, page::Page, presence::TabActivity};

/// The result of [`prompt_decision`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptDecision {
    /// Show the prompt and play a sound.
    Show,
    /// Show a badge on the launcher until the visitor leaves the form field (docs/testing.md, scenario 14).
    AsBadge,
    /// Deliver the invitation, but don't show it until a tab is visible, and don't play a sound (docs/testing.md,
    /// scenario 15).
    WhenVisible,
    /// Do not prompt the visitor before this time (docs/testing.md, scenario 18).
    NotBefore(Millis),
    /// Never show a prompt on this page.
    PageExcluded,
}

/// Returns whether and how a tab may show a prompt. `is_excluded` is the result of [`is_excluded`] for the tab's page.
pub fn prompt_decision(
    tab: TabActivity,
    is_excluded: bool,
    quiet_until: Option<Millis>,
    now: Millis,
) -> PromptDecision {
    match quiet_until {
        Some(until) if now < until => PromptDecision::NotBefore(until),
        _ if is_excluded => PromptDecision::PageExcluded,
        _ if !tab.visible => PromptDecision::WhenVisible,
        _ if tab.typing_in_form => PromptDecision::AsBadge,
        _ => PromptDecision::Show,
    }
}

/// Returns whether the page's path matches any of the patterns, meaning that no prompt may appear there. `*` matches
/// any number of characters, including none. Trailing slashes are ignored.
pub fn is_excluded(patterns: &[String], page: &Page) -> bool {
    let path = trim_trailing_slash(page.path());
    patterns.iter().any(|pattern| matches_pattern(trim_trailing_slash(pattern.trim()).as_bytes(), path.as_bytes()))
}

fn trim_trailing_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

// Only backtracks to the last star, so the running time is at most proportional to the product of the two lengths.
fn matches_pattern(pattern: &[u8], path: &[u8]) -> bool {
    let (mut at, mut on) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while on < path.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, on));
                at += 1;
            }
            Some(letter) if *letter == path[on] => {
                at += 1;
                on += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                on = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use super::*;

    const PRESENT: TabActivity = TabActivity { visible: true, typing_in_form: false, input: true };

    #[test]
    fn present_visitor_may_be_prompted() {
        assert_eq!(prompt_decision(PRESENT, false, None, 1_000), PromptDecision::Show);
    }

    #[test]
    fn quiet_period_takes_precedence_and_ends_exactly() {
        assert_eq!(prompt_decision(PRESENT, false, Some(1_001), 1_000), PromptDecision::NotBefore(1_001));
        assert_eq!(prompt_decision(PRESENT, false, Some(1_000), 1_000), PromptDecision::Show);
        let hidden = TabActivity { visible: false, ..PRESENT };
        assert_eq!(prompt_decision(hidden, true, Some(1_001), 1_000), PromptDecision::NotBefore(1_001));
    }

    #[test]
    fn hidden_tab_defers_prompt_and_form_gets_badge() {
        let hidden = TabActivity { visible: false, typing_in_form: true, input: false };
        let typing = TabActivity { typing_in_form: true, ..PRESENT };
        assert_eq!(prompt_decision(hidden, false, None, 0), PromptDecision::WhenVisible);
        assert_eq!(prompt_decision(typing, false, None, 0), PromptDecision::AsBadge);
    }

    #[test]
    fn excluded_page_has_no_prompt() {
        assert_eq!(prompt_decision(PRESENT, true, None, 0), PromptDecision::PageExcluded);
        let is_free =
            |pattern: &str, url: &str| is_excluded(&[pattern.into()], &Page { url: url.into(), title: String::new() });
        assert!(
            is_free("/checkout/*", "https://shop.test/checkout/pay")
                && is_free("/checkout/", "https://shop.test/checkout")
        );
        assert!(!is_free("/checkout/*", "https://shop.test/boots/checkout/pay"));
        assert!(is_free("*/login", "https://shop.test/de/login/") && is_free("/a*b*c", "https://shop.test/aXbbYc"));
        assert!(!is_free("/a*b*c", "https://shop.test/aXcY") && !is_free("/cart", "https://shop.test/carts"));
        assert!(is_free("/", "https://shop.test") && !is_free("/", "https://shop.test/boots"));
        let stars = "*".repeat(2_000);
        assert!(!is_free(&(stars + "x"), &("https://shop.test/".to_owned() + &"y".repeat(2_000))));
    }
}
