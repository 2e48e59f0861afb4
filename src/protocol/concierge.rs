//! A concierge as the widget shows it: its look and its texts.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// How a concierge looks and speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The head of the panel.
    pub title: String,
    /// What the concierge says first.
    pub greeting: String,
    /// `#rrggbb`.
    pub color: String,
    /// Where the launcher stands.
    pub side: Side,
    /// The language of the widget's own words.
    pub language: Language,
}

/// The words of an invitation, under the name by which an agent picks them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationTemplate {
    /// Short, as it stands on a button.
    pub name: String,
    /// `{agent}` stands for the agent's first name.
    pub body: String,
}

/// A corner of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Bottom left.
    Left,
    /// Bottom right.
    Right,
}

impl Side {
    /// The word in the database and in CSS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The side of a word; right, where it is not `left`.
    pub fn from_word(word: &str) -> Self {
        if word == Self::Left.as_str() { Self::Left } else { Self::Right }
    }
}

/// What the widget may keep in the browser (security.md §4.6 of the design; ePrivacy 5(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Privacy {
    /// Nothing until the visitor opens the chat, accepts or denies. To open or accept is to ask for the service; to deny is
    /// to ask to be left alone, and without the token no later page would know of it.
    Essential,
    /// As `Essential` until the host page reports consent, then as `Full`.
    Ask,
    /// The visitor's token in `sessionStorage` from the first page on, so that a page load is not a new visit.
    Full,
}

impl Privacy {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Ask => "ask",
            Self::Full => "full",
        }
    }

    /// Whether more may be kept than the service needs: a token before the visitor acts, and where he came from.
    pub fn may_keep(self, consent: Consent) -> bool {
        match (self, consent) {
            (_, Consent::OptedOut) | (Self::Essential, _) | (Self::Ask, Consent::Unknown) => false,
            (Self::Full, _) | (Self::Ask, Consent::Given) => true,
        }
    }

    /// The mode of a word in the database; anything else is the strictest.
    pub fn from_word(word: &str) -> Self {
        match word {
            "full" => Self::Full,
            "ask" => Self::Ask,
            _ => Self::Essential,
        }
    }
}

/// What the visitor wishes about what is kept, as the host page and his browser say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consent {
    /// Neither has said anything.
    #[default]
    Unknown,
    /// The host page reports his consent.
    Given,
    /// His browser says that he would rather not (Global Privacy Control), whatever the page says.
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
