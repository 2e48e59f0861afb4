//! The queue for outgoing email. The wording is in `screens`, and the server does the sending. This module puts emails
//! into a bounded queue and reports the result to the caller if it is known soon enough.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{Millis, id::OrganizationId, language::Language, refusal::Refusal};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

use crate::{limits::emails::EmailRateLimit, settings::EmailLimits};

/// The maximum number of emails that are queued or being sent.
const QUEUE_CAPACITY: usize = 256;
/// The maximum number of failed emails to remember.
const MAX_FAILURES: usize = 200;
/// How long the caller waits for the result.
const STATUS_TIMEOUT: Duration = Duration::from_secs(3);

/// An email.
#[derive(Clone, Debug)]
pub struct Email {
    /// The recipient's normalized email address.
    pub to: String,
    /// The organization on whose behalf it is sent.
    pub organization: OrganizationId,
    /// The recipient's language, or the inviting admin's language if the recipient is not an agent yet.
    pub language: Language,
    /// The email's content.
    pub kind: EmailKind,
}

/// The content of an email.
#[derive(Clone, Debug)]
pub enum EmailKind {
    /// An invitation to join as an agent.
    Invitation {
        /// The name of the organization.
        organization: String,
        /// The name of the inviting admin.
        by: String,
        /// The single-use URL.
        link: String,
    },
    /// An invitation to an address whose account belongs to another organization. Only the account's owner learns of
    /// it.
    AddressInUse {
        /// The name of the inviting organization.
        organization: String,
        /// The name of the inviting admin.
        by: String,
    },
    /// A link for setting a new password.
    NewPassword {
        /// The name of the admin who created the link, or `None` if it was requested on the sign-in page.
        by: Option<String>,
        /// The single-use URL.
        link: String,
    },
    /// A warning that someone who knows the account's password is guessing second-factor codes.
    WrongCodes,
    /// A test email.
    Test,
}

impl EmailKind {
    /// Returns the name used in logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::AddressInUse { .. } => "address in use",
            Self::NewPassword { .. } => "new password",
            Self::WrongCodes => "wrong codes",
            Self::Test => "test",
        }
    }
}

/// The delivery status of an email, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStatus {
    /// Email is not configured.
    Disabled,
    /// A mail server accepted it.
    Sent,
    /// It has not been sent yet, but sending will be retried.
    Pending,
    /// It will not be sent.
    Failed(MailError),
}

/// Why an email could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailError {
    /// The queue is full.
    QueueFull,
    /// The mail server cannot be reached.
    Unreachable,
    /// The mail server took too long to respond.
    TimedOut,
    /// A TLS connection could not be established.
    TlsFailed,
    /// The mail server lacks a required feature, such as STARTTLS or a supported authentication method.
    Unsupported,
    /// The mail server rejected it with this reply code. Codes of 500 and above are permanent failures.
    Refused(u16),
    /// It cannot be encoded as an email message.
    InvalidMessage,
}

impl MailError {
    /// Returns whether a retry may succeed.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::TlsFailed | Self::Refused(..500))
    }
}

/// An email that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedEmail {
    /// When the server gave up on sending it.
    pub at: Millis,
    /// The recipient's email address.
    pub to: String,
    /// Why it could not be sent.
    pub why: MailError,
}

type Failures = Mutex<VecDeque<(OrganizationId, FailedEmail)>>;

/// A handle to the queue. Clones refer to the same queue.
#[derive(Clone, Debug)]
pub struct MailQueue {
    from: Arc<str>,
    emails: mpsc::Sender<QueuedEmail>,
    room: Arc<Semaphore>,
    failures: Arc<Failures>,
    limit: Arc<EmailRateLimit>,
}

/// An email in the queue.
#[derive(Debug)]
pub struct QueuedEmail {
    /// The email.
    pub email: Email,
    /// The tracing span of the request that caused it.
    pub span: tracing::Span,
    heard: Option<oneshot::Sender<MailStatus>>,
    failures: Arc<Failures>,
    _room: OwnedSemaphorePermit,
}

/// A reserved slot in the queue.
pub(crate) struct QueueSlot {
    mail_queue: MailQueue,
    permit: OwnedSemaphorePermit,
}

impl MailQueue {
    /// Creates a queue and returns it along with its receiving end. `from` is the sender address shown to users.
    pub fn open(from: &str, limits: &EmailLimits) -> (Self, mpsc::Receiver<QueuedEmail>) {
        let (emails, posted) = mpsc::channel(QUEUE_CAPACITY);
        let room = Arc::new(Semaphore::new(QUEUE_CAPACITY));
        let limit = Arc::new(EmailRateLimit::new(limits));
        (Self { from: from.into(), emails, room, failures: Arc::default(), limit }, posted)
    }

    /// Counts an email that an agent of this organization triggers, before anything else is done.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the organization or the recipient has had too many emails.
    pub(crate) fn count(&self, organization: OrganizationId, to: &str, now: Millis) -> Result<(), Refusal> {
        self.limit.count(organization, to, now)
    }

