//! The languages supported by the widget and the dashboard.

use serde::{Deserialize, Serialize};

/// A language supported by the widget and the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Returns the language tag for HTML's `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Returns whichever value is for this language.
    pub const fn pick<T: Copy>(self, en: T, de: T) -> T {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// Returns the language for a tag, or English if the language is not supported.
    pub fn from_tag(tag: &str) -> Self {
        if tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("de")) { Self::De } else { Self::En }
    }

    /// Returns the language for a tag, or `None` if the language is not supported.
    pub fn supported(tag: &str) -> Option<Self> {
        let language = Self::from_tag(tag);
        tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case(language.tag())).then_some(language)
    }
}
