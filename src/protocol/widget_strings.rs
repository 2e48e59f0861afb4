//! The strings that the widget shows after its document has loaded. The document only contains them in its concierge's
//! language, because a bundle with all languages would be larger.

use alloc::string::String;

use crate::{i18n, language::Language};

/// The separator between strings. No string contains it.
const SEPARATOR: u8 = b'|';

macro_rules! widget_strings {
    ($($key:ident: $name:ident;)*) => {
        /// Identifies a string.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum StringKey {
            $(#[doc = stringify!($name)] $key,)*
        }

        /// Returns all strings in a language, joined for use in the widget's document.
        pub fn widget_strings(language: Language) -> String {
            let strings = [$(i18n::$name(language)),*];
            strings.join("|")
        }
    };
}

widget_strings! {
    OpenChat: open_chat;
    InvitesYou: invites_you;
    ConnectingYouTo: connecting_you_to;
    ConnectingYou: connecting_you;
    NobodyIsFree: nobody_is_free;
    IsTyping: is_typing;
    Joined: joined;
    TookOver: took_over;
    AgentLost: agent_lost;
    AgentBack: agent_back;
    WillBeWithYou: will_be_with_you;
    AColleagueWill: a_colleague_will;
    NextInLine: next_in_line;
    ChatEnded: chat_ended;
    YouAsked: you_asked;
    YouAccepted: you_accepted;
    Sending: sending;
    Sent: sent;
    Delivered: delivered;
    Read: read;
    Edited: edited;
    Deleted: deleted;
    Today: today;
    Yesterday: yesterday;
    Reconnecting: reconnecting;
    ReloadPlease: reload_please;
    NotAvailable: not_available;
    TooLong: too_long;
    NotSent: not_sent;
    SentLater: sent_later;
    ContactLeft: contact_left;
    NotAnEmail: not_an_email;
    WriteItFirst: write_it_first;
}

/// The strings read from the widget's document.
#[derive(Debug, Default)]
pub struct WidgetStrings(String);

impl WidgetStrings {
    /// Wraps the result of [`widget_strings()`].
    pub fn new(strings: String) -> Self {
        Self(strings)
    }

    /// Returns a string, or an empty one if the document is from another version of the program.
    pub fn get(&self, key: StringKey) -> &str {
        let (mut begin, mut left) = (0, key as usize);
        // Written by hand because `str::split` would add more to the widget than the strings themselves.
        for (at, byte) in self.0.bytes().enumerate() {
            if byte == SEPARATOR {
                if left == 0 {
                    return self.0.get(begin..at).unwrap_or_default();
                }
                (begin, left) = (at + 1, left - 1);
            }
        }
        self.0.get(begin..).filter(|_| left == 0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widget_strings_match_each_language() {
        for language in [Language::En, Language::De] {
            let strings = WidgetStrings::new(widget_strings(language));
            assert_eq!(strings.get(StringKey::OpenChat), i18n::open_chat(language));
            assert_eq!(strings.get(StringKey::NobodyIsFree), i18n::nobody_is_free(language));
            assert_eq!(strings.get(StringKey::WriteItFirst), i18n::write_it_first(language), "the last key");
            assert_eq!(
                widget_strings(language).matches('|').count(),
                StringKey::WriteItFirst as usize,
                "no string contains the separator"
            );
        }
    }
}
