//! E-mails: who is to be told what by mail. How an email reads is said in `screens`, how it goes is the server's; here it is put into
//! a queue that has an end, and who asked for it hears what became of it, when that is soon.

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

/// Letters that wait or are on their way, at most.
const QUEUE_CAPACITY: usize = 256;
/// Letters that could not be mailed and are remembered.
const MAX_FAILURES: usize = 200;
/// Who asks for an email waits so long for what becomes of it.
const STATUS_TIMEOUT: Duration = Duration::from_secs(3);

/// An email.
#[derive(Clone, Debug)]
pub struct Email {
    /// To whom: an address in its one form.
    pub to: String,
    /// On behalf of which organization.
    pub organization: OrganizationId,
    /// What its reader reads; who is not yet an agent, what his inviter reads.
    pub language: Language,
    /// What it says.
    pub kind: EmailKind,
}

/// What an email says.
#[derive(Clone, Debug)]
pub enum EmailKind {
    /// Become an agent.
    Invitation {
        /// Of which organization, by its name.
        organization: String,
        /// Who invites, by his name.
        by: String,
        /// The address that is good once.
        link: String,
    },
    /// Choose a new password.
    NewPassword {
        /// Who made the link, by his name; none: somebody who says that he has forgotten the old one.
        by: Option<String>,
        /// The address that is good once.
        link: String,
    },
    /// Mail works.
    Test,
}

impl EmailKind {
    /// Its name in the log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::NewPassword { .. } => "new password",
            Self::Test => "test",
        }
    }
}

/// What became of an email, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStatus {
    /// Mail is not set up.
    Disabled,
    /// A mail server has taken it.
    Sent,
    /// Not yet; it is tried again.
    Pending,
    /// It will not be.
    Failed(MailError),
}

/// Why an email could not be mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailError {
    /// Too many wait already.
    QueueFull,
    /// No mail server answers there.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// The connection cannot be made private.
    TlsFailed,
    /// The mail server does not offer what is needed: STARTTLS, or a way to sign in.
    Unsupported,
    /// The mail server said no, with this code; from 500 on for good.
    Refused(u16),
    /// It cannot be written as a mail.
    InvalidMessage,
}

impl MailError {
    /// Whether another try may end otherwise.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::TlsFailed | Self::Refused(..500))
    }
}

/// An email that could not be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedEmail {
    /// When it was given up.
    pub at: Millis,
    /// To whom it was.
    pub to: String,
    /// Why.
    pub why: MailError,
}

type Failures = Mutex<VecDeque<(OrganizationId, FailedEmail)>>;

/// Where emails are handed in. Clones are the same one.
#[derive(Clone, Debug)]
pub struct MailQueue {
    from: Arc<str>,
    emails: mpsc::Sender<QueuedEmail>,
    room: Arc<Semaphore>,
    failures: Arc<Failures>,
}

/// An email that was handed in.
#[derive(Debug)]
pub struct QueuedEmail {
    /// Itself.
    pub email: Email,
    /// The request that it came of, by the name that the log knows.
    pub span: tracing::Span,
    heard: Option<oneshot::Sender<MailStatus>>,
    failures: Arc<Failures>,
    _room: OwnedSemaphorePermit,
}

/// Room for an email.
pub(crate) struct QueueSlot {
    mail_queue: MailQueue,
    permit: OwnedSemaphorePermit,
}

impl MailQueue {
    /// A mail queue, and where its emails come out. `from` is who sends, as people read it.
    pub fn open(from: &str) -> (Self, mpsc::Receiver<QueuedEmail>) {
        let (emails, posted) = mpsc::channel(QUEUE_CAPACITY);
        let room = Arc::new(Semaphore::new(QUEUE_CAPACITY));
        (Self { from: from.into(), emails, room, failures: Arc::default() }, posted)
    }

    /// Who sends.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Hands an email in, and waits a moment for what becomes of it.
    pub(crate) async fn send(&self, email: Email) -> MailStatus {
        let Some(slot) = self.reserve_slot() else { return MailStatus::Failed(MailError::QueueFull) };
        match timeout(STATUS_TIMEOUT, slot.enqueue(email)).await {
            Ok(Ok(mailed)) => mailed,
            // It is slow, or nobody will say.
            Ok(Err(_)) | Err(_) => MailStatus::Pending,
        }
    }

    /// Room for one more email, while there is any.
    pub(crate) fn reserve_slot(&self) -> Option<QueueSlot> {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok()?;
        Some(QueueSlot { mail_queue: self.clone(), permit })
    }

    /// The emails of an organization that could not be mailed, the latest first.
    pub(crate) fn failed(&self, organization: OrganizationId) -> Vec<FailedEmail> {
        let failures = lock(&self.failures);
        failures.iter().rev().filter(|(of, _)| *of == organization).map(|(_, failed)| failed.clone()).collect()
    }
}

impl QueueSlot {
    /// Hands an email in; what comes out says what became of it, once.
    pub(crate) fn enqueue(self, email: Email) -> oneshot::Receiver<MailStatus> {
        let (heard, hears) = oneshot::channel();
        let Self { mail_queue, permit } = self;
        let (span, failures) = (tracing::Span::current(), mail_queue.failures);
        let posted = QueuedEmail { email, span, heard: Some(heard), failures, _room: permit };
        // Who has room finds a place. When nobody takes emails any more, nobody says what became of this one.
        drop(mail_queue.emails.try_send(posted));
        hears
    }
}

impl QueuedEmail {
    /// A mail server has taken it.
    pub fn sent(mut self) {
        self.notify(MailStatus::Sent);
    }

    /// A try failed, and there will be another.
    pub fn deferred(&mut self) {
        self.notify(MailStatus::Pending);
    }

    /// It is given up, and remembered for those who keep the organization.
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
        // Who asked may have stopped waiting.
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
            emails.recv().await.expect("an e-mail").sent();
            emails.recv().await.expect("an e-mail").failed(MailError::Refused(550), 7);
            let mut slow = emails.recv().await.expect("an e-mail");
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
            drop(mail_queue.reserve_slot().expect("room").enqueue(email(organization)));
        }
        assert_eq!(mail_queue.send(email(organization)).await, MailStatus::Failed(MailError::QueueFull));
        emails.recv().await.expect("an e-mail").sent();
        assert!(mail_queue.reserve_slot().is_some());
    }

    #[test]
    fn permanent_refusal_is_not_retried() {
        assert!(MailError::Refused(451).is_temporary() && MailError::Unreachable.is_temporary());
        assert!(!MailError::Refused(550).is_temporary() && !MailError::Unsupported.is_temporary());
    }
}
