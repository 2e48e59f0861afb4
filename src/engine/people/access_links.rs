//! Single-use links for joining as an agent and for setting a new password. They are sent by email. Only if email is
//! not configured does the admin who created a link see it and share it in person.

use std::net::IpAddr;

use protocol::{id::AgentId, language::Language, limits::NAME_CHARS, refusal::Refusal};

use tracing::Instrument as _;

use super::{
    JOIN_WITHIN, RESET_WITHIN, SELF_RESET_WITHIN,
    agents::{parse_ids, parse_role_and_limit},
};
use crate::{
    EmailAddress, Engine, Permission, clock,
    mail_queue::{Email, EmailKind, MailStatus, QueueSlot},
    operations::refusal,
    sessions::{Principal, hash_of, new_token},
    store::{Actor, AgentRecord, JoinLink},
    validation::{FieldErrors, FormError},
};

/// The actor recorded in the audit log when someone requests a password reset without signing in.
const UNKNOWN_ACTOR: &str = "(sign-in page)";

/// The form for inviting an agent, as submitted by an admin.
#[derive(Clone, Debug, Default)]
pub struct AgentInvitationForm {
    /// The email address to invite.
    pub email: String,
    /// The role's identifier.
    pub role: String,
    /// The maximum number of concurrent chats.
    pub max_chats: String,
    /// The IDs of the teams.
    pub teams: Vec<String>,
}

/// A newly created link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedLink {
    /// The single-use URL, to be passed on by hand. `None` if email is configured: the link is then only in the email,
    /// so that only its recipient can use it.
    pub address: Option<String>,
    /// The delivery status of the email that contains the link.
    pub mailed: MailStatus,
}

impl CreatedLink {
    fn new(address: String, mailed: MailStatus) -> Self {
        Self { address: (mailed == MailStatus::Disabled).then_some(address), mailed }
    }
}

impl Engine {
    /// Invites someone to join as an agent with a single-use link that is valid for seven days. If the address belongs
    /// to an account of another organization, only its owner is told, and the link cannot be used.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents, [`Refusal::PasswordNeeded`] if their password
    /// has to be entered again, [`Refusal::TooMany`] if too many emails were sent, or the invalid fields.
    pub async fn invite_agent(&self, me: &Principal, typed: &AgentInvitationForm) -> Result<CreatedLink, FormError> {
        me.may(Permission::ManageAgents)?;
        let mut errors = FieldErrors::default();
        let email = errors.keep("email", EmailAddress::parse(&typed.email));
        let (role, max_chats) = parse_role_and_limit(&mut errors, &typed.role, &typed.max_chats);
        errors.done()?;
        let email = email.ok_or(Refusal::Unexpected)?;
        self.require_reauthentication(me).await?;
        self.count_email(me, email.as_str())?;
        let (token, hash) = new_token()?;
        let now = clock::now();
        let link = JoinLink { organization: me.organization, email, role, max_chats, expires_at: now + JOIN_WITHIN };
        let teams = parse_ids(&typed.teams)?;
        let is_taken_elsewhere =
            self.store().add_join_link(Actor::from(me), hash, link, teams, now).await.map_err(refusal)?;
        let address = format!("{}/join/{token}", self.settings().public_url);
        let (invited, organization) = self.find_join_link(&token).await?;
        let by = me.name.clone();
        let kind = match is_taken_elsewhere {
            true => EmailKind::AddressInUse { organization, by },
            false => EmailKind::Invitation { organization, by, link: address.clone() },
        };
        let to = invited.email.into_string();
        let mailed = self.mail(Email { to, organization: me.organization, language: me.language, kind }).await;
        Ok(CreatedLink::new(address, mailed))
    }

