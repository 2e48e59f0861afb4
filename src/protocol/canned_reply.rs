//! Canned replies: messages that agents send often, with placeholders for names.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::id::{ReplyId, TeamId};

/// Who may use a canned reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Only the agent who created it.
    Mine,
    /// The agents on a team.
    Team(TeamId),
    /// Every agent in the organization.
    Everyone,
}

/// A canned reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The reply's ID.
    pub id: ReplyId,
    /// Who may use the reply.
    pub scope: Scope,
    /// The name that agents search for, 1 to [`crate::limits::REPLY_NAME_CHARS`] characters long.
    pub name: String,
    /// The text. `{visitor}`, `{agent}`, and `{concierge}` are placeholders for names.
    pub text: String,
}

/// Replaces the placeholders with names in a single pass, so a placeholder inside a name is not expanded.
pub fn expand(text: &str, visitor: &str, agent: &str, concierge: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        let place = [("{visitor}", visitor), ("{agent}", agent), ("{concierge}", concierge)];
        match place.into_iter().find(|(place, _)| rest.starts_with(place)) {
            Some((place, name)) => {
                expanded.push_str(name);
                rest = &rest[place.len()..];
            }
            None => {
                expanded.push('{');
                rest = &rest[1..];
            }
        }
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn placeholders_are_expanded_once() {
        let hello = "Hi {visitor}, {agent} of {concierge} here. {visitor}?";
        assert_eq!(expand(hello, "Vera", "Ann", "Shop"), "Hi Vera, Ann of Shop here. Vera?");
        // B11: a name that looks like a placeholder is not expanded.
        assert_eq!(expand("Hi {visitor}", "{agent}", "Ann", "Shop"), "Hi {agent}");
        assert_eq!(expand("Hi {visitor}", "{{agent.email}}", "Ann", "Shop"), "Hi {{agent.email}}");
        assert_eq!(expand("{visi{visitor}tor}", "Vera", "Ann", "Shop"), "{visiVerator}");
    }

    #[test]
    fn unknown_placeholder_is_kept() {
        for text in ["", "{", "}", "{}", "{other}", "{ visitor }", "ü{€", "{{"] {
            assert_eq!(expand(text, "V", "A", "C"), text);
        }
    }
}
