//! Links that let somebody in once: to become an agent, and to a new password. They are mailed where mail is set up, and
//! whoever made one can hand it over himself.

use std::net::IpAddr;

use protocol::{id::AgentId, language::Language, limits::NAME_CHARS, refusal::Refusal};

use tracing::Instrument as _;

use super::{
    JOIN_WITHIN, RESET_WITHIN, SELF_RESET_WITHIN,
    agents::{parse_ids, parse_role_and_limit},
};
use crate::{
    Engine, Permission, clock, email_address,
    mail_queue::{Email, EmailKind, MailStatus, QueueSlot},
    operations::refusal,
    password,
    sessions::{ANY_ADDRESS, Principal, hash_of, new_token},
    store::{Actor, AgentRecord, JoinLink},
    validation::{FieldErrors, FormError},
};

/// Who asks for a new password without having signed in, in the audit log.
const UNKNOWN_ACTOR: &str = "(at the sign-in)";

/// An invitation as an admin typed it.
#[derive(Clone, Debug, Default)]
pub struct AgentInvitationForm {
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
pub struct CreatedLink {
    /// The address that is good once.
    pub address: String,
    /// Whether it is mailed.
    pub mailed: MailStatus,
}

impl Engine {
    /// Invites somebody to become an agent, by a link that is good once, for seven days.
    ///
    /// # Errors
    /// `Forbidden`, and what was typed and cannot be.
    pub async fn invite_agent(&self, me: &Principal, typed: &AgentInvitationForm) -> Result<CreatedLink, FormError> {
        me.may(Permission::ManageAgents)?;
        let mut errors = FieldErrors::default();
        let email = errors.keep("email", email_address::normalize(&typed.email)).unwrap_or_default();
        let (role, max_chats) = parse_role_and_limit(&mut errors, &typed.role, &typed.max_chats);
        errors.done()?;
        let (token, hash) = new_token()?;
        let now = clock::now();
        let link = JoinLink { organization: me.organization, email, role, max_chats, expires_at: now + JOIN_WITHIN };
        let teams = parse_ids(&typed.teams)?;
        self.store().add_join_link(Actor::from(me), hash, link, teams, now).await.map_err(refusal)?;
        let address = format!("{}/join/{token}", self.settings().public_url);
        let (invited, organization) = self.find_join_link(&token).await?;
        let kind = EmailKind::Invitation { organization, by: me.name.clone(), link: address.clone() };
        let mailed =
            self.mail(Email { to: invited.email, organization: me.organization, language: me.language, kind }).await;
        Ok(CreatedLink { address, mailed })
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
    pub async fn find_join_link(&self, token: &str) -> Result<(JoinLink, String), Refusal> {
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
        let (invited, _) = self.find_join_link(token).await?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", name, NAME_CHARS);
        errors.keep("password", password::check(&password));
        errors.done()?;
        let now = clock::now();
        self.sessions().count_attempt(ip, "join", now)?;
        let password_hash = self.sessions().hash(password).await?;
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        let agent = self.store().join(hash, name, password_hash, language, now).await.map_err(refusal)?;
        let agent = self.store().agent(agent).await.map_err(refusal)?.ok_or(Refusal::Unexpected)?;
        let (token, _) = self.sessions().start_session(agent, now, user_agent).await?;
        self.broadcast_directory(invited.organization).await;
        Ok(token)
    }

    /// Makes a link to a new password for an agent who has lost his. It is good once, for a day.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub async fn create_reset_link(&self, me: &Principal, agent: AgentId) -> Result<CreatedLink, Refusal> {
        me.may(Permission::ManageAgents)?;
        let (token, hash) = new_token()?;
        let now = clock::now();
        self.store().add_reset_link(Actor::from(me), agent, hash, now + RESET_WITHIN, now).await.map_err(refusal)?;
        let address = format!("{}/reset/{token}", self.settings().public_url);
        let AgentRecord { email: to, language, .. } =
            self.store().agent(agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        let kind = EmailKind::NewPassword { by: Some(me.name.clone()), link: address.clone() };
        let mailed = self.mail(Email { to, organization: me.organization, language, kind }).await;
        Ok(CreatedLink { address, mailed })
    }

    /// Mails a link to a new password to who signs in with an e-mail, when somebody does. It is good once, for an hour. Whether
    /// somebody does, neither the answer tells nor the time it takes: the work is done after it.
    ///
    /// # Errors
    /// `NotFound` when nothing is mailed here; `TooMany`.
    pub fn request_password_reset(&self, email: &str, ip: IpAddr) -> Result<(), Refusal> {
        let mail_queue = self.settings().mail_queue.as_ref().ok_or(Refusal::NotFound)?;
        let email = email_address::normalize(email).unwrap_or_default();
        self.sessions().count_attempt(ip, &format!("forgot {email}"), clock::now())?;
        // Where no email has room, nobody is told either.
        if let Some(slot) = mail_queue.reserve_slot() {
            let engine = self.clone();
            let mails = async move {
                if let Err(refusal) = engine.mail_reset_link(slot, email).await {
                    tracing::info!(code = refusal.code(), "no link to a new password was mailed");
                }
            };
            tokio::spawn(mails.in_current_span());
        }
        Ok(())
    }

    async fn mail_reset_link(&self, slot: QueueSlot, email: String) -> Result<(), Refusal> {
        let now = clock::now();
        let found = self.store().agent_by_email(&email).await.map_err(refusal)?.filter(|agent| agent.active);
        let agent = found.ok_or(Refusal::NotFound)?;
        // However many addresses ask for it.
        self.sessions().count_attempt(ANY_ADDRESS, &format!("forgot {email}"), now)?;
        let (token, hash) = new_token()?;
        let by = Actor { organization: agent.organization, agent: None, name: UNKNOWN_ACTOR.into() };
        self.store().add_reset_link(by, agent.id, hash, now + SELF_RESET_WITHIN, now).await.map_err(refusal)?;
        let link = format!("{}/reset/{token}", self.settings().public_url);
        let kind = EmailKind::NewPassword { by: None, link };
        drop(slot.enqueue(Email { to: agent.email, organization: agent.organization, language: agent.language, kind }));
        Ok(())
    }

    /// Whose password the token of a link lets be set, by his e-mail.
    ///
    /// # Errors
    /// `NotFound` when it is not good, or no longer.
    pub async fn find_reset_email(&self, token: &str) -> Result<String, Refusal> {
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().reset_link(hash, clock::now()).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Sets the password of who has the link; every session of his ends, and he signs in with it.
    ///
    /// # Errors
    /// `NotFound`, `TooMany`, and a password that cannot be.
    pub async fn reset_password(&self, token: &str, password: String, ip: IpAddr) -> Result<(), FormError> {
        self.find_reset_email(token).await?;
        let mut errors = FieldErrors::default();
        errors.keep("password", password::check(&password));
        errors.done()?;
        let now = clock::now();
        self.sessions().count_attempt(ip, "reset", now)?;
        let password_hash = self.sessions().hash(password).await?;
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().reset_password(hash, password_hash, now).await.map_err(refusal)?;
        Ok(())
    }
}
