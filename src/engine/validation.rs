//! Input that was refused: which field, and why. The sentence for it is said in `screens`.

use protocol::refusal::Refusal;

/// FieldErrorKind a field cannot be as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldErrorKind {
    /// Nothing was typed.
    Missing,
    /// Longer than so many characters.
    TooLong(usize),
    /// Shorter than so many characters.
    TooShort(usize),
    /// No e-mail address.
    NotAnEmail,
    /// Somebody has it already.
    EmailTaken,
    /// Not the password.
    WrongPassword,
    /// Too long ago: the password, again.
    PasswordNeeded,
    /// Not the code.
    WrongCode,
    /// No origin such as `https://www.example.com`.
    NotASite(String),
    /// Not `#rrggbb`.
    NotAColor,
    /// No time zone.
    NotAZone,
    /// This line says no hours.
    BadHours(usize),
    /// No path such as `/checkout/*`.
    NotAPath(String),
    /// This template has no name or no words.
    BadTemplate(usize),
    /// More than so many.
    TooMany(usize),
    /// Neither from nor to is kept.
    OutOfRange(i64, i64),
    /// No image that can be read: PNG, JPEG or WebP.
    NotAnImage,
    /// Larger than so many pixels in one direction.
    ImageTooLarge(u32),
    /// An admin must remain.
    LastAdmin,
    /// Not oneself.
    Oneself,
}

/// A field that cannot be as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field.
    pub field: &'static str,
    /// FieldErrorKind.
    pub kind: FieldErrorKind,
}

/// FieldErrorKind what was filled in was not done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormError {
    /// These fields cannot be so.
    FieldErrors(Vec<FieldError>),
    /// It cannot be at all.
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

/// Collects what is wrong, so that a person reads all of it at once.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub(crate) fn add(&mut self, field: &'static str, kind: FieldErrorKind) {
        self.0.push(FieldError { field, kind });
    }

    /// The text on one line, without the space around it; it cannot be left out.
    pub(crate) fn line(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let text = self.text(field, text, most).replace('\n', " ");
        if text.is_empty() {
            self.add(field, FieldErrorKind::Missing);
        }
        text
    }

    /// The text without the space around it.
    pub(crate) fn text(&mut self, field: &'static str, text: &str, most: usize) -> String {
        let seen = |letter: &char| *letter == '\n' || !letter.is_control();
        let text: String = text.trim().chars().filter(seen).collect();
        if text.chars().count() > most {
            self.add(field, FieldErrorKind::TooLong(most));
        }
        text
    }

    /// The value; of a failure its reason is kept.
    pub(crate) fn keep<T>(&mut self, field: &'static str, value: Result<T, FieldErrorKind>) -> Option<T> {
        value.map_err(|kind| self.add(field, kind)).ok()
    }

    pub(crate) fn done(self) -> Result<(), FormError> {
        if self.0.is_empty() { Ok(()) } else { Err(FormError::FieldErrors(self.0)) }
    }
}