    /// Returns the invitations that have not been accepted yet.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents.
    pub async fn invited_agents(&self, me: &Principal) -> Result<Vec<JoinLink>, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.store().join_links(me.organization, clock::now()).await.map_err(refusal)
    }

    /// Withdraws an invitation.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents, and [`Refusal::NotFound`] if there is no such
    /// invitation.
    pub async fn withdraw_agent(&self, me: &Principal, email: &str) -> Result<(), Refusal> {
        me.may(Permission::ManageAgents)?;
        let email = EmailAddress::parse(email).map_err(|_| Refusal::NotFound)?;
        self.store().withdraw_join_link(Actor::from(me), email, clock::now()).await.map_err(refusal)
    }

    /// Returns the invitation that a token belongs to, along with the name of its organization.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the token is unknown, used, or expired.
    pub async fn find_join_link(&self, token: &str) -> Result<(JoinLink, String), Refusal> {
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().join_link(hash, clock::now()).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Accepts an invitation: creates an agent with the given language, signs them in, and returns the session token.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the token is unknown, used, or expired, [`Refusal::TooMany`] after too many of
    /// those, or the invalid fields.
    pub async fn join(
        &self,
        token: &str,
        name: &str,
        password: String,
        language: Language,
        ip: IpAddr,
        user_agent: &str,
    ) -> Result<String, FormError> {
        let (invited, organization) = self.count_if_invalid(ip, "join", self.find_join_link(token).await)?;
        let mut errors = FieldErrors::default();
        let name = errors.line("name", name, NAME_CHARS);
        let known = [name.as_str(), invited.email.as_str(), &organization];
        errors.keep("password", self.sessions().check_password(&password, &known).await?);
        errors.done()?;
        let now = clock::now();
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        let joining = async {
            let password_hash = self.sessions().hash(password).await?;
            self.store().join(hash, name, password_hash, language, now).await.map_err(refusal)
        };
        let agent = self.sessions().use_link(hash, now, joining).await?;
        let agent = self.store().agent(agent).await.map_err(refusal)?.ok_or(Refusal::Unexpected)?;
        let (token, _) = self.sessions().start_session(agent, now, user_agent).await?;
        self.broadcast_directory(invited.organization).await;
        Ok(token)
    }

    /// Creates a link that an agent can use to set a new password. The link can be used once and is valid for one day.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not manage agents, [`Refusal::PasswordNeeded`] if their password
    /// has to be entered again, [`Refusal::NotFound`] if the agent to reset does not exist, and [`Refusal::TooMany`] if
    /// too many emails were sent.
    pub async fn create_reset_link(&self, me: &Principal, agent: AgentId) -> Result<CreatedLink, Refusal> {
        me.may(Permission::ManageAgents)?;
        self.require_reauthentication(me).await?;
        let person = self.store().person(me.organization, agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        self.count_email(me, &person.email)?;
        let (token, hash) = new_token()?;
        let now = clock::now();
        self.store().add_reset_link(Actor::from(me), agent, hash, now + RESET_WITHIN, now).await.map_err(refusal)?;
        let address = format!("{}/reset/{token}", self.settings().public_url);
        let AgentRecord { email: to, language, .. } =
            self.store().agent(agent).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        let kind = EmailKind::NewPassword { by: Some(me.name.clone()), link: address.clone() };
        let mailed = self.mail(Email { to, organization: me.organization, language, kind }).await;
        Ok(CreatedLink::new(address, mailed))
    }

    /// Emails a password reset link if an agent has this address. The link can be used once and is valid for one hour.
    /// Neither the response nor its timing reveals whether the address is known, because the work happens after the
    /// response.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if email is not configured, and [`Refusal::TooMany`] after too many attempts.
    pub fn request_password_reset(&self, email: &str, ip: IpAddr) -> Result<(), Refusal> {
        let mail_queue = self.settings().mail_queue.as_ref().ok_or(Refusal::NotFound)?;
        let email = EmailAddress::parse(email).map(EmailAddress::into_string).unwrap_or_default();
        self.sessions().count_attempt(Some(ip), &format!("forgot {email}"), clock::now())?;
        // If the queue is full, the response is the same.
        if let Some(slot) = mail_queue.reserve_slot() {
            let engine = self.clone();
            let mails = async move {
                if let Err(refusal) = engine.mail_reset_link(slot, email).await {
                    tracing::info!(code = refusal.code(), "password reset link not sent");
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
        // Limits the emails to one account across all client addresses.
        self.sessions().count_attempt(None, &format!("forgot {email}"), now)?;
        slot.count_requested(&email, now)?;
        let (token, hash) = new_token()?;
        let by = Actor { organization: agent.organization, agent: None, name: UNKNOWN_ACTOR.into() };
        self.store().add_reset_link(by, agent.id, hash, now + SELF_RESET_WITHIN, now).await.map_err(refusal)?;
        let link = format!("{}/reset/{token}", self.settings().public_url);
        let kind = EmailKind::NewPassword { by: None, link };
        drop(slot.enqueue(Email { to: agent.email, organization: agent.organization, language: agent.language, kind }));
        Ok(())
    }

    /// Returns the email address of the agent whose password can be reset with this token.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the token is unknown, used, or expired.
    pub async fn find_reset_email(&self, token: &str) -> Result<String, Refusal> {
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        self.store().reset_link(hash, clock::now()).await.map_err(refusal)?.ok_or(Refusal::NotFound)
    }

    /// Sets a new password with a reset link. All of the agent's sessions end, so the agent has to sign in with the new
    /// password.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the token is unknown, used, or expired, [`Refusal::TooMany`] after too many of
    /// those, or an error if the password is invalid.
    pub async fn reset_password(&self, token: &str, password: String, ip: IpAddr) -> Result<(), FormError> {
        let email = self.count_if_invalid(ip, "reset", self.find_reset_email(token).await)?;
        self.check_password_of(&email, &password, "password").await?;
        let now = clock::now();
        let hash = hash_of(token).ok_or(Refusal::NotFound)?;
        let resetting = async {
            let password_hash = self.sessions().hash(password).await?;
            self.store().reset_password(hash, password_hash, now).await.map_err(refusal)
        };
        Ok(self.sessions().use_link(hash, now, resetting).await?)
    }

    /// Checks a new password of an existing account.
    pub(super) async fn check_password_of(
        &self,
        email: &str,
        password: &str,
        field: &'static str,
    ) -> Result<(), FormError> {
        let agent = self.store().agent_by_email(email).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        let organization = self.store().organization_name(agent.organization).await.map_err(refusal)?;
        let mut errors = FieldErrors::default();
        let known = [agent.name.as_str(), &agent.email, &organization];
        errors.keep(field, self.sessions().check_password(password, &known).await?);
        errors.done()
    }

    /// Counts an invalid link as an attempt from this address. Valid links do not count, so they always work, and many
    /// people can join from one office.
    pub(super) fn count_if_invalid<T>(
        &self,
        ip: IpAddr,
        action: &str,
        found: Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if matches!(found, Err(Refusal::NotFound)) {
            self.sessions().count_attempt(Some(ip), action, clock::now())?;
        }
        found
    }
}
