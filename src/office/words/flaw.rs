//! The sentence for what was typed and cannot be.

use engine::flaw::Why;

use super::*;

/// What stands at the field.
pub fn flaw(why: &Why) -> String {
    match why {
        Why::Missing => missing().to_owned(),
        Why::TooLong(most) => fill(too_long(), &most.to_string()),
        Why::TooShort(least) => fill(too_short(), &least.to_string()),
        Why::NotAnEmail => not_an_email().to_owned(),
        Why::EmailTaken => email_taken().to_owned(),
        Why::WrongPassword => wrong_password().to_owned(),
        Why::PasswordNeeded => password_needed().to_owned(),
        Why::WrongCode => wrong_code().to_owned(),
        Why::NotASite(site) => fill(not_a_site(), site),
        Why::NotAColour => not_a_colour().to_owned(),
        Why::NotAZone => not_a_zone().to_owned(),
        Why::BadHours(line) => fill(bad_hours(), &line.to_string()),
        Why::NotAPath(path) => fill(not_a_path(), path),
        Why::BadTemplate(line) => fill(bad_template(), &line.to_string()),
        Why::TooMany(most) => fill(too_many(), &most.to_string()),
        Why::OutOfRange(from, to) => {
            fill(out_of_range(), &[fill(from_to(), &from.to_string()), to.to_string()].concat())
        }
        Why::NotAPicture => not_a_picture().to_owned(),
        Why::PictureTooLarge(most) => fill(picture_too_large(), &most.to_string()),
        Why::LastAdmin => last_admin().to_owned(),
        Why::Oneself => oneself().to_owned(),
    }
}
