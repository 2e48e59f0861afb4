//! Mail, as an admin sees it: whether it works, and what could not be mailed.

use protocol::refusal::Refusal;

use crate::{
    Engine, Permission, clock,
    operations::refusal,
    post::{Letter, Mailed, Matter, Returned},
    sessions::Principal,
};

/// How it stands with mail.
#[derive(Clone, Debug)]
pub struct MailState {
    /// Who sends.
    pub from: String,
    /// What could not be mailed since the start, the latest first.
    pub returned: Vec<Returned>,
}

impl Engine {
    /// How it stands with mail; none: nothing is mailed.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn mail_state(&self, me: &Principal) -> Result<Option<MailState>, Refusal> {
        me.may(Permission::ManageMail)?;
        let post = self.settings().post.as_ref();
        Ok(post.map(|post| MailState { from: post.from().to_owned(), returned: post.returned(me.organization) }))
    }

    /// Mails me a letter that says that mail works.
    ///
    /// # Errors
    /// `Forbidden`; `TooMany`.
    pub async fn test_mail(&self, me: &Principal) -> Result<Mailed, Refusal> {
        me.may(Permission::ManageMail)?;
        self.sessions().one_more_try(crate::sessions::NOWHERE, &format!("test mail {}", me.agent), clock::now())?;
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        let to = person.ok_or(Refusal::NotFound)?.email;
        Ok(self.mail(Letter { to, organization: me.organization, language: me.language, matter: Matter::Test }).await)
    }

    /// Hands a letter in, where mail is set up, and waits a moment for what becomes of it.
    pub(super) async fn mail(&self, letter: Letter) -> Mailed {
        match &self.settings().post {
            Some(post) => post.send(letter).await,
            None => Mailed::Off,
        }
    }
}