    /// Returns the sender address.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Queues an email and waits briefly for the result.
    pub(crate) async fn send(&self, email: Email) -> MailStatus {
        let Some(slot) = self.reserve_slot() else { return MailStatus::Failed(MailError::QueueFull) };
        match timeout(STATUS_TIMEOUT, slot.enqueue(email)).await {
            Ok(Ok(mailed)) => mailed,
            // Sending is taking longer, or no one is receiving from the queue.
            Ok(Err(_)) | Err(_) => MailStatus::Pending,
        }
    }

    /// Reserves a slot for one email, or returns `None` if the queue is full.
    pub(crate) fn reserve_slot(&self) -> Option<QueueSlot> {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok()?;
        Some(QueueSlot { mail_queue: self.clone(), permit })
    }

    /// Returns an organization's emails that could not be sent, newest first.
    pub(crate) fn failed(&self, organization: OrganizationId) -> Vec<FailedEmail> {
        let failures = lock(&self.failures);
        failures.iter().rev().filter(|(of, _)| *of == organization).map(|(_, failed)| failed.clone()).collect()
    }
}

impl QueueSlot {
    /// Counts the email if it was requested without signing in.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the recipient has had too many emails.
    pub(crate) fn count_requested(&self, to: &str, now: Millis) -> Result<(), Refusal> {
        self.mail_queue.limit.count_requested(to, now)
    }

    /// Queues an email. Its status is sent on the returned channel once.
    pub(crate) fn enqueue(self, email: Email) -> oneshot::Receiver<MailStatus> {
        let (heard, hears) = oneshot::channel();
        let Self { mail_queue, permit } = self;
        let (span, failures) = (tracing::Span::current(), mail_queue.failures);
        let posted = QueuedEmail { email, span, heard: Some(heard), failures, _room: permit };
        // The reserved slot guarantees room in the queue. If no one receives from the queue, the status is never
        // reported.
        drop(mail_queue.emails.try_send(posted));
        hears
    }
}

impl QueuedEmail {
    /// Reports that a mail server accepted the email.
    pub fn sent(mut self) {
        self.notify(MailStatus::Sent);
    }

    /// Reports that an attempt failed and will be retried.
    pub fn deferred(&mut self) {
        self.notify(MailStatus::Pending);
    }

    /// Reports that the email will not be sent, and records the failure for the organization's admins.
    pub fn failed(mut self, why: MailError, at: Millis) {
        let mut failures = lock(&self.failures);
        failures.push_back((self.email.organization, FailedEmail { at, to: self.email.to.clone(), why }));
        if failures.len() > MAX_FAILURES {
            failures.pop_front();
        }
        drop(failures);
        self.notify(MailStatus::Failed(why));
    }

    fn notify(&mut self, mailed: MailStatus) {
        // The caller may have stopped waiting.
        self.heard.take().map(|heard| heard.send(mailed));
    }
}

fn lock(failures: &Failures) -> MutexGuard<'_, VecDeque<(OrganizationId, FailedEmail)>> {
    failures.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn email(organization: OrganizationId) -> Email {
        Email { to: "ann@shop.test".into(), organization, language: Language::En, kind: EmailKind::Test }
    }

    #[tokio::test]
    async fn sender_learns_the_status_of_an_email() {
        let (mail_queue, mut emails) = MailQueue::open("chat@shop.test", &EmailLimits::default());
        let (mine, others) = (OrganizationId(Uuid::from_u128(1)), OrganizationId(Uuid::from_u128(2)));
        let carries = async {
            emails.recv().await.expect("an email is queued").sent();
            emails.recv().await.expect("an email is queued").failed(MailError::Refused(550), 7);
            let mut slow = emails.recv().await.expect("an email is queued");
            slow.deferred();
            slow.sent();
        };
        let (sent, failed, slow, ()) = tokio::join!(
            mail_queue.send(email(mine)),
            mail_queue.send(email(mine)),
            mail_queue.send(email(mine)),
            carries
        );
        assert_eq!(
            [sent, failed, slow],
            [MailStatus::Sent, MailStatus::Failed(MailError::Refused(550)), MailStatus::Pending]
        );
        let failed = FailedEmail { at: 7, to: "ann@shop.test".into(), why: MailError::Refused(550) };
        assert_eq!((mail_queue.failed(mine), mail_queue.failed(others)), (vec![failed], Vec::new()));
    }

    #[tokio::test]
    async fn full_queue_rejects_until_there_is_room() {
        let (mail_queue, mut emails) = MailQueue::open("chat@shop.test", &EmailLimits::default());
        let organization = OrganizationId(Uuid::nil());
        for _ in 0..QUEUE_CAPACITY {
            drop(mail_queue.reserve_slot().expect("the queue has room").enqueue(email(organization)));
        }
        assert_eq!(mail_queue.send(email(organization)).await, MailStatus::Failed(MailError::QueueFull));
        emails.recv().await.expect("an email is queued").sent();
        assert!(mail_queue.reserve_slot().is_some());
    }

    #[test]
    fn permanent_refusal_is_not_retried() {
        assert!(MailError::Refused(451).is_temporary() && MailError::Unreachable.is_temporary());
        assert!(!MailError::Refused(550).is_temporary() && !MailError::Unsupported.is_temporary());
    }
}
