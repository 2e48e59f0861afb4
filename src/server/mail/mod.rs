//! Mail: emails leave by SMTP, as plain text. No request waits for it longer than the post says, and what a mail server answers
//! stays out of the log but for its code, for it may repeat an address.

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

/// Connections to the mail server at once.
const MAX_CONNECTIONS: usize = 4;
/// One try may take so long.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a try that is under way may take once the end has come.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer subjects are cut.
const SUBJECT_CHARS: usize = 150;

/// Nobody answers it by a program.
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Who carries emails to the mail server.
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

    /// Carries emails until the end has come; those that wait for another try are then given up.
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
            tracing::warn!(emails = under_way.len(), "emails were still being mailed and are cut off");
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
    queued.span.in_scope(|| tracing::warn!(?why, kind, "an e-mail could not be mailed"));
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

/// A certificate that nobody known here vouches for comes as a failure to connect; what is said of it is behind that.
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

/// The email as a mail: what people typed stays text, in the head on one line and in the body as it is.
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

    /// A15.
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

    /// B12, A3: the body is what was typed, and a placeholder in it is none.
    #[test]
    fn typed_text_appears_verbatim_in_mail_body() {
        let mail = written("Shop", "Ann {} {{constructor}} <b>");
        assert!(mail.contains("Ann {} {{constructor}} <b> invites you"), "{mail}");
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
