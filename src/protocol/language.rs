//! The languages of the widget and the dashboard.

use serde::{Deserialize, Serialize};

/// A language of the widget and of the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// Returns the tag for HTML's `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Returns the variant for this language.
    pub const fn pick<T: Copy>(self, en: T, de: T) -> T {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// Returns the language of a tag; English if it is not supported.
    pub fn from_tag(tag: &str) -> Self {
        if tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("de")) { Self::De } else { Self::En }
    }

    /// Returns the language of a tag; `None` if it is not supported.
    pub fn supported(tag: &str) -> Option<Self> {
        let language = Self::from_tag(tag);
        tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case(language.tag())).then_some(language)
    }
}
