//! Fuzzy matching of typed characters against text. All functions are pure.

/// Returns the cost of matching the typed characters against a text, where lower is better, or `None` if they don't all
/// occur in the text in order. A match at the start of a word or right after the previous match costs nothing.
pub fn distance(typed: &str, text: &str) -> Option<u32> {
    let mut cost = 0;
    let mut wanted = typed.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).peekable();
    let (mut begins, mut follows) = (true, false);
    for letter in text.chars().flat_map(char::to_lowercase) {
        if wanted.peek().is_none() {
            break;
        }
        if wanted.peek() == Some(&letter) {
            wanted.next();
            cost += if begins || follows { 0 } else { 4 };
            follows = true;
        } else {
            cost += 1;
            follows = false;
        }
        begins = !letter.is_alphanumeric();
    }
    wanted.peek().is_none().then_some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_match_in_order_with_gaps_between() {
        for typed in ["claim", "CLM", "cc", "this chat", ""] {
            assert!(distance(typed, "Claim this Chat").is_some(), "{typed}");
        }
        for typed in ["claimx", "tahc", "é"] {
            assert_eq!(distance(typed, "Claim this Chat"), None, "{typed}");
        }
    }

    #[test]
    fn best_match_comes_first() {
        let best = |typed: &str| {
            let all = ["Visitors", "Inactive", "My Chats", "Sign out", "Invite to Chat"];
            all.into_iter().filter(|text| distance(typed, text).is_some()).min_by_key(|text| distance(typed, text))
        };
        assert_eq!(best("vis"), Some("Visitors"));
        assert_eq!(best("inv"), Some("Invite to Chat"));
        assert_eq!(best("chat"), Some("My Chats"));
        assert_eq!(best("so"), Some("Sign out"));
        assert_eq!(best("zz"), None);
    }
}
