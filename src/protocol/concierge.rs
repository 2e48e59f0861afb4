//! A concierge's look and privacy mode, in the form the widget needs.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// A concierge's look, greeting, and language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The chat panel's title.
    pub title: String,
    /// The first message in the chat panel.
    pub greeting: String,
    /// The main color, as `#rrggbb`.
    pub color: String,
    /// The bottom corner in which the launcher appears.
    pub side: Side,
    /// The language of the widget's user interface.
    pub language: Language,
}

/// An invitation template, which agents pick by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationTemplate {
    /// A short name, shown on a button.
    pub name: String,
    /// The text. `{agent}` is a placeholder for the agent's first name.
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
    /// Returns the side's name, as used in the database and in CSS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// Parses a name returned by [`Self::as_str`]. Anything other than `left` is treated as `right`.
    pub fn from_word(word: &str) -> Self {
        if word == Self::Left.as_str() { Self::Left } else { Self::Right }
    }
}

/// What the widget may store in the browser (ePrivacy Directive, article 5(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Privacy {
    /// Nothing until the visitor opens the chat or answers an invitation. By opening the chat or accepting an
    /// invitation, they request the service. By declining one, they ask to be left alone, which later pages can only
    /// respect if the token is stored.
    Essential,
    /// Like `Essential` until the host page reports consent, and like `Full` after that.
    Ask,
    /// The visitor's token, in `sessionStorage`, starting with the first page, so that navigating does not start a new
    /// visit.
    Full,
}

impl Privacy {
    /// Returns the mode's name, as used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Ask => "ask",
            Self::Full => "full",
        }
    }

    /// Returns whether more may be stored than the service strictly needs, namely the traffic source and a token before
    /// the visitor has interacted with the widget.
    pub fn may_keep(self, consent: Consent) -> bool {
        match (self, consent) {
            (_, Consent::OptedOut) | (Self::Essential, _) | (Self::Ask, Consent::Unknown) => false,
            (Self::Full, _) | (Self::Ask, Consent::Given) => true,
        }
    }

    /// Parses a name returned by [`Self::as_str`]. Anything else is treated as the strictest mode.
    pub fn from_word(word: &str) -> Self {
        match word {
            "full" => Self::Full,
            "ask" => Self::Ask,
            _ => Self::Essential,
        }
    }
}

/// What the visitor allows the widget to store, as reported by the host page and the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// Neither the host page nor the browser has reported anything.
    #[default]
    Unknown,
    /// The host page has reported consent.
    Given,
    /// The browser sends a Global Privacy Control signal, which overrides what the host page reports.
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
