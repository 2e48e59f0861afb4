//! The languages that widget and dashboard speak.

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
    /// The tag for `lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What is said in English, or in German.
    pub const fn pick<T: Copy>(self, en: T, de: T) -> T {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// The language of a tag; English when there is none for it.
    pub fn from_tag(tag: &str) -> Self {
        if tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("de")) { Self::De } else { Self::En }
    }

    /// The language of a tag; none when we do not speak it.
    pub fn supported(tag: &str) -> Option<Self> {
        let language = Self::from_tag(tag);
        tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case(language.tag())).then_some(language)
    }
}
