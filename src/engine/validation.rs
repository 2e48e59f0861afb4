//! Form validation errors: which field is invalid, and why. The error messages are in `screens`.

use protocol::refusal::Refusal;

/// Why a field's value is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldErrorKind {
    /// The field is empty.
    Missing,
    /// The value is longer than this many characters.
    TooLong(usize),
    /// The value is shorter than this many characters.
    TooShort(usize),
    /// The value is not a valid email address.
    NotAnEmail,
    /// Another agent already has this email address.
    EmailTaken,
    /// The password is wrong.
    WrongPassword,
    /// The new password is easy to guess.
    WeakPassword,
    /// The password was entered too long ago and must be entered again.
    PasswordNeeded,
    /// The code is wrong.
    WrongCode,
    /// The value is not an origin such as `https://www.example.com`.
    NotASite(String),
    /// The value is not a color in the form `#rrggbb`.
    NotAColor,
    /// The value is not a known time zone.
    NotAZone,
    /// The line with this number does not contain valid opening hours.
    BadHours(usize),
    /// The value is not a path such as `/checkout/*`.
    NotAPath(String),
    /// The template with this number has no name or text, or is too long.
    BadTemplate(usize),
    /// There are more than this many entries.
    TooMany(usize),
    /// The value is not between these two numbers, inclusive.
    OutOfRange(i64, i64),
    /// The file is not a readable PNG, JPEG, or WebP image.
    NotAnImage,
    /// The width or height exceeds this many pixels.
    ImageTooLarge(u32),
    /// One side is more than this many times as long as the other.
    ImageTooNarrow(u32),
    /// At least one admin must remain.
    LastAdmin,
    /// Admins cannot deactivate themselves.
    Oneself,
}

/// An error in a single field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field.
    pub field: &'static str,
    /// Why the value is invalid.
    pub kind: FieldErrorKind,
}

/// Why a form was rejected. Nothing has been changed.
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

/// Collects a form's errors so that they can all be shown together.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub(crate) fn add(&mut self, field: &'static str, kind: FieldErrorKind) {
        self.0.push(FieldError { field, kind });
    }

    /// Returns the trimmed text as a single line. Records an error if the text is empty.
    pub(crate) fn line(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let text = self.text(field, text, most).replace('\n', " ");
        if text.is_empty() {
            self.add(field, FieldErrorKind::Missing);
        }
        text
    }

    /// Returns the trimmed text without control characters other than line breaks. Records an error if the text is too
    /// long.
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
