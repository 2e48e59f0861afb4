//! The state of outgoing mail as shown to an admin: whether it works, and what could not be sent.

use protocol::refusal::Refusal;

use crate::{
    Engine, Permission, clock,
    mail_queue::{Email, EmailKind, FailedEmail, MailStatus},
    operations::refusal,
    sessions::Principal,
};

/// The state of outgoing mail.
#[derive(Clone, Debug)]
pub struct MailState {
    /// The sender.
    pub from: String,
    /// The e-mails that could not be sent since the server started, latest first.
    pub failed: Vec<FailedEmail>,
}

impl Engine {
    /// Returns the state of outgoing mail, or `None` if mail is not configured.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn mail_state(&self, me: &Principal) -> Result<Option<MailState>, Refusal> {
        me.may(Permission::ManageMail)?;
        let mail_queue = self.settings().mail_queue.as_ref();
        Ok(mail_queue.map(|mail_queue| MailState {
            from: mail_queue.from().to_owned(),
            failed: mail_queue.failed(me.organization),
        }))
    }

    /// Sends a test e-mail to the admin's own address.
    ///
    /// # Errors
    /// `Forbidden`; `TooMany`.
    pub async fn test_mail(&self, me: &Principal) -> Result<MailStatus, Refusal> {
        me.may(Permission::ManageMail)?;
        self.sessions().count_attempt(None, &format!("test mail {}", me.agent), clock::now())?;
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        let to = person.ok_or(Refusal::NotFound)?.email;
        Ok(self.mail(Email { to, organization: me.organization, language: me.language, kind: EmailKind::Test }).await)
    }

    /// Queues an e-mail if mail is configured, and waits briefly for the result.
    pub(super) async fn mail(&self, email: Email) -> MailStatus {
        match &self.settings().mail_queue {
            Some(mail_queue) => mail_queue.send(email).await,
            None => MailStatus::Disabled,
        }
    }
}
