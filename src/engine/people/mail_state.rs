//! Mail, as an admin sees it: whether it works, and what could not be mailed.

use protocol::refusal::Refusal;

use crate::{
    Engine, Permission, clock,
    mail_queue::{Email, EmailKind, FailedEmail, MailStatus},
    operations::refusal,
    sessions::Principal,
};

/// How it stands with mail.
#[derive(Clone, Debug)]
pub struct MailState {
    /// Who sends.
    pub from: String,
    /// What could not be mailed since the start, the latest first.
    pub failed: Vec<FailedEmail>,
}

impl Engine {
    /// How it stands with mail; none: nothing is mailed.
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

    /// Mails me an email that says that mail works.
    ///
    /// # Errors
    /// `Forbidden`; `TooMany`.
    pub async fn test_mail(&self, me: &Principal) -> Result<MailStatus, Refusal> {
        me.may(Permission::ManageMail)?;
        self.sessions().count_attempt(
            crate::sessions::ANY_ADDRESS,
            &format!("test mail {}", me.agent),
            clock::now(),
        )?;
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        let to = person.ok_or(Refusal::NotFound)?.email;
        Ok(self.mail(Email { to, organization: me.organization, language: me.language, kind: EmailKind::Test }).await)
    }

    /// Hands an email in, where mail is set up, and waits a moment for what becomes of it.
    pub(super) async fn mail(&self, email: Email) -> MailStatus {
        match &self.settings().mail_queue {
            Some(mail_queue) => mail_queue.send(email).await,
            None => MailStatus::Disabled,
        }
    }
}
