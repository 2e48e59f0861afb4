//! How letters read: the words of what is mailed, as plain text.

use engine::post::{Mailed, Matter, NotMailed};

use super::words::{self, fill};

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub body: String,
}

/// A letter in words. Each line is filled for itself: what stands in a name is no place for another.
pub fn words(matter: &Matter) -> Words {
    match matter {
        Matter::Invitation { organization, by, link } => Words {
            subject: fill(words::JOIN, organization),
            body: paragraphs(&[
                &[&fill(words::MAIL_INVITES, by), &fill(words::MAIL_INTO, organization)],
                &[words::MAIL_JOIN, link],
                &[words::MAIL_UNEXPECTED],
            ]),
        },
        Matter::NewPassword { by: Some(by), link } => Words {
            subject: words::MAIL_PASSWORD_SUBJECT.into(),
            body: paragraphs(&[
                &[&fill(words::MAIL_LINK_BY, by)],
                &[words::MAIL_PASSWORD_DAY, link],
                &[words::MAIL_UNEXPECTED],
            ]),
        },
        Matter::NewPassword { by: None, link } => Words {
            subject: words::MAIL_PASSWORD_SUBJECT.into(),
            body: paragraphs(&[&[words::MAIL_FORGOTTEN], &[words::MAIL_PASSWORD_HOUR, link], &[words::MAIL_NOT_YOU]]),
        },
        Matter::Test => {
            Words { subject: words::MAIL_TEST_SUBJECT.into(), body: paragraphs(&[&[words::MAIL_TEST_BODY]]) }
        }
    }
}

/// Why a letter could not be mailed.
pub(super) fn why_not(why: NotMailed) -> String {
    match why {
        NotMailed::QueueFull => words::MAIL_QUEUE_FULL.into(),
        NotMailed::Unreachable => words::MAIL_UNREACHABLE.into(),
        NotMailed::TimedOut => words::MAIL_TIMED_OUT.into(),
        NotMailed::NotPrivate => words::MAIL_NOT_PRIVATE.into(),
        NotMailed::Unfit => words::MAIL_UNFIT.into(),
        NotMailed::Refused(code) => fill(words::MAIL_REFUSED, &code.to_string()),
        NotMailed::Unwritable => words::MAIL_UNWRITABLE.into(),
    }
}

/// What became of a letter with a link in it, for who made the link; none: nothing is mailed here.
pub(super) fn told(mailed: Mailed, to: &str) -> Option<(bool, String)> {
    match mailed {
        Mailed::Off => None,
        Mailed::Sent => Some((true, fill(words::MAILED_TO, to))),
        Mailed::OnItsWay => Some((true, fill(words::MAILING_TO, to))),
        Mailed::Failed(why) => Some((false, [words::NOT_MAILED, " ", &why_not(why)].concat())),
    }
}

fn paragraphs(all: &[&[&str]]) -> String {
    let all: Vec<String> = all.iter().map(|lines| lines.join("\n")).collect();
    all.join("\n\n") + "\n"
}
