//! One's own account: name, password, sign-ins, second factor. What opens the account asks for the password, unless it was
//! shown a moment ago.

use protocol::{Millis, language::Language, limits::NAME_CHARS, refusal::Refusal};

use crate::{
    Engine, Permission, clock, opening_hours,
    operations::refusal,
    password,
    sessions::Principal,
    store::{Actor, PersonRecord, ProfileSettings, SignInRecord},
    totp,
    validation::{FieldError, FieldErrorKind, FieldErrors, FormError},
};

/// A password that was shown so long ago need not be shown again.
const REAUTHENTICATION_TTL: Millis = 10 * 60 * 1_000;

/// One's own account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who one is.
    pub person: PersonRecord,
    /// The sign-ins, the latest used first.
    pub sign_ins: Vec<SignInRecord>,
    /// The second factor.
    pub totp: SecondFactor,
    /// The password was shown a moment ago.
    pub is_recent: bool,
}

/// How far one's second factor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// There is none.
    Off,
    /// A secret waits for the first code.
    Begun {
        /// As one types it.
        typed: String,
    },
    /// It counts.
    On {
        /// Since when.
        since: Millis,
        /// How many recovery codes are left.
        codes_left: u32,
    },
}

impl Engine {
    /// One's own account.
    ///
    /// # Errors
    /// When the store fails.
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
            is_recent: self.is_recent(me, now).await?,
        })
    }

    /// Changes one's own name, time zone (empty: the browser's) and language.
    ///
    /// # Errors
    /// What was typed and cannot be.
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

    /// Changes one's own password. Every other session ends, and its sockets.
    ///
    /// # Errors
    /// The wrong old one; a new one that cannot be; `TooMany`.
    pub async fn change_password(&self, me: &Principal, old: &str, new: String) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        let mut errors = FieldErrors::default();
        errors.keep("new", password::check(&new));
        errors.done()?;
        let now = clock::now();
        self.require_password(me, old, "old").await?;
        let hash = self.sessions().hash(new).await?;
        let done = self.store().change_password(Actor::from(me), me.agent, hash, me.session, now);
        done.await.map_err(refusal)?;
        Ok(())
    }

    /// Ends one of one's own sign-ins.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn end_sign_in(&self, me: &Principal, which: [u8; 32]) -> Result<(), Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        self.store().end_sign_in(Actor::from(me), me.agent, which, clock::now()).await.map_err(refusal)
    }

    /// Ends all of one's own sign-ins but this one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_other_sign_ins(&self, me: &Principal) -> Result<(), Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        self.store().end_other_sign_ins(Actor::from(me), me.agent, me.session, clock::now()).await.map_err(refusal)
    }

    /// Begins a second factor with a new secret, which counts once a code has confirmed it.
    ///
    /// # Errors
    /// The password is asked for; `TooMany`.
    pub async fn begin_totp(&self, me: &Principal, password: &str) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        self.require_recent_authentication(me, password).await?;
        self.store().begin_totp(me.agent, totp::new_secret()?).await.map_err(refusal)?;
        Ok(())
    }

    /// The secret that waits to be confirmed, as a picture for an app: SVG. It is shown until then, and never again.
    ///
    /// # Errors
    /// `NotFound` when none waits.
    pub async fn totp_qr_code(&self, me: &Principal) -> Result<String, Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        let totp = self.store().totp(me.agent).await.map_err(refusal)?;
        let waits = totp.filter(|totp| totp.since.is_none()).ok_or(Refusal::NotFound)?;
        let person = self.store().person(me.organization, me.agent).await.map_err(refusal)?;
        totp::qr_code_svg(&waits.secret, "Jump-In", &person.ok_or(Refusal::NotFound)?.email)
    }

    /// Confirms the second factor by a first code: the recovery codes, which are shown this once.
    ///
    /// # Errors
    /// The wrong code; `NotFound` when none waits; `TooMany`.
    pub async fn confirm_totp(&self, me: &Principal, code: &str) -> Result<Vec<String>, FormError> {
        me.may(Permission::ManageOwnAccount)?;
        let now = clock::now();
        let waits = self.store().totp(me.agent).await.map_err(refusal)?.filter(|totp| totp.since.is_none());
        let waits = waits.ok_or(Refusal::NotFound)?;
        let step = totp::step(&waits.secret, code, now)
            .ok_or(FieldError { field: "code", kind: FieldErrorKind::WrongCode })?;
        let (codes, hashes) = totp::recovery_codes(me.agent)?;
        self.store().confirm_totp(Actor::from(me), me.agent, step, hashes, now).await.map_err(refusal)?;
        Ok(codes)
    }

    /// Takes the second factor away.
    ///
    /// # Errors
    /// The wrong password; `TooMany`.
    pub async fn remove_totp(&self, me: &Principal, password: &str) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        self.require_password(me, password, "password").await?;
        self.store().remove_totp(Actor::from(me), me.agent, clock::now()).await.map_err(refusal)?;
        Ok(())
    }

    async fn is_recent(&self, me: &Principal, now: Millis) -> Result<bool, Refusal> {
        Ok(now - self.store().reauthenticated_at(me.session).await.map_err(refusal)? < REAUTHENTICATION_TTL)
    }

    async fn require_recent_authentication(&self, me: &Principal, password: &str) -> Result<(), FormError> {
        if self.is_recent(me, clock::now()).await? {
            return Ok(());
        }
        if password.is_empty() {
            return Err(FieldError { field: "password", kind: FieldErrorKind::PasswordNeeded }.into());
        }
        self.require_password(me, password, "password").await
    }

    async fn require_password(&self, me: &Principal, password: &str, field: &'static str) -> Result<(), FormError> {
        match self.sessions().reauthenticate(me, password, clock::now()).await {
            Err(Refusal::WrongCredentials) => Err(FieldError { field, kind: FieldErrorKind::WrongPassword }.into()),
            other => Ok(other?),
        }
    }
}
