//! Error messages for invalid form fields.

use engine::validation::FieldErrorKind;

use super::*;

/// Returns the error message shown next to an invalid field.
pub fn field_error(kind: &FieldErrorKind) -> String {
    match kind {
        FieldErrorKind::Missing => missing().to_owned(),
        FieldErrorKind::TooLong(most) => fill(too_long(), &most.to_string()),
        FieldErrorKind::TooShort(least) => fill(too_short(), &least.to_string()),
        FieldErrorKind::NotAnEmail => not_an_email().to_owned(),
        FieldErrorKind::EmailTaken => email_taken().to_owned(),
        FieldErrorKind::WeakPassword => weak_password().to_owned(),
        FieldErrorKind::WrongPassword => wrong_password().to_owned(),
        FieldErrorKind::PasswordNeeded => password_needed().to_owned(),
        FieldErrorKind::WrongCode => wrong_code().to_owned(),
        FieldErrorKind::NotASite(site) => fill(not_a_site(), site),
        FieldErrorKind::NotAColor => not_a_color().to_owned(),
        FieldErrorKind::NotAZone => not_a_zone().to_owned(),
        FieldErrorKind::BadHours(line) => fill(bad_hours(), &line.to_string()),
        FieldErrorKind::NotAPath(path) => fill(not_a_path(), path),
        FieldErrorKind::BadTemplate(line) => fill(bad_template(), &line.to_string()),
        FieldErrorKind::TooMany(most) => fill(too_many(), &most.to_string()),
        FieldErrorKind::OutOfRange(from, to) => {
            fill(out_of_range(), &[fill(from_to(), &from.to_string()), to.to_string()].concat())
        }
        FieldErrorKind::NotAnImage => not_an_image().to_owned(),
        FieldErrorKind::ImageTooLarge(most) => fill(image_too_large(), &most.to_string()),
        FieldErrorKind::ImageTooNarrow(most) => fill(image_too_narrow(), &most.to_string()),
        FieldErrorKind::LastAdmin => last_admin().to_owned(),
        FieldErrorKind::Oneself => oneself().to_owned(),
    }
}
