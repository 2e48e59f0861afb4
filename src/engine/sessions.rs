//! Handles signing in and out. A session is identified by 32 random bytes in a cookie. The store contains only their
//! hash.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    Millis,
    agent::Role,
    id::{AgentId, OrganizationId},
    language::Language,
    refusal::Refusal,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::broadcast;

use crate::{
    EmailAddress,
    audit_queue::{AuditQueue, Bound},
    clock,
    limits::{
        Network,
        codes::{CodeKind, CodeRateLimit, WrongCode},
        sign_ins::{Report, SignInRateLimit},
    },
    mail_queue::{Email, EmailKind, MailQueue},
    password,
    password_hasher::{Caller, PasswordHashing},
    settings::SignInLimits,
    store::{Actor, AgentRecord, NewAuditLine, Store, StoreError},
    totp,
    validation::FieldErrorKind,
};

pub use crate::password_hasher::hash_password;

/// An agent who has signed in.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The agent's ID.
    pub agent: AgentId,
    /// The agent's organization.
    pub organization: OrganizationId,
    /// The agent's role.
    pub role: Role,
    /// The agent's first and last name.
    pub name: String,
    /// The agent's language.
    pub language: Language,
    /// The hash of the session token.
    pub session: [u8; 32],
}

/// The result of a sign-in with a correct password.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// The sign-in is complete. Contains the session token and the agent.
    Complete(String, Principal),
    /// The second factor is required. Contains a token that is valid only for that step.
    SecondFactorRequired(String),
}

impl SignIn {
    /// Returns the session if the sign-in is complete.
    pub fn into_session(self) -> Option<(String, Principal)> {
        match self {
            Self::Complete(token, principal) => Some((token, principal)),
            Self::SecondFactorRequired(_) => None,
        }
    }
}

/// The sessions of signed-in agents. Clones share the same state.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    passwords: PasswordHashing,
    attempts: Arc<SignInRateLimit>,
    codes: Arc<CodeRateLimit>,
    mail_queue: Option<MailQueue>,
    audit: AuditQueue,
}

/// The actor in the audit log while it is not known who is signing in.
const SIGN_IN_PAGE: &str = "The sign-in page";

impl Sessions {
    /// Creates the sessions on top of a store.
    pub fn new(store: Store, limits: SignInLimits) -> Self {
        Self {
            audit: AuditQueue::new(store.clone()),
            store,
            passwords: PasswordHashing::new(&limits),
            attempts: Arc::new(SignInRateLimit::new(limits)),
            codes: Arc::new(CodeRateLimit::new(limits)),
            mail_queue: None,
        }
    }

    /// Sends warnings to account owners through this queue.
    #[must_use]
    pub fn with_mail(self, mail_queue: Option<MailQueue>) -> Self {
        Self { mail_queue, ..self }
    }

    /// Returns the queue for audit log lines that belong to no change.
    pub(crate) fn audit_queue(&self) -> &AuditQueue {
        &self.audit
    }

