//! What a file is, by its content; and only what is on this list may be sent. A name says nothing, and must not say otherwise:
//! whoever opens the file later is told by its ending what it is.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
};

use protocol::{file::ending, refusal::Refusal};

use super::{image_size, zip_archive};

/// As much of a file as is looked at to know what it is.
const HEAD: u64 = 8 * 1024;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident: $word:literal, $media:literal, [$($ending:literal),*];)*) => {
        /// What may be sent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The word in the database and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word,)* }
            }

            /// The media type that it is handed out as.
            pub fn media(self) -> &'static str {
                match self { $(Self::$kind => $media,)* }
            }

            /// How its names end; the first is the usual one.
            pub fn extensions(self) -> &'static [&'static str] {
                match self { $(Self::$kind => &[$($ending),*],)* }
            }
        }
    };
}

kinds! {
    /// A image.
    Png: "png", "image/png", ["png"];
    /// A image.
    Jpeg: "jpeg", "image/jpeg", ["jpg", "jpeg"];
    /// A image, perhaps a moving one.
    Gif: "gif", "image/gif", ["gif"];
    /// A image.
    WebP: "webp", "image/webp", ["webp"];
    /// A document.
    Pdf: "pdf", "application/pdf", ["pdf"];
    /// Plain text, UTF-8.
    Text: "text", "text/plain; charset=utf-8", ["txt", "csv", "tsv", "log", "md"];
    /// Word, without macros.
    Docx: "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx"];
    /// Excel, without macros.
    Xlsx: "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ["xlsx"];
    /// PowerPoint, without macros.
    Pptx: "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ["pptx"];
    /// OpenDocument, a text without macros.
    Odt: "odt", "application/vnd.oasis.opendocument.text", ["odt"];
    /// OpenDocument, a spreadsheet without macros.
    Ods: "ods", "application/vnd.oasis.opendocument.spreadsheet", ["ods"];
}

impl Kind {
    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// The kind of what is in a file. It takes a while: not for an async task.
    ///
    /// # Errors
    /// `FileRefused` for everything that is not on the list; `ImageTooLarge`; `Unexpected` when it cannot be read.
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

    /// A name that ends as what it is: another ending is put behind it.
    ///
    /// # Errors
    /// `FileRefused` for a text that calls itself something that is run: by its content a script is a text.
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

/// An office document, by the names in it and without the parts that are programs. Any other zip may hold anything.
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

/// Text that a person reads: UTF-8 without control characters, and neither markup nor a script by its first letters.
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

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: std::io::Error) -> Refusal {
    tracing::error!(%error, "a file that was sent could not be read");
    Refusal::Unexpected
}

#[cfg(test)]
mod tests;
