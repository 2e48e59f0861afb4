//! Language names.

use super::current_language;

/// Each entry contains the primary subtag as sent by browsers, the English name, and the German name.
const LANGUAGES: [(&str, &str, &str); 44] = [
    ("ar", "Arabic", "Arabisch"),
    ("bg", "Bulgarian", "Bulgarisch"),
    ("bn", "Bengali", "Bengalisch"),
    ("ca", "Catalan", "Katalanisch"),
    ("cs", "Czech", "Tschechisch"),
    ("da", "Danish", "Dänisch"),
    ("de", "German", "Deutsch"),
    ("el", "Greek", "Griechisch"),
    ("en", "English", "Englisch"),
    ("es", "Spanish", "Spanisch"),
    ("et", "Estonian", "Estnisch"),
    ("eu", "Basque", "Baskisch"),
    ("fa", "Persian", "Persisch"),
    ("fi", "Finnish", "Finnisch"),
    ("fr", "French", "Französisch"),
    ("ga", "Irish", "Irisch"),
    ("he", "Hebrew", "Hebräisch"),
    ("hi", "Hindi", "Hindi"),
    ("hr", "Croatian", "Kroatisch"),
    ("hu", "Hungarian", "Ungarisch"),
    ("id", "Indonesian", "Indonesisch"),
    ("is", "Icelandic", "Isländisch"),
    ("it", "Italian", "Italienisch"),
    ("ja", "Japanese", "Japanisch"),
    ("ko", "Korean", "Koreanisch"),
    ("lt", "Lithuanian", "Litauisch"),
    ("lv", "Latvian", "Lettisch"),
    ("nb", "Norwegian", "Norwegisch"),
    ("nl", "Dutch", "Niederländisch"),
    ("nn", "Norwegian", "Norwegisch"),
    ("no", "Norwegian", "Norwegisch"),
    ("pl", "Polish", "Polnisch"),
    ("pt", "Portuguese", "Portugiesisch"),
    ("ro", "Romanian", "Rumänisch"),
    ("ru", "Russian", "Russisch"),
    ("sk", "Slovak", "Slowakisch"),
    ("sl", "Slovenian", "Slowenisch"),
    ("sr", "Serbian", "Serbisch"),
    ("sv", "Swedish", "Schwedisch"),
    ("th", "Thai", "Thailändisch"),
    ("tr", "Turkish", "Türkisch"),
    ("uk", "Ukrainian", "Ukrainisch"),
    ("vi", "Vietnamese", "Vietnamesisch"),
    ("zh", "Chinese", "Chinesisch"),
];

/// Returns the language name for a tag such as `de-AT`, or `None` if the language is not in the list.
pub fn language_name(tag: &str) -> Option<&'static str> {
    let first = tag.split('-').next().unwrap_or_default();
    LANGUAGES
        .iter()
        .find(|(code, ..)| first.eq_ignore_ascii_case(code))
        .map(|(_, en, de)| current_language().pick(*en, *de))
}
