//! Converts search input into literal queries for the full-text index, so that special characters have no effect.

/// The maximum number of words. Longer input is probably pasted text.
const MAX_WORDS: usize = 16;
/// The maximum length of a word, in characters.
const MAX_WORD_CHARS: usize = 64;
/// The length of an excerpt, in characters.
const EXCERPT: usize = 120;
/// How much of an excerpt precedes the match, in characters.
const EXCERPT_CHARS_BEFORE: usize = 40;

/// Returns the query for SQLite's index. Every word is quoted so that no character has a special meaning, and all words
/// must match. The last word is matched as a prefix, because it may be incomplete.
pub(super) fn literal(words: &str) -> String {
    let words: Vec<String> = searched(words).map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    // An empty quoted string is a valid query that returns no results.
    if words.is_empty() { "\"\"".to_owned() } else { format!("{} *", words.join(" ")) }
}

/// Returns the words for PostgreSQL, separated by spaces. The SQL function `message_query` builds the query from them.
pub(super) fn plain(words: &str) -> String {
    searched(words).collect::<Vec<_>>().join(" ")
}

fn searched(words: &str) -> impl Iterator<Item = String> {
    words
        .split_whitespace()
        // A word without letters or digits is not in the index and would prevent any match.
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(MAX_WORDS)
        .map(|word| word.chars().filter(|letter| *letter != '\0').take(MAX_WORD_CHARS).collect())
}

/// Returns the part of a message around the first match, on one line.
pub(super) fn excerpt(text: &str, words: &str) -> String {
    let letters: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    if letters.len() <= EXCERPT {
        return letters.into_iter().collect();
    }
    let plain = |letter: &char| letter.to_lowercase().next().unwrap_or(*letter);
    let haystack: Vec<char> = letters.iter().map(plain).collect();
    let found = words.split_whitespace().filter_map(|word| {
        let word: Vec<char> = word.chars().map(|letter| plain(&letter)).collect();
        haystack.windows(word.len().max(1)).position(|part| part == word)
    });
    let from = found.min().unwrap_or(0).saturating_sub(EXCERPT_CHARS_BEFORE).min(letters.len() - EXCERPT);
    let cut: String = letters[from..from + EXCERPT].iter().collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if from + EXCERPT < letters.len() { "…" } else { "" });
    format!("{before}{cut}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_quoted() {
        assert_eq!(literal("page_views boots"), r#""page_views" "boots" *"#);
        assert_eq!(literal(r#"send_message "hello" NEAR(a b)"#), r#""send_message" """hello""" "NEAR(a" "b)" *"#);
        assert_eq!(literal("^a col:b c* -d AND"), r#""^a" "col:b" "c*" "-d" "AND" *"#);
        for nothing in ["", " ", "\"", "* ^ : ( ) -", "\0"] {
            assert_eq!(literal(nothing), "\"\"", "{nothing:?}");
        }
    }

    #[test]
    fn excerpt_shows_the_matching_word() {
        assert_eq!(excerpt("Do they\n run  small?", "small"), "Do they run small?");
        let long = format!("{} the Crème brûlée {}", "x ".repeat(200), "y ".repeat(200));
        let cut = excerpt(&long, "crème");
        assert!(cut.starts_with('…') && cut.ends_with('…') && cut.contains("Crème brûlée"), "{cut}");
        assert_eq!(excerpt(&"z".repeat(500), "a"), format!("{}…", "z".repeat(EXCERPT)));
    }
}
