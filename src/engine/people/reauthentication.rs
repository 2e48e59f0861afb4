//! Entering the password again. A session alone, such as one left open on someone's desk, must not be enough to grant
//! or revoke access, or to take or delete other people's data. Each session remembers for a while that the password was
//! entered.

use protocol::{Millis, refusal::Refusal};

use crate::{
    Engine, clock,
    operations::refusal,
    sessions::Principal,
    validation::{FieldError, FieldErrorKind, FormError},
};

impl Engine {
    /// Returns whether the agent entered their password recently in this session.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn is_reauthenticated(&self, me: &Principal) -> Result<bool, Refusal> {
        let ago = clock::now() - self.store().reauthenticated_at(me.session).await.map_err(refusal)?;
        let within = Millis::try_from(self.settings().sign_in.password_again_after).unwrap_or(Millis::MAX);
        // If the clock was set back, the password is not recent.
        Ok((0..within).contains(&ago))
    }

    /// Checks that the agent entered their password recently in this session.
    ///
    /// # Errors
    /// Returns [`Refusal::PasswordNeeded`] if not.
    pub(crate) async fn require_reauthentication(&self, me: &Principal) -> Result<(), Refusal> {
        if self.is_reauthenticated(me).await? { Ok(()) } else { Err(Refusal::PasswordNeeded) }
    }

    /// Checks the agent's password again. If it is correct, it will not be required again for a while. `field` is the
    /// form field that contains it.
    ///
    /// # Errors
    /// Returns an error if the password is missing or wrong, and [`Refusal::TooMany`] after too many attempts.
    pub async fn reauthenticate(&self, me: &Principal, password: &str, field: &'static str) -> Result<(), FormError> {
        if password.is_empty() {
            return Err(FieldError { field, kind: FieldErrorKind::PasswordNeeded }.into());
        }
        self.require_password(me, password, field).await
    }

    pub(super) async fn require_password(
        &self,
        me: &Principal,
        password: &str,
        field: &'static str,
    ) -> Result<(), FormError> {
        match self.sessions().reauthenticate(me, password, clock::now()).await {
            Err(Refusal::WrongCredentials) => Err(FieldError { field, kind: FieldErrorKind::WrongPassword }.into()),
            other => Ok(other?),
        }
    }
}
