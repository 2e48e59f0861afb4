//! The look and privacy mode of a concierge, as the widget needs them.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// The look, greeting and language of a concierge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The title of the chat panel.
    pub title: String,
    /// The first message.
    pub greeting: String,
    /// The main color, as `#rrggbb`.
    pub color: String,
    /// The corner of the launcher.
    pub side: Side,
    /// The language of the widget's own texts.
    pub language: Language,
}

/// A template for an invitation, which an agent picks by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationTemplate {
    /// A short name, shown on a button.
    pub name: String,
    /// The text; `{agent}` is a placeholder for the agent's first name.
    pub body: String,
}

/// A bottom corner of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Bottom left.
    Left,
    /// Bottom right.
    Right,
}

impl Side {
    /// Returns the side's name in the database and in CSS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// Parses the result of [`Self::as_str`]; anything but `left` is right.
    pub fn from_word(word: &str) -> Self {
        if word == Self::Left.as_str() { Self::Left } else { Self::Right }
    }
}

/// What the widget may store in the browser (ePrivacy Directive, article 5(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Privacy {
    /// Nothing until the visitor opens the chat, or accepts or denies an invitation. Opening or accepting requests the
    /// service. Denying requests not to be asked again, which later pages can only respect with the token.
    Essential,
    /// Like `Essential` until the host page reports consent, then like `Full`.
    Ask,
    /// The visitor's token, in `sessionStorage` from the first page on, so that a page load does not start a new visit.
    Full,
}

impl Privacy {
    /// Returns the mode's name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Ask => "ask",
            Self::Full => "full",
        }
    }

    /// Returns whether more may be stored than the service needs: a token before the visitor acts, and the traffic
    /// source.
    pub fn may_keep(self, consent: Consent) -> bool {
        match (self, consent) {
            (_, Consent::OptedOut) | (Self::Essential, _) | (Self::Ask, Consent::Unknown) => false,
            (Self::Full, _) | (Self::Ask, Consent::Given) => true,
        }
    }

    /// Parses the result of [`Self::as_str`]; anything else is the strictest mode.
    pub fn from_word(word: &str) -> Self {
        match word {
            "full" => Self::Full,
            "ask" => Self::Ask,
            _ => Self::Essential,
        }
    }
}

/// What the visitor allows to be stored, as reported by the host page and the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// Neither has reported anything.
    #[default]
    Unknown,
    /// The host page reports consent.
    Given,
    /// The browser sends Global Privacy Control. Overrides the host page.
    OptedOut,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn may_keep_follows_privacy_mode_and_consent() {
        let kept = |privacy: Privacy| {
            [Consent::Unknown, Consent::Given, Consent::OptedOut].map(|consent| privacy.may_keep(consent))
        };
        assert_eq!(kept(Privacy::Essential), [false, false, false]);
        assert_eq!(kept(Privacy::Ask), [false, true, false]);
        assert_eq!(kept(Privacy::Full), [true, true, false]);
    }
}
