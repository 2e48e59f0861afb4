//! Renders emails as plain text in a given language.

use engine::mail_queue::{EmailKind, MailError, MailStatus};
use protocol::language::Language;

use super::i18n::{self, fill};

/// A rendered email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailText {
    /// The subject line.
    pub subject: String,
    /// The plain-text body.
    pub body: String,
}

/// Renders an email in the given language.
pub fn email_text(kind: &EmailKind, language: Language) -> EmailText {
    i18n::in_language(language, || render(kind))
}

// Each line is filled in separately so that `{}` within a name is never treated as a placeholder.
fn render(kind: &EmailKind) -> EmailText {
    match kind {
        EmailKind::Invitation { organization, by, link } => EmailText {
            subject: fill(i18n::join(), organization),
            body: paragraphs(&[
                &[&fill(i18n::mail_invites(), by), &fill(i18n::mail_into(), organization)],
                &[i18n::mail_join(), link],
                &[i18n::mail_unexpected()],
            ]),
        },
        EmailKind::AddressInUse { organization, by } => EmailText {
            subject: fill(i18n::join(), organization),
            body: paragraphs(&[
                &[&fill(i18n::mail_invites(), by), &fill(i18n::mail_into(), organization)],
                &[i18n::mail_address_in_use()],
                &[&fill(i18n::mail_other_address(), by)],
                &[i18n::mail_unexpected()],
            ]),
        },
        EmailKind::NewPassword { by: Some(by), link } => EmailText {
            subject: i18n::mail_password_subject().into(),
            body: paragraphs(&[
                &[&fill(i18n::mail_link_by(), by)],
                &[i18n::mail_password_day(), link],
                &[i18n::mail_unexpected()],
            ]),
        },
        EmailKind::NewPassword { by: None, link } => EmailText {
            subject: i18n::mail_password_subject().into(),
            body: paragraphs(&[
                &[i18n::mail_forgotten()],
                &[i18n::mail_password_hour(), link],
                &[i18n::mail_not_you()],
            ]),
        },
        EmailKind::WrongCodes => EmailText {
            subject: i18n::mail_codes_subject().into(),
            body: paragraphs(&[&[i18n::mail_codes()], &[i18n::mail_codes_what()]]),
        },
        EmailKind::Test => {
            EmailText { subject: i18n::mail_test_subject().into(), body: paragraphs(&[&[i18n::mail_test_body()]]) }
        }
    }
}

/// Returns a message that explains why an email could not be sent.
pub(super) fn failure_text(why: MailError) -> String {
    match why {
        MailError::QueueFull => i18n::mail_queue_full().into(),
        MailError::Unreachable => i18n::mail_unreachable().into(),
        MailError::TimedOut => i18n::mail_timed_out().into(),
        MailError::TlsFailed => i18n::mail_not_private().into(),
        MailError::Unsupported => i18n::mail_unfit().into(),
        MailError::Refused(code) => fill(i18n::mail_refused(), &code.to_string()),
        MailError::InvalidMessage => i18n::mail_unwritable().into(),
    }
}

/// Returns whether an email with a link was sent or is still being sent, along with a message for the admin who created
/// the link. Returns `None` if email is not set up.
pub(super) fn mailed_text(mailed: MailStatus, to: &str) -> Option<(bool, String)> {
    match mailed {
        MailStatus::Disabled => None,
        MailStatus::Sent => Some((true, fill(i18n::mailed_to(), to))),
        MailStatus::Pending => Some((true, fill(i18n::mailing_to(), to))),
        MailStatus::Failed(why) => Some((false, [i18n::not_mailed(), " ", &failure_text(why)].concat())),
    }
}

fn paragraphs(all: &[&[&str]]) -> String {
    let all: Vec<String> = all.iter().map(|lines| lines.join("\n")).collect();
    all.join("\n\n") + "\n"
}
