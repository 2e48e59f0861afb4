//! The initial setup of an installation.

use std::net::IpAddr;

use protocol::{language::Language, limits::NAME_CHARS, refusal::Refusal};

use crate::{
    EmailAddress, Engine, clock, concierges,
    operations::refusal,
    sessions::hash_of,
    store::{ConciergeSettings, InitialSetup},
    validation::{FieldErrorKind, FieldErrors, FormError},
};

/// The setup form, as submitted.
#[derive(Clone, Debug, Default)]
pub struct SetupForm {
    /// The token from the link that the server logged at its start.
    pub token: String,
    /// The organization's name.
    pub organization: String,
    /// The first admin's name.
    pub name: String,
    /// The first admin's email address, which is used to sign in.
    pub email: String,
    /// The first admin's password.
    pub password: String,
    /// The name of the first concierge.
    pub concierge: String,
    /// The origin of the site where the concierge will be embedded.
    pub site: String,
    /// The first admin's language. It is also the first concierge's initial language.
    pub language: Language,
}

impl Engine {
    /// Returns whether the initial setup still has to be done.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn needs_set_up(&self) -> Result<bool, Refusal> {
        Ok(!self.store().is_set_up().await.map_err(refusal)?)
    }

    /// Returns the path of the initial setup, with its token. Only the server's log shows it: otherwise a new
    /// installation would belong to whoever finds it first.
    pub fn setup_path(&self) -> String {
        ["/setup/", &self.inner.setup_token].concat()
    }

    /// Checks that the initial setup is still to be done, and that the token is from the server's log.
    ///
    /// # Errors
    /// `NotFound` if not.
    pub async fn check_setup_token(&self, token: &str) -> Result<(), Refusal> {
        let is_valid = hash_of(token).is_some_and(|hash| Some(hash) == hash_of(&self.inner.setup_token));
        if is_valid && self.needs_set_up().await? { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// Creates the organization, its first admin and its first concierge, signs the admin in, and returns the session
    /// token.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the setup has already been completed, even if that happened concurrently. Also
    /// returns [`Refusal::TooMany`] after too many wrong tokens, or the invalid fields.
    pub async fn set_up(&self, typed: SetupForm, ip: IpAddr, user_agent: &str) -> Result<String, FormError> {
        self.count_if_invalid(ip, "set-up", self.check_setup_token(&typed.token).await)?;
        let mut errors = FieldErrors::default();
        let organization = errors.line("organization", &typed.organization, NAME_CHARS);
        let name = errors.line("name", &typed.name, NAME_CHARS);
        let email = errors.keep("email", EmailAddress::parse(&typed.email));
        let known = [name.as_str(), &typed.email, &organization];
        errors.keep("password", self.sessions().check_password(&typed.password, &known).await?);
        let concierge = errors.line("concierge", &typed.concierge, NAME_CHARS);
        let sites = errors.keep("site", concierges::sites(&typed.site)).unwrap_or_default();
        if sites.len() > 1 {
            errors.add("site", FieldErrorKind::TooMany(1));
        } else if typed.site.trim().is_empty() {
            errors.add("site", FieldErrorKind::Missing);
        }
        errors.done()?;
        let email = email.ok_or(Refusal::Unexpected)?;
        let now = clock::now();
        let mut settings = ConciergeSettings { sites, ..ConciergeSettings::named(&concierge, typed.language) };
        settings.look.title.clone_from(&organization);
        let setup = InitialSetup {
            organization,
            name,
            email,
            password_hash: self.sessions().hash(typed.password).await?,
            language: typed.language,
            team: "Team".into(),
            key: concierges::generate_key(&concierge)?,
            concierge: settings,
            now,
        };
        let admin = self.store().set_up(setup).await.map_err(refusal)?;
        let admin = self.store().agent(admin).await.map_err(refusal)?.ok_or(Refusal::Unexpected)?;
        let (token, _) = self.sessions().start_session(admin, now, user_agent).await?;
        Ok(token)
    }
}
