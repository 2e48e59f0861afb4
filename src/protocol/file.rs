//! Files in chats, and the rules for file names and types.

use alloc::{borrow::ToOwned, format, string::String};

use serde::{Deserialize, Serialize};

use crate::{contact::is_invisible_char, id::FileId, limits::FILE_NAME_BYTES};

/// The accepted file types, for display.
pub const ACCEPTED: &str = "PNG, JPEG, GIF, WebP, PDF, text (txt, csv, tsv, log, md), Word (docx), Excel (xlsx), PowerPoint (pptx), OpenDocument (odt, ods)";

/// The accepted file types, for HTML's `accept` attribute.
pub const ACCEPT: &str = ".png,.jpg,.jpeg,.gif,.webp,.pdf,.txt,.csv,.tsv,.log,.md,.docx,.xlsx,.pptx,.odt,.ods";

/// The symbol shown before a file's name where there is only room for one line.
pub const SIGN: &str = "📎";

/// A one-line description of a file: `ID BYTES KIND NAME`. It is a single string because the widget passes it to the
/// script that displays files without parsing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileCard(pub String);

impl FileCard {
    /// Creates the description. `name` must already be sanitized with [`clean_name`], and `kind` must be a single word.
    pub fn new(id: FileId, bytes: u64, kind: &str, name: &str) -> Self {
        Self(format!("{id} {bytes} {kind} {name}"))
    }

    fn part(&self, place: usize) -> &str {
        self.0.splitn(4, ' ').nth(place).unwrap_or_default()
    }

    /// Returns the part of the description before the name.
    pub fn before_name(&self) -> &str {
        let name = self.name().len();
        self.0.get(..self.0.len().saturating_sub(name + 1)).unwrap_or_default()
    }

    /// Returns the file's ID, or `None` if the description is malformed.
    pub fn id(&self) -> Option<FileId> {
        self.part(0).parse().ok()
    }

    /// Returns the file's size, in bytes.
    pub fn bytes(&self) -> u64 {
        self.part(1).parse().unwrap_or_default()
    }

    /// Returns the file type that was detected from the content, such as `png`.
    pub fn kind(&self) -> &str {
        self.part(2)
    }

    /// Returns the file's original name, sanitized.
    pub fn name(&self) -> &str {
        self.part(3)
    }

    /// Returns whether browsers may display the file as an image.
    pub fn is_image(&self) -> bool {
        matches!(self.kind(), "png" | "jpeg" | "gif" | "webp")
    }

    /// Returns the file's name, preceded by [`SIGN`].
    pub fn line(&self) -> String {
        [SIGN, " ", self.name()].concat()
    }
}

/// Formats a number of bytes as, for example, `900 B`, `12 kB`, or `1.4 MB`, rounding up.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => {
            let tenths = bytes.div_ceil(100_000);
            if tenths.is_multiple_of(10) {
                format!("{} MB", tenths / 10)
            } else {
                format!("{}.{} MB", tenths / 10, tenths % 10)
            }
        }
    }
}

/// Sanitizes a file name for display. Removes directories and invisible characters, and truncates the name to
/// [`FILE_NAME_BYTES`], keeping the extension. The result is never used as a path on the server.
pub fn clean_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|letter| !is_invisible_char(*letter)).collect();
    let name = seen.trim_matches(|letter: char| letter.is_whitespace() || letter == '.');
    if name.is_empty() {
        return "file".to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 16 => (stem, [".", ending].concat()),
        _ => (name, String::new()),
    };
    let mut most = FILE_NAME_BYTES - ending.len();
    most = most.min(stem.len());
    while !stem.is_char_boundary(most) {
        most -= 1;
    }
    [stem[..most].trim_end(), &ending].concat()
}

/// Returns a file name's extension, in lowercase.
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Returns the `Content-Disposition` header value for a download (RFC 6266). It contains the name twice: in plain ASCII
/// for old clients, and in full for all others. No name can terminate the header or inject another one.
pub fn content_disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(
            |letter| {
                if letter.is_ascii_alphanumeric() || " !#$&+-.^_`~()[]{}@,=".contains(letter) { letter } else { '_' }
            },
        )
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn file_card_round_trips() {
        let id = FileId(Uuid::from_u128(7));
        let card = FileCard::new(id, 1_400_000, "png", "My photo 1 png.png");
        assert_eq!(
            (card.id(), card.bytes(), card.kind(), card.name()),
            (Some(id), 1_400_000, "png", "My photo 1 png.png")
        );
        assert!(card.is_image() && !FileCard::new(id, 1, "pdf", "png").is_image());
        let nonsense = FileCard("x".into());
        assert_eq!((nonsense.id(), nonsense.bytes(), nonsense.name()), (None, 0, ""));
    }

    /// H3: malicious file names.
    #[test]
    fn file_name_is_cleaned_of_paths() {
        assert_eq!(clean_name("\"><img src=x onerror=__pwned=1>"), "\"><img src=x onerror=__pwned=1>");
        assert_eq!(clean_name("../../x"), "x");
        assert_eq!(clean_name("C:\\Users\\ann\\bill.pdf"), "bill.pdf");
        assert_eq!(clean_name("con"), "con");
        assert_eq!(clean_name("\u{202e}gpj.exe"), "gpj.exe");
        assert_eq!(clean_name("a\r\nX: y.txt"), "aX: y.txt");
        assert_eq!(clean_name("photo.png\0.exe"), "photo.png.exe");
        for nothing in ["", " ", "..", "../", "\u{200b}", "/"] {
            assert_eq!(clean_name(nothing), "file", "{nothing:?}");
        }
        let long = clean_name(&format!("{}.pdf", "ü".repeat(1_000)));
        assert!(long.len() <= FILE_NAME_BYTES && long.ends_with("ü.pdf"), "{long}");
        assert!(clean_name(&"x".repeat(1_000)).len() <= FILE_NAME_BYTES);
        assert_eq!(clean_name("Grüße 1️⃣.txt"), "Grüße 1️⃣.txt");
    }

    #[test]
    fn content_disposition_encodes_any_name() {
        assert_eq!(content_disposition("bill.pdf"), "attachment; filename=\"bill.pdf\"; filename*=UTF-8''bill.pdf");
        assert_eq!(
            content_disposition("Gr\u{fc}\u{df}e \"%\\.txt"),
            "attachment; filename=\"Gr__e ___.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22%25%5C.txt"
        );
        let hostile = content_disposition("a\r\nX: y; filename=z'\"<>");
        assert!(!hostile.contains(['\r', '\n', '<']) && hostile.matches('"').count() == 2, "{hostile}");
    }

    #[test]
    fn sizes_are_human_readable() {
        for (bytes, words) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (11_001, "12 kB"),
            (999_999, "1000 kB"),
            (1_000_000, "1 MB"),
            (1_350_000, "1.4 MB"),
            (10_000_000, "10 MB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }
}
