//! Sends plain-text emails over SMTP. A request waits for an email only as long as the mail queue allows. Only the code
//! of a mail server's response is logged, because the text may repeat an address.

mod settings;

use std::{error::Error as _, io, sync::Arc, time::Duration};

use engine::{
    clock,
    mail_queue::{Email, MailError, QueuedEmail},
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use tokio::{
    sync::{Semaphore, mpsc::Receiver},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use settings::MailSettings;
pub(super) use settings::MailTable;

use crate::screens::email_texts;

/// The maximum number of simultaneous connections to the mail server.
const MAX_CONNECTIONS: usize = 4;
/// How long a single attempt may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// How long running attempts have to finish at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);
/// The maximum length of a subject, in characters. Longer subjects are truncated.
const SUBJECT_CHARS: usize = 150;

/// Tells automatic responders not to reply (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Sends queued emails to the mail server.
pub(super) struct Mailer {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    retry_delays: Vec<Duration>,
    connection_permits: Semaphore,
}

impl Mailer {
    pub(super) fn new(settings: &MailSettings) -> anyhow::Result<Self> {
        Ok(Self {
            from: settings.from().clone(),
            transport: settings.transport()?.timeout(Some(SEND_TIMEOUT)).build(),
            retry_delays: settings.retry_delays().to_vec(),
            connection_permits: Semaphore::new(MAX_CONNECTIONS),
        })
    }

    /// Sends emails until shutdown. Emails that are still waiting for a retry at that point fail.
    pub(super) async fn run(self, mut emails: Receiver<QueuedEmail>, stopping: CancellationToken) {
        let mailer = Arc::new(self);
        let under_way = TaskTracker::new();
        loop {
            let queued = tokio::select! {
                () = stopping.cancelled() => break,
                queued = emails.recv() => queued,
            };
            let Some(queued) = queued else { break };
            under_way.spawn(Arc::clone(&mailer).deliver(queued, stopping.clone()));
        }
        under_way.close();
        if timeout(SHUTDOWN_TIMEOUT, under_way.wait()).await.is_err() {
            tracing::warn!(emails = under_way.len(), "aborted emails that were still being sent");
        }
    }

    async fn deliver(self: Arc<Self>, mut queued: QueuedEmail, stopping: CancellationToken) {
        let message = match build_message(&self.from, &queued.email) {
            Ok(message) => message,
            Err(why) => return give_up(queued, why),
        };
        let mut waits = self.retry_delays.iter();
        loop {
            let Err(why) = self.try_once(message.clone()).await else { return queued.sent() };
            let Some(wait) = waits.next().filter(|_| why.is_temporary()) else { return give_up(queued, why) };
            queued.deferred();
            tokio::select! {
                () = sleep(*wait) => {}
                () = stopping.cancelled() => return give_up(queued, why),
            }
        }
    }

    async fn try_once(&self, message: Message) -> Result<(), MailError> {
        let _turn = self.connection_permits.acquire().await.map_err(|_| MailError::Unreachable)?;
        match timeout(SEND_TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(classify_error(&error)),
            Err(_) => Err(MailError::TimedOut),
        }
    }
}

fn give_up(queued: QueuedEmail, why: MailError) {
    let kind = queued.email.kind.as_str();
    queued.span.in_scope(|| tracing::warn!(?why, kind, "failed to send an email"));
    queued.failed(why, clock::now());
}

fn classify_error(error: &smtp::Error) -> MailError {
    match error.status() {
        Some(code) => MailError::Refused(code.into()),
        None if error.is_tls() || is_untrusted_certificate(error) => MailError::TlsFailed,
        None if error.is_client() => MailError::Unsupported,
        None if error.is_timeout() => MailError::TimedOut,
        None => MailError::Unreachable,
    }
}

/// Returns whether the error was caused by an untrusted certificate. It is reported as a connection failure, with the
/// actual cause further down the error chain.
fn is_untrusted_certificate(error: &smtp::Error) -> bool {
    let mut behind = error.source();
    while let Some(why) = behind {
        if why.downcast_ref::<io::Error>().is_some_and(|why| why.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        behind = why.source();
    }
    false
}

/// Builds the message. Text that users typed is never interpreted. It is put on a single line in the subject and is
/// left unchanged in the body.
fn build_message(from: &Mailbox, email: &Email) -> Result<Message, MailError> {
    let to: Address = email.to.parse().map_err(|_| MailError::InvalidMessage)?;
    let email_texts::EmailText { subject, body } = email_texts::email_text(&email.kind, email.language);
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(on_one_line(&subject))
        .message_id(None)
        .header(ContentType::TEXT_PLAIN)
        .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".into()))
        .body(body)
        .map_err(|_| MailError::InvalidMessage)
}

fn on_one_line(text: &str) -> String {
    text.chars().map(|email| if email.is_control() { ' ' } else { email }).take(SUBJECT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use engine::mail_queue::EmailKind;
    use protocol::{id::OrganizationId, language::Language};
    use uuid::Uuid;

    use super::*;

    fn written(organization: &str, by: &str) -> String {
        let kind = EmailKind::Invitation {
            organization: organization.into(),
            by: by.into(),
            link: "https://chat.example.com/join/token".into(),
        };
        let email = Email {
            to: "ben@shop.test".into(),
            organization: OrganizationId(Uuid::nil()),
            language: Language::En,
            kind,
        };
        let message = build_message(&"Jump-In <chat@example.com>".parse().unwrap(), &email).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    /// Case A15 (docs/testing.md).
    #[test]
    fn typed_text_cannot_inject_mail_headers() {
        for typed in ["Shop\r\nBcc: x@y.test", "Shop\nBcc: x@y.test", "Shop\r\n\r\nBcc: x@y.test", &"\n".repeat(5_000)]
        {
            let mail = written(typed, "Ann");
            let head = mail.split("\r\n\r\n").next().unwrap();
            assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
            assert!(
                head.contains("To: ben@shop.test\r\n") && head.contains("From: Jump-In <chat@example.com>\r\n"),
                "{head}"
            );
            assert!(head.lines().all(|line| line.len() <= 998), "{head}");
        }
    }

    /// Cases B12 and A3 (docs/testing.md). The body contains exactly what was typed, and placeholders in it are not
    /// expanded.
    #[test]
    fn typed_text_appears_verbatim_in_mail_body() {
        let mail = written("Shop", "Ann {} {{constructor}} <b>");
        assert!(mail.contains("Ann {} {{constructor}} <b> has invited you"), "{mail}");
        assert!(mail.contains("https://chat.example.com/join/token"), "{mail}");
    }

    #[test]
    fn invalid_recipient_address_is_not_mailed() {
        let organization = OrganizationId(Uuid::nil());
        for to in ["ben", "ben@shop.test\r\nBcc: x@y.test", "ben@shop.test, x@y.test", ""] {
            let email = Email { to: to.into(), organization, language: Language::En, kind: EmailKind::Test };
            let from = "chat@example.com".parse().unwrap();
            assert_eq!(build_message(&from, &email).map(drop), Err(MailError::InvalidMessage), "{to}");
        }
    }
}
