//! How letters read: the words of what is mailed, as plain text.

use engine::mail_queue::{EmailKind, Mailed, NotMailed};
use protocol::words::Language;

use super::words::{self, fill};

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub body: String,
}

/// A letter in words of a language.
pub fn words(kind: &EmailKind, language: Language) -> Words {
    words::said_in(language, || written(kind))
}

// Each line is filled for itself: what stands in a name is no place for another.
fn written(kind: &EmailKind) -> Words {
    match kind {
        EmailKind::Invitation { organization, by, link } => Words {
            subject: fill(words::join(), organization),
            body: paragraphs(&[
                &[&fill(words::mail_invites(), by), &fill(words::mail_into(), organization)],
                &[words::mail_join(), link],
                &[words::mail_unexpected()],
            ]),
        },
        EmailKind::NewPassword { by: Some(by), link } => Words {
            subject: words::mail_password_subject().into(),
            body: paragraphs(&[
                &[&fill(words::mail_link_by(), by)],
                &[words::mail_password_day(), link],
                &[words::mail_unexpected()],
            ]),
        },
        EmailKind::NewPassword { by: None, link } => Words {
            subject: words::mail_password_subject().into(),
            body: paragraphs(&[
                &[words::mail_forgotten()],
                &[words::mail_password_hour(), link],
                &[words::mail_not_you()],
            ]),
        },
        EmailKind::Test => {
            Words { subject: words::mail_test_subject().into(), body: paragraphs(&[&[words::mail_test_body()]]) }
        }
    }
}

/// FieldErrorKind a letter could not be mailed.
pub(super) fn why_not(why: NotMailed) -> String {
    match why {
        NotMailed::QueueFull => words::mail_queue_full().into(),
        NotMailed::Unreachable => words::mail_unreachable().into(),
        NotMailed::TimedOut => words::mail_timed_out().into(),
        NotMailed::NotPrivate => words::mail_not_private().into(),
        NotMailed::Unfit => words::mail_unfit().into(),
        NotMailed::Refused(code) => fill(words::mail_refused(), &code.to_string()),
        NotMailed::Unwritable => words::mail_unwritable().into(),
    }
}

/// What became of a letter with a link in it, for who made the link; none: nothing is mailed here.
pub(super) fn told(mailed: Mailed, to: &str) -> Option<(bool, String)> {
    match mailed {
        Mailed::Off => None,
        Mailed::Sent => Some((true, fill(words::mailed_to(), to))),
        Mailed::OnItsWay => Some((true, fill(words::mailing_to(), to))),
        Mailed::Failed(why) => Some((false, [words::not_mailed(), " ", &why_not(why)].concat())),
    }
}

fn paragraphs(all: &[&[&str]]) -> String {
    let all: Vec<String> = all.iter().map(|lines| lines.join("\n")).collect();
    all.join("\n\n") + "\n"
}
