//! Handles signing in and out. A session is identified by 32 random bytes in a cookie. The store contains only their
//! hash.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    Millis,
    agent::Role,
    id::{AgentId, OrganizationId},
    language::Language,
    refusal::Refusal,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, broadcast};

use crate::{
    email_address, password,
    store::{AgentRecord, Store, StoreError},
    totp,
};

/// Argon2id uses 19 MiB per password. Without a limit, anyone could exhaust the server's memory.
const MAX_CONCURRENT_HASHES: usize = 2;
/// A placeholder for all addresses, used to count attempts on an account across all clients.
pub(crate) const ANY_ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
const ATTEMPT_WINDOW: Millis = 15 * 60 * 1_000;
const MAX_ACCOUNT_ATTEMPTS: usize = 5;
const MAX_ADDRESS_ATTEMPTS: usize = 20;

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
    passwords: Arc<Semaphore>,
    attempts: Arc<Mutex<Attempts>>,
}

impl Sessions {
    /// Creates a session manager on top of the given store.
    pub fn new(store: Store) -> Self {
        Self { store, passwords: Arc::new(Semaphore::new(MAX_CONCURRENT_HASHES)), attempts: Arc::default() }
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
        // An invalid address is treated as unknown, with the same timing.
        let email = email_address::normalize(email).unwrap_or_default();
        // The attempt is counted before the result is known. Otherwise, a thousand concurrent attempts would all be
        // admitted.
        let begun = self.attempts().begin(ip, &email, now);
        if let Err(refusal) = begun {
            self.note_refused(ip, email, now);
            return Err(refusal);
        }
        if password.len() > password::BYTES {
            return Err(Refusal::WrongCredentials);
        }
        let agent = self.store.agent_by_email(&email).await.map_err(unexpected)?.filter(|agent| agent.active);
        let known_hash = agent.as_ref().map(|agent| agent.password_hash.clone());
        let matches = self.matches(password.to_owned(), known_hash).await?;
        let agent = agent.filter(|_| matches).ok_or(Refusal::WrongCredentials)?;
        self.attempts().succeeded(ip, &email, now);

        if agent.has_totp {
            let (token, hash) = new_token()?;
            self.store.add_pending_sign_in(hash, agent.id, now).await.map_err(unexpected)?;
            return Ok(SignIn::SecondFactorRequired(token));
        }
        let (token, principal) = self.start_session(agent, now, user_agent).await?;
        Ok(SignIn::Complete(token, principal))
    }

    /// Records rejected sign-ins so that password guessing shows up in the audit log. There is one record each time an
    /// account has to wait, not one per attempt.
    fn note_refused(&self, ip: IpAddr, email: String, now: Millis) {
        if !self.attempts().is_first_refused(ip, &email, now) {
            return;
        }
        let store = self.store.clone();
        // Not awaited, because the response time must not reveal whether the account exists.
        tokio::spawn(async move {
            if let Err(error) = store.note_sign_ins_refused(&email, ip, now).await {
                tracing::error!(%error, "failed to record rejected sign-ins");
            }
        });
    }

    /// Completes a sign-in with a code from the second factor or a recovery code. Returns a new session.
    ///
    /// # Errors
    /// Returns [`Refusal::NotSignedIn`] if the password was entered too long ago, [`Refusal::WrongCredentials`] if the
    /// code is wrong, and [`Refusal::TooMany`] after five wrong codes.
    pub async fn complete_second_factor(
        &self,
        pending: &str,
        code: &str,
        now: Millis,
        user_agent: &str,
    ) -> Result<(String, Principal), Refusal> {
        let hash = hash_of(pending).ok_or(Refusal::NotSignedIn)?;
        let found = self.store.pending_sign_in(hash, now).await.map_err(unexpected)?;
        let agent = found.ok_or(Refusal::NotSignedIn)?;
        self.spend_code(agent, code, now).await?;
        if !self.store.end_pending_sign_in(hash).await.map_err(unexpected)? {
            return Err(Refusal::NotSignedIn);
        }
        let agent = self.store.agent(agent).await.map_err(unexpected)?.filter(|agent| agent.active);
        self.start_session(agent.ok_or(Refusal::NotSignedIn)?, now, user_agent).await
    }

    /// Checks an agent's code and marks it as used.
    ///
    /// # Errors
    /// Returns [`Refusal::WrongCredentials`] if the code is wrong, and [`Refusal::TooMany`] after five wrong codes for
    /// this agent across all clients.
    async fn spend_code(&self, agent: AgentId, code: &str, now: Millis) -> Result<(), Refusal> {
        let who = agent.to_string();
        self.attempts().begin(ANY_ADDRESS, &who, now)?;
        let record = self.store.totp(agent).await.map_err(unexpected)?.filter(|totp| totp.since.is_some());
        let record = record.ok_or(Refusal::WrongCredentials)?;
        let good = match totp::step(&record.secret, code, now) {
            Some(step) => self.store.spend_step(agent, step).await.map_err(unexpected)?,
            None => {
                let hash = totp::recovery_hash(agent, code);
                self.store.spend_recovery_code(agent, hash, now).await.map_err(unexpected)?
            }
        };
        if !good {
            return Err(Refusal::WrongCredentials);
        }
        self.attempts().succeeded(ANY_ADDRESS, &who, now);
        Ok(())
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
        let who = format!("again {}", me.agent);
        self.attempts().begin(ANY_ADDRESS, &who, now)?;
        let agent = self.store.agent(me.agent).await.map_err(unexpected)?.ok_or(Refusal::NotSignedIn)?;
        let is_long = password.len() > password::BYTES;
        if is_long || !self.matches(password.to_owned(), Some(agent.password_hash)).await? {
            return Err(Refusal::WrongCredentials);
        }
        self.attempts().succeeded(ANY_ADDRESS, &who, now);
        self.store.record_reauthentication(me.session, now).await.map_err(unexpected)
    }

