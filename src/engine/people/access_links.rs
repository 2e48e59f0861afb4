//! Links that let somebody in once: to become an agent, and to a new password. They are mailed where mail is set up, and
//! whoever made one can hand it over himself.

use std::net::IpAddr;

use protocol::{id::AgentId, language::Language, limits::NAME_CHARS, refusal::Refusal};

use tracing::Instrument as _;

use super::{
    FORGOTTEN_WITHIN, JOIN_WITHIN, RESET_WITHIN,
    agents::{ids, work},
};
use crate::{
    Engine, Permission, clock, email,
    mail_queue::{Email, EmailKind, Mailed, Room},
    operations::refusal,
    password,
    sessions::{NOWHERE, Principal, hash_of, new_token},
    store::{Actor, AgentRecord, JoinLink},
    validation::{FieldErrors, FormError},
};

/// Who asks for a new password without having signed in, in the audit log.
const SOMEBODY: &str = "(at the sign-in)";

/// An invitation as an admin typed it.
#[derive(Clone, Debug, Default)]
pub struct TypedInvitation {
    /// Whom.
    pub email: String,
    /// The word of a role.
    pub role: String,
    /// A number.
    pub max_chats: String,
    /// The ids of teams.
    pub teams: Vec<String>,
}

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkMade {
    /// The address that is good once.
    pub address: String,
    /// Whether it is mailed.
    pub mailed: Mailed,
}

impl Engine {
    /// Invites somebody to become an agent, by a link that is good once, for seven days.
    ///
    /// # Errors
    /// `Forbidden`, and what was typed and cannot be.
    pub async fn invite_agent(&self, me: &Principal, typed: &TypedInvitation) -> Result<LinkMade, FormError> {
        me.may(Permission::ManageAgents)?;
        let mut errors = FieldErrors::default();
        let email = errors.keep("email", email::normal(&typed.email)).unwrap_or_default();
        let (role, max_chats) = work(&mut errors, &typed.role, &typed.max_chats);
        errors.done()?;
        let (token, hash) = new_token()?;
        let now = clock::now();
        let link = JoinLink { organization: me.organization, email, role, max_chats, expires_at: now + JOIN_WITHIN };
        let teams = ids(&typed.teams)?;
        self.store().add_join_link(Actor::from(me), hash, link, teams, now).await.map_err(refusal)?;
        let address = format!("{}/join/{token}", self.settings().public_url);
        let (invited, organization) = self.joining(&token).await?;
        let kind = EmailKind::Invitation { organization, by: me.name.clone(), link: address.clone() };
        let mailed =
            self.mail(Email { to: invited.email, organization: me.organization, language: me.language, kind }).await;
        Ok(LinkMade { address, mailed })
    }

