//! Detects a file's type from its content. Only the types listed here can be sent. The file name is not trusted, but
//! its extension must match the content, because the recipient's operating system relies on it.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
};

use protocol::{file::ending, refusal::Refusal};

use super::{image_size, zip_archive};

/// The number of bytes read from the start of a file to detect its type.
const HEAD: u64 = 8 * 1024;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident: $word:literal, $media:literal, [$($ending:literal),*];)*) => {
        /// A file type that can be sent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Returns the identifier used in the database and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word,)* }
            }

            /// Returns the media type used when serving the file.
            pub fn media(self) -> &'static str {
                match self { $(Self::$kind => $media,)* }
            }

            /// Returns the allowed file extensions. The most common one comes first.
            pub fn extensions(self) -> &'static [&'static str] {
                match self { $(Self::$kind => &[$($ending),*],)* }
            }
        }
    };
}

kinds! {
    /// A PNG image.
    Png: "png", "image/png", ["png"];
    /// A JPEG image.
    Jpeg: "jpeg", "image/jpeg", ["jpg", "jpeg"];
    /// A GIF image, possibly animated.
    Gif: "gif", "image/gif", ["gif"];
    /// A WebP image.
    WebP: "webp", "image/webp", ["webp"];
    /// A PDF document.
    Pdf: "pdf", "application/pdf", ["pdf"];
    /// Plain text in UTF-8.
    Text: "text", "text/plain; charset=utf-8", ["txt", "csv", "tsv", "log", "md"];
    /// A Word document without macros.
    Docx: "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx"];
    /// An Excel workbook without macros.
    Xlsx: "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ["xlsx"];
    /// A PowerPoint presentation without macros.
    Pptx: "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ["pptx"];
    /// An OpenDocument text without macros.
    Odt: "odt", "application/vnd.oasis.opendocument.text", ["odt"];
    /// An OpenDocument spreadsheet without macros.
    Ods: "ods", "application/vnd.oasis.opendocument.spreadsheet", ["ods"];
}

impl Kind {
    /// Returns the kind with the given identifier, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Detects a file's kind from its content.
    ///
    /// This function blocks, so do not call it directly from async code.
    ///
    /// # Errors
    /// Returns [`Refusal::FileRefused`] if the file's type is not listed, [`Refusal::ImageTooLarge`] if it is an image
    /// that is too large, and [`Refusal::Unexpected`] if the file cannot be read.
    pub(crate) fn of(file: &mut File) -> Result<Self, Refusal> {
        let mut head = Vec::new();
        file.rewind().and_then(|()| file.take(HEAD).read_to_end(&mut head)).map_err(unreadable)?;
        let kind = match infer::get(&head).map(|found| found.mime_type()) {
            Some("image/png") => Self::Png,
            Some("image/jpeg") => Self::Jpeg,
            Some("image/gif") => Self::Gif,
            Some("image/webp") => Self::WebP,
            Some("application/pdf") => Self::Pdf,
            _ if head.starts_with(b"PK\x03\x04") => document(file, &head)?,
            Some(_) => return Err(Refusal::FileRefused),
            None => text(file)?,
        };
        image_size::check(kind, file)?;
        Ok(kind)
    }

    /// Returns the name with an extension that matches the content. If the current extension does not match, the
    /// correct one is appended.
    ///
    /// # Errors
    /// Returns [`Refusal::FileRefused`] if a text file has a non-text extension, because scripts are plain text, too.
    pub(crate) fn with_extension(self, name: &str) -> Result<String, Refusal> {
        let says = ending(name);
        if self.extensions().contains(&says.as_str()) {
            return Ok(name.to_owned());
        }
        if self == Self::Text && !says.is_empty() {
            return Err(Refusal::FileRefused);
        }
        Ok(format!("{name}.{}", self.extensions()[0]))
    }
}

/// Detects an office document by the file names in its zip directory. Documents with macros and all other zip files are
/// rejected.
fn document(file: &mut File, head: &[u8]) -> Result<Kind, Refusal> {
    const PROGRAMS: [&str; 6] = ["vbaproject.bin", "vbadata.xml", "macrosheets/", "activex/", "basic/", "scripts/"];

    let names = zip_archive::names(file).map_err(unreadable)?.ok_or(Refusal::FileRefused)?;
    let is_program = |name: &String| PROGRAMS.iter().any(|part| name.to_ascii_lowercase().contains(part));
    if names.iter().any(is_program) {
        return Err(Refusal::FileRefused);
    }
    match zip_archive::first_content(head) {
        Some("application/vnd.oasis.opendocument.text") => return Ok(Kind::Odt),
        Some("application/vnd.oasis.opendocument.spreadsheet") => return Ok(Kind::Ods),
        _ => {}
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if !has("[Content_Types].xml") {
        return Err(Refusal::FileRefused);
    }
    let parts =
        [("word/document.xml", Kind::Docx), ("xl/workbook.xml", Kind::Xlsx), ("ppt/presentation.xml", Kind::Pptx)];
    parts.into_iter().find(|(part, _)| has(part)).map(|(_, kind)| kind).ok_or(Refusal::FileRefused)
}

/// Accepts plain text: valid UTF-8 that contains no control characters and does not start like markup or a script.
fn text(file: &mut File) -> Result<Kind, Refusal> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::FileRefused)?;
    let is_control = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}');
    let begins = text.trim_start_matches('\u{feff}').trim_start();
    let mut letters = begins.chars();
    let is_markup = letters.next() == Some('<')
        && letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || matches!(letter, '!' | '?' | '/'));
    if text.contains(is_control) || is_markup || begins.starts_with("#!") {
        return Err(Refusal::FileRefused);
    }
    Ok(Kind::Text)
}

#[expect(clippy::needless_pass_by_value, reason = "used with `map_err`")]
fn unreadable(error: std::io::Error) -> Refusal {
    tracing::error!(%error, "failed to read an uploaded file");
    Refusal::Unexpected
}

#[cfg(test)]
mod tests;
