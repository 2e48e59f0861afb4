//! The queue of outgoing e-mails. Their text is in `screens`, and the server sends them; this module puts them into a
//! bounded queue and reports the result to the sender if it is known soon enough.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{Millis, id::OrganizationId, language::Language};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};

/// The maximum number of e-mails that are queued or being sent.
const QUEUE_CAPACITY: usize = 256;
/// How many failed e-mails are remembered.
const MAX_FAILURES: usize = 200;
/// How long the sender of an e-mail waits for the result.
const STATUS_TIMEOUT: Duration = Duration::from_secs(3);

/// An e-mail.
#[derive(Clone, Debug)]
pub struct Email {
    /// The recipient: a normalized e-mail address.
    pub to: String,
    /// The organization in whose name it is sent.
    pub organization: OrganizationId,
    /// The recipient's language; for a person who is not an agent yet, the inviting admin's.
    pub language: Language,
    /// The content.
    pub kind: EmailKind,
}

/// The content of an e-mail.
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
    /// A link for setting a new password.
    NewPassword {
        /// The name of the admin who created the link. `None`: it was requested on the sign-in page.
        by: Option<String>,
        /// The single-use URL.
        link: String,
    },
    /// A test e-mail.
    Test,
}

impl EmailKind {
    /// Returns the name used in the log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::NewPassword { .. } => "new password",
            Self::Test => "test",
        }
    }
}

/// The delivery status of an e-mail, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStatus {
    /// Mail is not configured.
    Disabled,
    /// A mail server has accepted it.
    Sent,
    /// Not sent yet; it will be retried.
    Pending,
    /// It will not be sent.
    Failed(MailError),
}

/// Why an e-mail could not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailError {
    /// The queue is full.
    QueueFull,
    /// The mail server cannot be reached.
    Unreachable,
    /// The mail server took too long.
    TimedOut,
    /// A TLS connection could not be established.
    TlsFailed,
    /// The mail server lacks a required feature: STARTTLS, or a supported authentication method.
    Unsupported,
    /// The mail server refused it with this reply code; from 500 on permanently.
    Refused(u16),
    /// It cannot be encoded as a mail message.
    InvalidMessage,
}

impl MailError {
    /// Returns whether a retry may succeed.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::TlsFailed | Self::Refused(..500))
    }
}

/// An e-mail that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedEmail {
    /// When sending was given up.
    pub at: Millis,
    /// The recipient.
    pub to: String,
    /// The reason.
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
}

/// An e-mail in the queue.
#[derive(Debug)]
pub struct QueuedEmail {
    /// The e-mail.
    pub email: Email,
    /// The span of the request that caused it, for the log.
    pub span: tracing::Span,
    heard: Option<oneshot::Sender<MailStatus>>,
    failures: Arc<Failures>,
    _room: OwnedSemaphorePermit,
}

/// A reserved place in the queue.
pub(crate) struct QueueSlot {
    mail_queue: MailQueue,
    permit: OwnedSemaphorePermit,
}

impl MailQueue {
    /// Creates a queue and returns it with its receiving end. `from` is the sender as shown to people.
    pub fn open(from: &str) -> (Self, mpsc::Receiver<QueuedEmail>) {
        let (emails, posted) = mpsc::channel(QUEUE_CAPACITY);
        let room = Arc::new(Semaphore::new(QUEUE_CAPACITY));
        (Self { from: from.into(), emails, room, failures: Arc::default() }, posted)
    }

    /// Returns the sender.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Queues an e-mail and waits briefly for the result.
    pub(crate) async fn send(&self, email: Email) -> MailStatus {
        let Some(slot) = self.reserve_slot() else { return MailStatus::Failed(MailError::QueueFull) };
        match timeout(STATUS_TIMEOUT, slot.enqueue(email)).await {
            Ok(Ok(mailed)) => mailed,
            // Sending takes longer, or nobody receives from the queue.
            Ok(Err(_)) | Err(_) => MailStatus::Pending,
        }
    }

    /// Reserves a place for one e-mail, or returns `None` if the queue is full.
    pub(crate) fn reserve_slot(&self) -> Option<QueueSlot> {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok()?;
        Some(QueueSlot { mail_queue: self.clone(), permit })
    }

    /// Returns the e-mails of an organization that could not be sent, latest first.
    pub(crate) fn failed(&self, organization: OrganizationId) -> Vec<FailedEmail> {
        let failures = lock(&self.failures);
        failures.iter().rev().filter(|(of, _)| *of == organization).map(|(_, failed)| failed.clone()).collect()
    }
}

impl QueueSlot {
    /// Queues an e-mail. The returned channel receives its status once.
    pub(crate) fn enqueue(self, email: Email) -> oneshot::Receiver<MailStatus> {
        let (heard, hears) = oneshot::channel();
        let Self { mail_queue, permit } = self;
        let (span, failures) = (tracing::Span::current(), mail_queue.failures);
        let posted = QueuedEmail { email, span, heard: Some(heard), failures, _room: permit };
        // With a reserved place, the queue has room. If nobody receives from it, the status is never reported.
        drop(mail_queue.emails.try_send(posted));
        hears
    }
}

impl QueuedEmail {
    /// Reports that a mail server has accepted the e-mail.
    pub fn sent(mut self) {
        self.notify(MailStatus::Sent);
    }

    /// Reports that an attempt failed and will be retried.
    pub fn deferred(&mut self) {
        self.notify(MailStatus::Pending);
    }

    /// Reports that sending was given up, and remembers the failure for the organization's admins.
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
        // The sender may have stopped waiting.
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
        let (mail_queue, mut emails) = MailQueue::open("chat@shop.test");
        let (mine, others) = (OrganizationId(Uuid::from_u128(1)), OrganizationId(Uuid::from_u128(2)));
        let carries = async {
            emails.recv().await.expect("an e-mail is queued").sent();
            emails.recv().await.expect("an e-mail is queued").failed(MailError::Refused(550), 7);
            let mut slow = emails.recv().await.expect("an e-mail is queued");
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
        let (mail_queue, mut emails) = MailQueue::open("chat@shop.test");
        let organization = OrganizationId(Uuid::nil());
        for _ in 0..QUEUE_CAPACITY {
            drop(mail_queue.reserve_slot().expect("the queue has room").enqueue(email(organization)));
        }
        assert_eq!(mail_queue.send(email(organization)).await, MailStatus::Failed(MailError::QueueFull));
        emails.recv().await.expect("an e-mail is queued").sent();
        assert!(mail_queue.reserve_slot().is_some());
    }

    #[test]
    fn permanent_refusal_is_not_retried() {
        assert!(MailError::Refused(451).is_temporary() && MailError::Unreachable.is_temporary());
        assert!(!MailError::Refused(550).is_temporary() && !MailError::Unsupported.is_temporary());
    }
}
