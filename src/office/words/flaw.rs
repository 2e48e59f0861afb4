//! The sentence for what was typed and cannot be.

use engine::flaw::Why;

use super::*;

/// What stands at the field.
pub fn flaw(why: &Why) -> String {
    match why {
        Why::Missing => MISSING.to_owned(),
        Why::TooLong(most) => fill(TOO_LONG, &most.to_string()),
        Why::TooShort(least) => fill(TOO_SHORT, &least.to_string()),
        Why::NotAnEmail => NOT_AN_EMAIL.to_owned(),
        Why::EmailTaken => EMAIL_TAKEN.to_owned(),
        Why::WrongPassword => WRONG_PASSWORD.to_owned(),
        Why::PasswordNeeded => PASSWORD_NEEDED.to_owned(),
        Why::WrongCode => WRONG_CODE.to_owned(),
        Why::NotASite(site) => fill(NOT_A_SITE, site),
        Why::NotAColour => NOT_A_COLOUR.to_owned(),
        Why::NotAZone => NOT_A_ZONE.to_owned(),
        Why::BadHours(line) => fill(BAD_HOURS, &line.to_string()),
        Why::NotAPath(path) => fill(NOT_A_PATH, path),
        Why::BadTemplate(line) => fill(BAD_TEMPLATE, &line.to_string()),
        Why::TooMany(most) => fill(TOO_MANY, &most.to_string()),
        Why::OutOfRange(from, to) => fill(OUT_OF_RANGE, &[fill(FROM_TO, &from.to_string()), to.to_string()].concat()),
        Why::NotAPicture => NOT_A_PICTURE.to_owned(),
        Why::PictureTooLarge(most) => fill(PICTURE_TOO_LARGE, &most.to_string()),
        Why::LastAdmin => LAST_ADMIN.to_owned(),
        Why::Oneself => ONESELF.to_owned(),
    }
}