    /// Starts a session, or requests the second factor if the agent has one.
    ///
    /// # Errors
    /// Returns [`Refusal::WrongCredentials`] if the email address is unknown or the password is wrong, with the same
    /// timing in both cases. Returns [`Refusal::TooMany`] after too many attempts.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        ip: IpAddr,
        user_agent: &str,
        now: Millis,
    ) -> Result<SignIn, Refusal> {
        // No account has such a password, so this is no guess. If it counted, a stranger could use up the attempts of an
        // account without the cost of a hash.
        if password::is_too_long(password) {
            return Err(Refusal::WrongCredentials);
        }
        // An invalid address is treated as unknown, with the same timing.
        let email = EmailAddress::parse(email).map(EmailAddress::into_string).unwrap_or_default();
        let begun = self.attempts.begin_sign_in(ip, &email, now);
        if let Some(report) = self.attempts.report(&begun, ip, &email, now) {
            self.note_guessing(report, ip, email.clone(), now);
        }
        let attempt = begun?;
        self.attempts.wait(&attempt).await?;
        let found = self.store.agent_by_email(&email).await.map_err(unexpected);
        let agent = found.inspect_err(|_| self.attempts.withdraw(&attempt))?.filter(|agent| agent.active);
        let known_hash = agent.as_ref().map(|agent| agent.password_hash.clone());
        let caller = if attempt.is_known { Caller::Known } else { Caller::Stranger };
        let matches = self.passwords.matches(caller, password.to_owned(), known_hash).await;
        let matches = matches.inspect_err(|_| self.attempts.withdraw(&attempt))?;
        let agent = agent.ok_or(Refusal::WrongCredentials)?;
        if !matches {
            self.note_failure("account.wrong_password", &agent, Some(ip), now).await;
            return Err(Refusal::WrongCredentials);
        }
        self.attempts.succeeded(&attempt, now);

        if agent.has_totp {
            let (token, hash) = new_token()?;
            self.store.add_pending_sign_in(hash, agent.id, now).await.map_err(unexpected)?;
            return Ok(SignIn::SecondFactorRequired(token));
        }
        let (token, principal) = self.start_session(agent, now, user_agent).await?;
        self.note_session("account.signed_in", Actor::from(&principal), Some(ip), now).await;
        Ok(SignIn::Complete(token, principal))
    }

    /// Records a wrong password or code in the audit log.
    async fn note_failure(&self, action: &'static str, agent: &AgentRecord, ip: Option<IpAddr>, now: Millis) {
        let by = Actor { organization: agent.organization, agent: None, name: SIGN_IN_PAGE.into() };
        let detail = from_address(ip);
        let line = NewAuditLine { by, action, target: agent.name.clone(), detail, visitor: None, at: now };
        self.audit.add(line, Bound::Target).await;
    }

    /// Records in the audit log that an agent signed in or out.
    async fn note_session(&self, action: &'static str, by: Actor, ip: Option<IpAddr>, now: Millis) {
        let (target, detail) = (by.name.clone(), from_address(ip));
        let line = NewAuditLine { by, action, target, detail, visitor: None, at: now };
        self.audit.add(line, Bound::Target).await;
    }

    /// Records guessing in the audit log.
    fn note_guessing(&self, report: Report, ip: IpAddr, email: String, now: Millis) {
        let detail = match report {
            Report::Refused => format!("too many wrong passwords from {ip}"),
            Report::Delayed => format!("wrong passwords from many addresses, now from {ip}"),
        };
        let store = self.store.clone();
        // Not awaited, because the response time must not reveal whether the account exists.
        tokio::spawn(async move {
            if let Err(error) = store.note_password_guessing(&email, detail, now).await {
                tracing::error!(%error, "failed to record guessed passwords");
            }
        });
    }

    /// Completes a sign-in with a code from the second factor or a recovery code. Returns a new session.
    ///
    /// # Errors
    /// Returns [`Refusal::NotSignedIn`] if the password has to be entered first, because it was entered too long ago or
    /// there were too many wrong codes. Returns [`Refusal::WrongCredentials`] if the code is wrong, and
    /// [`Refusal::TooMany`] if it came too soon after a wrong one.
    pub async fn complete_second_factor(
        &self,
        pending: &str,
        code: &str,
        ip: IpAddr,
        now: Millis,
        user_agent: &str,
    ) -> Result<(String, Principal), Refusal> {
        let hash = hash_of(pending).ok_or(Refusal::NotSignedIn)?;
        let found = self.store.pending_sign_in(hash, now).await.map_err(unexpected)?;
        let agent = found.ok_or(Refusal::NotSignedIn)?;
        let agent = self.store.agent(agent).await.map_err(unexpected)?.filter(|agent| agent.active);
        let agent = agent.ok_or(Refusal::NotSignedIn)?;
        let spent = self.spend_code(agent.clone(), code, now).await;
        // The last wrong code ends the sign-in.
        if matches!(spent, Err(Refusal::WrongCredentials | Refusal::NotSignedIn)) {
            self.note_failure("account.wrong_code", &agent, Some(ip), now).await;
        }
        spent?;
        if !self.store.end_pending_sign_in(hash).await.map_err(unexpected)? {
            return Err(Refusal::NotSignedIn);
        }
        let (token, principal) = self.start_session(agent, now, user_agent).await?;
        self.note_session("account.signed_in", Actor::from(&principal), Some(ip), now).await;
        Ok((token, principal))
    }

    /// Checks an agent's code and marks it as used.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::complete_second_factor`].
    async fn spend_code(&self, agent: AgentRecord, code: &str, now: Millis) -> Result<(), Refusal> {
        let kind = if totp::is_totp(code) { CodeKind::Totp } else { CodeKind::Recovery };
        let subject = self.codes.subject(agent.id, &agent.password_hash);
        let attempt = self.codes.begin(subject, kind, now)?;
        let is_right = self.is_right_code(agent.id, kind, code, now).await;
        if is_right.inspect_err(|_| self.codes.withdraw(&attempt))? {
            self.codes.succeeded(&attempt);
            return Ok(());
        }
        match self.codes.failed(&attempt, now) {
            WrongCode::Waits => Err(Refusal::WrongCredentials),
            WrongCode::EndsSignIn { tell_owner } => {
                self.store.end_pending_sign_ins(agent.id).await.map_err(unexpected)?;
                if tell_owner {
                    self.mail_wrong_codes(agent);
                }
                Err(Refusal::NotSignedIn)
            }
        }
    }

    async fn is_right_code(&self, agent: AgentId, kind: CodeKind, code: &str, now: Millis) -> Result<bool, Refusal> {
        let record = self.store.totp(agent).await.map_err(unexpected)?.filter(|totp| totp.since.is_some());
        let Some(record) = record else { return Ok(false) };
        match kind {
            CodeKind::Totp => match totp::step(&record.secret, code, now) {
                Some(step) => self.store.spend_step(agent, step).await.map_err(unexpected),
                None => Ok(false),
            },
            CodeKind::Recovery => {
                let hash = totp::recovery_hash(agent, code);
                self.store.spend_recovery_code(agent, hash, now).await.map_err(unexpected)
            }
        }
    }

    /// Tells an account's owner that someone who knows the password is guessing codes.
    fn mail_wrong_codes(&self, agent: AgentRecord) {
        let AgentRecord { id, email: to, organization, language, .. } = agent;
        let Some(slot) = self.mail_queue.as_ref().and_then(MailQueue::reserve_slot) else {
            tracing::warn!(agent = %id, "wrong codes were entered for an account, and its owner gets no email");
            return;
        };
        drop(slot.enqueue(Email { to, organization, language, kind: EmailKind::WrongCodes }));
    }

    /// Starts a session for an authenticated agent.
    pub(crate) async fn start_session(
        &self,
        agent: AgentRecord,
        now: Millis,
        user_agent: &str,
    ) -> Result<(String, Principal), Refusal> {
        let (token, session) = new_token()?;
        self.store.add_session(session, agent.id, now, user_agent).await.map_err(unexpected)?;
        let AgentRecord { id: agent, organization, role, name, language, .. } = agent;
        Ok((token, Principal { agent, organization, role, name, language, session }))
    }

    /// Checks the agent's password again. If it is correct, it will not be required again for a while.
    ///
    /// # Errors
    /// Returns [`Refusal::WrongCredentials`] if the password is wrong, and [`Refusal::TooMany`] after five wrong
    /// passwords.
    pub(crate) async fn reauthenticate(&self, me: &Principal, password: &str, now: Millis) -> Result<(), Refusal> {
        if password::is_too_long(password) {
            return Err(Refusal::WrongCredentials);
        }
        let attempt = self.attempts.begin(None, &format!("again {}", me.agent), now)?;
        let agent = self.store.agent(me.agent).await.map_err(unexpected)?.ok_or(Refusal::NotSignedIn)?;
        let hash = Some(agent.password_hash.clone());
        let matches = self.passwords.matches(Caller::Known, password.to_owned(), hash).await;
        if !matches.inspect_err(|_| self.attempts.withdraw(&attempt))? {
            self.note_session("account.wrong_password", Actor::from(me), None, now).await;
            return Err(Refusal::WrongCredentials);
        }
        self.attempts.succeeded(&attempt, now);
        self.store.record_reauthentication(me.session, now).await.map_err(unexpected)
    }

    /// Checks a new password like [`password::check`]. Takes a turn, as hashing does, because the estimate may take a
    /// while.
    ///
    /// # Errors
    /// `Busy` if too many are waiting.
    pub(crate) async fn check_password(
        &self,
        password: &str,
        known: &[&str],
    ) -> Result<Result<(), FieldErrorKind>, Refusal> {
        let (password, known) = (password.to_owned(), known.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let check = move || {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            password::check(&password, &known)
        };
        self.passwords.run(Caller::Known, check).await
    }

    /// Hashes a new password. Waits for its turn, because hashing uses a lot of memory.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.passwords.hash(Caller::Known, password).await
    }

    /// Uses a valid single-use link. Attempts to use the same link are counted until one succeeds, because each one
    /// costs a hash. Attempts that fail for a reason other than the link do not count.
    ///
    /// # Errors
    /// Returns the error of `work`, and [`Refusal::TooMany`] if the limit has been reached.
    pub(crate) async fn use_link<T>(
        &self,
        link: [u8; 32],
        now: Millis,
        work: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let attempt = self.attempts.begin(None, &format!("link {link:?}"), now)?;
        let done = work.await;
        match &done {
            Ok(_) => self.attempts.succeeded(&attempt, now),
            Err(Refusal::NotFound) => {}
            Err(_) => self.attempts.withdraw(&attempt),
        }
        done
    }

    /// Counts one attempt at an action from an address (IPv6: one /64), or from all addresses.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the limit has been reached.
    pub(crate) fn count_attempt(&self, from: Option<IpAddr>, action: &str, now: Millis) -> Result<(), Refusal> {
        self.attempts.begin(from, action, now).map(drop)
    }

    /// Returns the agent that a session token belongs to, or `None` if the session does not exist or has ended.
    ///
    /// # Errors
    /// Returns an error if the store fails. In that case, the session may still be valid.
    pub async fn principal(&self, token: &str, now: Millis) -> Result<Option<Principal>, Refusal> {
        let Some(hash) = hash_of(token) else { return Ok(None) };
        self.store.session(hash, now).await.map_err(|error| {
            tracing::error!(%error, "failed to read a session");
            error.refusal()
        })
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &str) {
        let Some(session) = hash_of(token) else { return };
        match self.store.end_session(session).await {
            Ok(Some(by)) => self.note_session("account.signed_out", by, None, clock::now()).await,
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "failed to end a session"),
        }
    }

    /// Returns a channel that receives the hashes of sessions as they end, so that their sockets can be closed.
    pub fn ended(&self) -> broadcast::Receiver<[u8; 32]> {
        self.store.ended_sessions()
    }
}

/// Generates a token and returns it along with the hash to store.
pub(crate) fn new_token() -> Result<(String, [u8; 32]), Refusal> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| Refusal::Unexpected)?;
    Ok((URL_SAFE_NO_PAD.encode(secret), hash_token(&secret)))
}

/// Returns the hash under which a token is stored, or `None` if the token is malformed.
pub(crate) fn hash_of(token: &str) -> Option<[u8; 32]> {
    let secret: [u8; 32] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    Some(hash_token(&secret))
}

/// Returns the detail for an audit log line: the client's address or, for IPv6, its network. Otherwise, a different
/// address for each attempt would make each line a new one.
fn from_address(ip: Option<IpAddr>) -> String {
    ip.map_or(String::new(), |ip| format!("from {}", Network::from(ip)))
}

fn hash_token(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[expect(clippy::needless_pass_by_value, reason = "used with `map_err`")]
fn unexpected(error: StoreError) -> Refusal {
    tracing::error!(%error, "sign-in failed");
    error.refusal()
}