    /// Hashes a new password. Waits for its turn, because hashing uses a lot of memory.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        let _guard = self.passwords.acquire().await.map_err(|_| Refusal::Unexpected)?;
        tokio::task::spawn_blocking(move || hash_password(&password)).await.map_err(|_| Refusal::Unexpected)
    }

    /// Counts one attempt at an action that does not require signing in.
    ///
    /// # Errors
    /// Returns [`Refusal::TooMany`] if the limit has been reached.
    pub(crate) fn count_attempt(&self, ip: IpAddr, what: &str, now: Millis) -> Result<(), Refusal> {
        self.attempts().begin(ip, what, now)
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
        if let Some(session) = hash_of(token)
            && let Err(error) = self.store.end_session(session).await
        {
            tracing::error!(%error, "failed to end a session");
        }
    }

    /// Returns a channel that receives the hashes of sessions as they end, so that their sockets can be closed.
    pub fn ended(&self) -> broadcast::Receiver<[u8; 32]> {
        self.store.ended_sessions()
    }

    async fn matches(&self, password: String, known_hash: Option<String>) -> Result<bool, Refusal> {
        /// The hash to compare with if the email address is unknown, so that the timing is the same.
        static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password("nobody"));

        let _guard = self.passwords.acquire().await.map_err(|_| Refusal::Unexpected)?;
        tokio::task::spawn_blocking(move || {
            let hash = known_hash.as_deref().unwrap_or(&NOBODY);
            let matches = Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
            matches && known_hash.is_some()
        })
        .await
        .map_err(|_| Refusal::Unexpected)
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the Argon2id hash of a password as a PHC string.
///
/// This function is slow and blocks the thread, so do not call it directly from async code.
pub fn hash_password(password: &str) -> String {
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).expect("the default parameters are valid");
    hash.to_string()
}

/// Recent failed attempts. Successful attempts do not count. Otherwise, a busy office behind a single address would
/// lock itself out.
#[derive(Default)]
struct Attempts {
    of_account: HashMap<(IpAddr, String), Vec<Millis>>,
    of_address: HashMap<IpAddr, Vec<Millis>>,
    /// When each account was first refused.
    refused: HashMap<(IpAddr, String), Millis>,
}

impl Attempts {
    fn begin(&mut self, ip: IpAddr, email: &str, now: Millis) -> Result<(), Refusal> {
        let recent = |tries: &mut Vec<Millis>| {
            tries.retain(|at| now - at < ATTEMPT_WINDOW);
            !tries.is_empty()
        };
        self.of_account.retain(|_, tries| recent(tries));
        self.of_address.retain(|_, tries| recent(tries));
        let account = self.of_account.entry((ip, email.to_owned())).or_default();
        let mut nowhere = Vec::new();
        let address = if ip == ANY_ADDRESS { &mut nowhere } else { self.of_address.entry(ip).or_default() };
        for (tries, most) in [(&*account, MAX_ACCOUNT_ATTEMPTS), (&*address, MAX_ADDRESS_ATTEMPTS)] {
            if tries.len() >= most {
                let free_at = tries[tries.len() - most] + ATTEMPT_WINDOW;
                let seconds = (free_at - now).max(0).unsigned_abs().div_ceil(1_000);
                return Err(Refusal::TooMany { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX) });
            }
        }
        account.push(now);
        address.push(now);
        Ok(())
    }

    /// Returns whether this is the account's first refusal within the window.
    fn is_first_refused(&mut self, ip: IpAddr, email: &str, now: Millis) -> bool {
        self.refused.retain(|_, at| now - *at < ATTEMPT_WINDOW);
        let key = (ip, email.to_owned());
        let is_account = self.of_account.get(&key).is_some_and(|tries| tries.len() >= MAX_ACCOUNT_ATTEMPTS);
        is_account && self.refused.insert(key, now).is_none()
    }

    fn succeeded(&mut self, ip: IpAddr, email: &str, now: Millis) {
        self.of_account.remove(&(ip, email.to_owned()));
        if let Some(tries) = self.of_address.get_mut(&ip)
            && let Some(this) = tries.iter().rposition(|at| *at == now)
        {
            tries.remove(this);
        }
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

fn hash_token(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[expect(clippy::needless_pass_by_value, reason = "used with `map_err`")]
fn unexpected(error: StoreError) -> Refusal {
    tracing::error!(%error, "sign-in failed");
    error.refusal()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn sixth_failed_sign_in_within_the_window_is_rate_limited() {
        let mut tries = Attempts::default();
        for at in 0..5 {
            assert_eq!(tries.begin(HOME, "ann@shop.test", at * 1_000), Ok(()));
        }
        assert_eq!(tries.begin(HOME, "ann@shop.test", 5_000), Err(Refusal::TooMany { retry_after: 895 }));
        assert!(tries.is_first_refused(HOME, "ann@shop.test", 5_000), "the first refusal is reported once");
        assert!(!tries.is_first_refused(HOME, "ann@shop.test", 6_000));
        assert_eq!(tries.begin(HOME, "bob@shop.test", 5_000), Ok(()));
        assert!(!tries.is_first_refused(HOME, "bob@shop.test", 5_000));
        assert_eq!(tries.begin(HOME, "ann@shop.test", ATTEMPT_WINDOW), Ok(()));
    }

    #[test]
    fn successful_sign_in_does_not_count() {
        let mut tries = Attempts::default();
        for at in 0..100 {
            assert_eq!(tries.begin(HOME, "ann@shop.test", at), Ok(()));
            tries.succeeded(HOME, "ann@shop.test", at);
        }
    }
}
