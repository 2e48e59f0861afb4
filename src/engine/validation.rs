//! Validation errors in forms: which field, and why. Their texts are in `screens`.

use protocol::refusal::Refusal;

/// Why the value of a field is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldErrorKind {
    /// The field is empty.
    Missing,
    /// Longer than this number of characters.
    TooLong(usize),
    /// Shorter than this number of characters.
    TooShort(usize),
    /// Not an e-mail address.
    NotAnEmail,
    /// Another agent has this e-mail address.
    EmailTaken,
    /// The wrong password.
    WrongPassword,
    /// The password was entered too long ago and is required again.
    PasswordNeeded,
    /// The wrong code.
    WrongCode,
    /// Not an origin such as `https://www.example.com`.
    NotASite(String),
    /// Not `#rrggbb`.
    NotAColor,
    /// Not a known time zone.
    NotAZone,
    /// The line with this number is not valid opening hours.
    BadHours(usize),
    /// Not a path such as `/checkout/*`.
    NotAPath(String),
    /// The template with this number has no name or no text, or is too long.
    BadTemplate(usize),
    /// More entries than this.
    TooMany(usize),
    /// Not between these two numbers, inclusive.
    OutOfRange(i64, i64),
    /// Not a readable PNG, JPEG or WebP image.
    NotAnImage,
    /// Width or height exceeds this number of pixels.
    ImageTooLarge(u32),
    /// One side is more than this many times as long as the other.
    ImageTooNarrow(u32),
    /// At least one admin must remain.
    LastAdmin,
    /// An admin cannot deactivate themselves.
    Oneself,
}

/// A field with an invalid value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field.
    pub field: &'static str,
    /// Why the value is invalid.
    pub kind: FieldErrorKind,
}

/// Why a form was rejected. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormError {
    /// These fields are invalid.
    FieldErrors(Vec<FieldError>),
    /// The operation was refused.
    Refused(Refusal),
}

impl From<Refusal> for FormError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LastAdmin => Self::from(FieldError { field: "role", kind: FieldErrorKind::LastAdmin }),
            Refusal::EmailTaken => Self::from(FieldError { field: "email", kind: FieldErrorKind::EmailTaken }),
            refusal => Self::Refused(refusal),
        }
    }
}

impl From<FieldError> for FormError {
    fn from(field_error: FieldError) -> Self {
        Self::FieldErrors(vec![field_error])
    }
}

/// Collects the errors of a form, so that all of them are shown together.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub(crate) fn add(&mut self, field: &'static str, kind: FieldErrorKind) {
        self.0.push(FieldError { field, kind });
    }

    /// Returns the trimmed text as a single line. Empty text is an error.
    pub(crate) fn line(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let text = self.text(field, text, most).replace('\n', " ");
        if text.is_empty() {
            self.add(field, FieldErrorKind::Missing);
        }
        text
    }

    /// Returns the trimmed text without control characters other than line breaks.
    pub(crate) fn text(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let seen = |letter: &char| *letter == '\n' || !letter.is_control();
        let text: String = text.trim().chars().filter(seen).collect();
        if text.chars().count() > most {
            self.add(field, FieldErrorKind::TooLong(most));
        }
        text
    }

    /// Returns the value, or records the error and returns `None`.
    pub(crate) fn keep<T>(&mut self, field: &'static str, value: Result<T, FieldErrorKind>) -> Option<T> {
        value.map_err(|kind| self.add(field, kind)).ok()
    }

    pub(crate) fn done(self) -> Result<(), FormError> {
        if self.0.is_empty() { Ok(()) } else { Err(FormError::FieldErrors(self.0)) }
    }
}