    /// Who is invited and has not come yet.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn invited_agents(&self, me: &Principal) -> Result<Vec<JoinLink>, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().join_links(me.organization, clock::now()).await.map_err(refusal)
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub async fn withdraw_agent(&self, me: &Principal, email: &str) -> Result<(), Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().withdraw_join_link(Actor::from(me), email.into(), clock::now()).await.map_err(refusal)
    }

    /// Whom the token of a link invites, and into which organization.
    ///
    /// # Errors
    /// `NotFound` when it is not good, or no longer.
    pub async fn joining(&self, token: &str) -> Result<(JoinLink, String), Refusal> {
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().join_link(hash, clock::now()).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Makes an agent who reads `language` of who has the link, and signs him in: the token of his session.
    ///
    /// # Errors
    /// `NotFound`, `TooMany`, and what was typed and cannot be.
    pub async fn join(
        &self,
        token: &str,
        name: &str,
        password: String,
        language: Language,
        ip: IpAddr,
        user_agent: &str,
    ) -> Result<String, FormError> {
        let (invited, _) = self.joining(token).await?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", name, NAME_CHARS);
        errors.keep("password", password::check(&password));
        errors.done()?;
        let now = clock::now();
        self.sessions().one_more_try(ip, "join", now)?;
        let password_hash = self.sessions().hash(password).await?;
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        let agent = self.store().join(hash, name, password_hash, language, now).await.map_err(refusal)?;
        let agent = self.store().agent(agent).await.map_err(refusal)?.ok_or(Refusal::Unexpected)?;
        let (token, _) = self.sessions().begin(agent, now, user_agent).await?;
        self.directory_changed(invited.organization).await;
        Ok(token)
    }

    /// Makes a link to a new password for an agent who has lost his. It is good once, for a day.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub async fn link_to_new_password(&self, me: &Principal, agent: AgentId) -> Result<LinkMade, Refusal> {
        me.may(Permission::ManageAgents)?;
        let (token, hash) = new_token()?;
        let now = clock::now();
        self.store().add_reset_link(Actor::from(me), agent, hash, now + RESET_WITHIN, now).await.map_err(refusal)?;
        let address = format!("{}/reset/{token}", self.settings().public_url);
        let AgentRecord { email: to, language, .. } =
            self.store().agent(agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        let kind = EmailKind::NewPassword { by: Some(me.name.clone()), link: address.clone() };
        let mailed = self.mail(Email { to, organization: me.organization, language, kind }).await;
        Ok(LinkMade { address, mailed })
    }

    /// Mails a link to a new password to who signs in with an e-mail, when somebody does. It is good once, for an hour. Whether
    /// somebody does, neither the answer tells nor the time it takes: the work is done after it.
    ///
    /// # Errors
    /// `NotFound` when nothing is mailed here; `TooMany`.
    pub fn forgot_password(&self, email: &str, ip: IpAddr) -> Result<(), Refusal> {
        let mail_queue = self.settings().mail_queue.as_ref().ok_or(Refusal::NotFound)?;
        let email = email::normal(email).unwrap_or_default();
        self.sessions().one_more_try(ip, &format!("forgot {email}"), clock::now())?;
        // Where no email has room, nobody is told either.
        if let Some(room) = mail_queue.room() {
            let engine = self.clone();
            let mails = async move {
                if let Err(refusal) = engine.mail_new_password(room, email).await {
                    tracing::info!(code = refusal.code(), "no link to a new password was mailed");
                }
            };
            tokio::spawn(mails.in_current_span());
        }
        Ok(())
    }

    async fn mail_new_password(&self, room: Room, email: String) -> Result<(), Refusal> {
        let now = clock::now();
        let found = self.store().agent_by_email(&email).await.map_err(refusal)?.filter(|agent| agent.active);
        let agent = found.ok_or(Refusal::NotFound)?;
        // However many addresses ask for it.
        self.sessions().one_more_try(NOWHERE, &format!("forgot {email}"), now)?;
        let (token, hash) = new_token()?;
        let by = Actor { organization: agent.organization, agent: None, name: SOMEBODY.into() };
        self.store().add_reset_link(by, agent.id, hash, now + FORGOTTEN_WITHIN, now).await.map_err(refusal)?;
        let link = format!("{}/reset/{token}", self.settings().public_url);
        let kind = EmailKind::NewPassword { by: None, link };
        drop(room.hand_in(Email { to: agent.email, organization: agent.organization, language: agent.language, kind }));
        Ok(())
    }

    /// Whose password the token of a link lets be set, by his e-mail.
    ///
    /// # Errors
    /// `NotFound` when it is not good, or no longer.
    pub async fn resetting(&self, token: &str) -> Result<String, Refusal> {
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().reset_link(hash, clock::now()).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Sets the password of who has the link; every session of his ends, and he signs in with it.
    ///
    /// # Errors
    /// `NotFound`, `TooMany`, and a password that cannot be.
    pub async fn reset_password(&self, token: &str, password: String, ip: IpAddr) -> Result<(), FormError> {
        self.resetting(token).await?;
        let mut errors = FieldErrors::default();
        errors.keep("password", password::check(&password));
        errors.done()?;
        let now = clock::now();
        self.sessions().one_more_try(ip, "reset", now)?;
        let password_hash = self.sessions().hash(password).await?;
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().reset_password(hash, password_hash, now).await.map_err(refusal)?;
        Ok(())
    }
}
