//! The state of outgoing email, as shown to admins: whether email works, and which emails could not be sent.

use protocol::refusal::Refusal;

use crate::{
    Engine, Permission, clock,
    mail_queue::{Email, EmailKind, FailedEmail, MailStatus},
    operations::refusal,
    sessions::Principal,
};

/// The state of outgoing email.
#[derive(Clone, Debug)]
pub struct MailState {
    /// The sender address.
    pub from: String,
    /// The emails that could not be sent since the server started, newest first.
    pub failed: Vec<FailedEmail>,
}

impl Engine {
    /// Returns the state of outgoing email, or `None` if email is not configured.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage email.
    pub fn mail_state(&self, me: &Principal) -> Result<Option<MailState>, Refusal> {
        me.may(Permission::ManageMail)?;
        let mail_queue = self.settings().mail_queue.as_ref();
        Ok(mail_queue.map(|mail_queue| MailState {
            from: mail_queue.from().to_owned(),
            failed: mail_queue.failed(me.organization),
        }))
    }

    /// Sends a test email to the admin's own address.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage email, and [`Refusal::TooMany`] after too many
    /// attempts.
    pub async fn test_mail(&self, me: &Principal) -> Result<MailStatus, Refusal> {
        me.may(Permission::ManageMail)?;
        self.sessions().count_attempt(None, &format!("test mail {}", me.agent), clock::now())?;
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        let to = person.ok_or(Refusal::NotFound)?.email;
        self.count_email(me, &to)?;
        Ok(self.mail(Email { to, organization: me.organization, language: me.language, kind: EmailKind::Test }).await)
    }

    /// Counts an email that an agent is about to trigger, if email is configured. If it is refused before anything is
    /// done, an earlier link stays valid.
    pub(super) fn count_email(&self, me: &Principal, to: &str) -> Result<(), Refusal> {
        match &self.settings().mail_queue {
            Some(mail_queue) => mail_queue.count(me.organization, to, clock::now()),
            None => Ok(()),
        }
    }

    /// Queues an email if email is configured, and waits briefly for the result.
    pub(super) async fn mail(&self, email: Email) -> MailStatus {
        match &self.settings().mail_queue {
            Some(mail_queue) => mail_queue.send(email).await,
            None => MailStatus::Disabled,
        }
    }
}
