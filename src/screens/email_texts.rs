//! How letters read: the words of what is mailed, as plain text.

use engine::mail_queue::{EmailKind, Mailed, NotMailed};
use protocol::language::Language;

use super::i18n::{self, fill};

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
    i18n::in_language(language, || written(kind))
}

// Each line is filled for itself: what stands in a name is no place for another.
fn written(kind: &EmailKind) -> Words {
    match kind {
        EmailKind::Invitation { organization, by, link } => Words {
            subject: fill(i18n::join(), organization),
            body: paragraphs(&[
                &[&fill(i18n::mail_invites(), by), &fill(i18n::mail_into(), organization)],
                &[i18n::mail_join(), link],
                &[i18n::mail_unexpected()],
            ]),
        },
        EmailKind::NewPassword { by: Some(by), link } => Words {
            subject: i18n::mail_password_subject().into(),
            body: paragraphs(&[
                &[&fill(i18n::mail_link_by(), by)],
                &[i18n::mail_password_day(), link],
                &[i18n::mail_unexpected()],
            ]),
        },
        EmailKind::NewPassword { by: None, link } => Words {
            subject: i18n::mail_password_subject().into(),
            body: paragraphs(&[
                &[i18n::mail_forgotten()],
                &[i18n::mail_password_hour(), link],
                &[i18n::mail_not_you()],
            ]),
        },
        EmailKind::Test => {
            Words { subject: i18n::mail_test_subject().into(), body: paragraphs(&[&[i18n::mail_test_body()]]) }
        }
    }
}

/// FieldErrorKind a letter could not be mailed.
pub(super) fn why_not(why: NotMailed) -> String {
    match why {
        NotMailed::QueueFull => i18n::mail_queue_full().into(),
        NotMailed::Unreachable => i18n::mail_unreachable().into(),
        NotMailed::TimedOut => i18n::mail_timed_out().into(),
        NotMailed::NotPrivate => i18n::mail_not_private().into(),
        NotMailed::Unfit => i18n::mail_unfit().into(),
        NotMailed::Refused(code) => fill(i18n::mail_refused(), &code.to_string()),
        NotMailed::Unwritable => i18n::mail_unwritable().into(),
    }
}

/// What became of a letter with a link in it, for who made the link; none: nothing is mailed here.
pub(super) fn told(mailed: Mailed, to: &str) -> Option<(bool, String)> {
    match mailed {
        Mailed::Off => None,
        Mailed::Sent => Some((true, fill(i18n::mailed_to(), to))),
        Mailed::OnItsWay => Some((true, fill(i18n::mailing_to(), to))),
        Mailed::Failed(why) => Some((false, [i18n::not_mailed(), " ", &why_not(why)].concat())),
    }
}

fn paragraphs(all: &[&[&str]]) -> String {
    let all: Vec<String> = all.iter().map(|lines| lines.join("\n")).collect();
    all.join("\n\n") + "\n"
}
