//! Manages an agent's own account: name, password, sign-ins, and second factor. Changes that affect access require the
//! password unless it was entered recently.

use protocol::{Millis, language::Language, limits::NAME_CHARS, refusal::Refusal};

use crate::{
    Engine, Permission, clock, opening_hours,
    operations::refusal,
    sessions::Principal,
    store::{Actor, PersonRecord, ProfileSettings, SignInRecord},
    totp,
    validation::{FieldError, FieldErrorKind, FieldErrors, FormError},
};

/// An agent's own account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The agent's record.
    pub person: PersonRecord,
    /// The sign-ins, most recently used first.
    pub sign_ins: Vec<SignInRecord>,
    /// The second factor's setup state.
    pub totp: SecondFactor,
    /// Whether the password was entered recently.
    pub is_recent: bool,
}

/// The second factor's setup state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// Not set up.
    Off,
    /// A secret has been created but not confirmed with a first code yet.
    Begun {
        /// The secret in the form that users type into an authenticator app.
        typed: String,
    },
    /// Enabled.
    On {
        /// When the second factor was confirmed.
        since: Millis,
        /// The number of recovery codes that have not been used.
        codes_left: u32,
    },
}

impl Engine {
    /// Returns the agent's own account.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn account(&self, me: &Principal) -> Result<Account, Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        let now = clock::now();
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        let totp = self.store().totp(me.agent).await.map_err(refusal)?;
        Ok(Account {
            person: person.ok_or(Refusal::NotFound)?,
            sign_ins: self.store().sign_ins(me.agent, now).await.map_err(refusal)?,
            totp: match totp {
                None => SecondFactor::Off,
                Some(totp) => match totp.since {
                    Some(since) => SecondFactor::On { since, codes_left: totp.codes_left },
                    None => SecondFactor::Begun { typed: totp::encode_secret(&totp.secret) },
                },
            },
            is_recent: self.is_reauthenticated(me).await?,
        })
    }

    /// Changes the agent's own name, time zone, and language. If `zone` is empty, the browser's time zone is used.
    ///
    /// # Errors
    /// Returns the invalid fields.
    pub async fn change_profile(
        &self,
        me: &Principal,
        name: &str,
        zone: &str,
        language: Language,
    ) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", name, NAME_CHARS);
        let zone = Some(zone.trim().to_owned()).filter(|zone| !zone.is_empty());
        if zone.as_ref().is_some_and(|zone| !opening_hours::is_zone(zone)) {
            errors.add("zone", FieldErrorKind::NotAZone);
        }
        errors.done()?;
        let to = ProfileSettings { name, time_zone: zone, language };
        let changed = self.store().change_profile(Actor::from(me), me.agent, to, clock::now());
        changed.await.map_err(refusal)?;
        self.broadcast_directory(me.organization).await;
        Ok(())
    }

    /// Changes the agent's own password. All other sessions end, and their sockets close.
    ///
    /// # Errors
    /// Returns an error if the old password is wrong or the new password is invalid, and [`Refusal::TooMany`] after too
    /// many attempts.
    pub async fn change_password(&self, me: &Principal, old: &str, new: String) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        let email = self.store().agent(me.agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)?.email;
        self.check_password_of(&email, &new, "new").await?;
        let now = clock::now();
        self.require_password(me, old, "old").await?;
        let hash = self.sessions().hash(new).await?;
        let done = self.store().change_password(Actor::from(me), me.agent, hash, me.session, now);
        done.await.map_err(refusal)?;
        Ok(())
    }

    /// Ends one of the agent's own sign-ins.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if there is no such sign-in.
    pub async fn end_sign_in(&self, me: &Principal, which: [u8; 32]) -> Result<(), Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        self.store().end_sign_in(Actor::from(me), me.agent, which, clock::now()).await.map_err(refusal)
    }

    /// Ends all of the agent's own sign-ins except the current one.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn end_other_sign_ins(&self, me: &Principal) -> Result<(), Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        self.store().end_other_sign_ins(Actor::from(me), me.agent, me.session, clock::now()).await.map_err(refusal)
    }

    /// Starts setting up a second factor with a new secret. The secret takes effect once it has been confirmed with a
    /// code.
    ///
    /// # Errors
    /// Returns an error if the password is required but missing or wrong, and [`Refusal::TooMany`] after too many
    /// attempts.
    pub async fn begin_totp(&self, me: &Principal, password: &str) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        if !self.is_reauthenticated(me).await? {
            self.reauthenticate(me, password, "password").await?;
        }
        self.store().begin_totp(me.agent, totp::new_secret()?).await.map_err(refusal)?;
        Ok(())
    }

    /// Returns the unconfirmed secret as an SVG QR code. It is no longer available once the secret has been confirmed.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if no setup is in progress.
    pub async fn totp_qr_code(&self, me: &Principal) -> Result<String, Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        let totp = self.store().totp(me.agent).await.map_err(refusal)?;
        let waits = totp.filter(|totp| totp.since.is_none()).ok_or(Refusal::NotFound)?;
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        totp::qr_code_svg(&waits.secret, "Jump-In", &person.ok_or(Refusal::NotFound)?.email)
    }

    /// Confirms the second factor with a first code. Returns the recovery codes, which are shown only once.
    ///
    /// # Errors
    /// Returns an error if the code is wrong, [`Refusal::NotFound`] if no setup is in progress, and
    /// [`Refusal::PasswordNeeded`] if the password has to be entered again. Otherwise, anyone who finds an open session
    /// with an unfinished setup could lock out the account's owner.
    pub async fn confirm_totp(&self, me: &Principal, code: &str) -> Result<Vec<String>, FormError> {
        me.may(Permission::ManageOwnAccount)?;
        self.require_reauthentication(me).await?;
        let now = clock::now();
        let waits = self.store().totp(me.agent).await.map_err(refusal)?.filter(|totp| totp.since.is_none());
        let waits = waits.ok_or(Refusal::NotFound)?;
        let step = totp::step(&waits.secret, code, now)
            .ok_or(FieldError { field: "code", kind: FieldErrorKind::WrongCode })?;
        let (codes, hashes) = totp::recovery_codes(me.agent)?;
        self.store().confirm_totp(Actor::from(me), me.agent, step, hashes, now).await.map_err(refusal)?;
        Ok(codes)
    }

    /// Removes the second factor.
    ///
    /// # Errors
    /// Returns an error if the password is wrong, and [`Refusal::TooMany`] after too many attempts.
    pub async fn remove_totp(&self, me: &Principal, password: &str) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        self.require_password(me, password, "password").await?;
        self.store().remove_totp(Actor::from(me), me.agent, clock::now()).await.map_err(refusal)?;
        Ok(())
    }
}
