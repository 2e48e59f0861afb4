//! Signing in and out. A session is 32 random bytes in a cookie; the store knows only their hash.

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

/// Argon2id takes 19 MiB a password: more at once would let anyone fill the memory.
const MAX_CONCURRENT_HASHES: usize = 2;
/// Tries that are counted for an account, wherever they come from.
pub(crate) const ANY_ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
const ATTEMPT_WINDOW: Millis = 15 * 60 * 1_000;
const MAX_ACCOUNT_ATTEMPTS: usize = 5;
const MAX_ADDRESS_ATTEMPTS: usize = 20;

/// Who asks: an agent who has signed in.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who.
    pub agent: AgentId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// What he may do.
    pub role: Role,
    /// First and last name.
    pub name: String,
    /// What he reads.
    pub language: Language,
    /// The hash of his session's token.
    pub session: [u8; 32],
}

/// How far a right password leads.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// In: the token of the session, and who it is.
    Complete(String, Principal),
    /// Before the second step: a token that opens nothing else.
    SecondFactorRequired(String),
}

impl SignIn {
    /// Who is in.
    pub fn into_session(self) -> Option<(String, Principal)> {
        match self {
            Self::Complete(token, principal) => Some((token, principal)),
            Self::SecondFactorRequired(_) => None,
        }
    }
}

/// The sessions of agents. Clones are the same sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    passwords: Arc<Semaphore>,
    attempts: Arc<Mutex<Attempts>>,
}

impl Sessions {
    /// Sessions kept in a store.
    pub fn new(store: Store) -> Self {
        Self { store, passwords: Arc::new(Semaphore::new(MAX_CONCURRENT_HASHES)), attempts: Arc::default() }
    }

    /// Begins a session, or asks for the second factor of who has one.
    ///
    /// # Errors
    /// `WrongCredentials`, the same and in the same time for an unknown e-mail and a wrong password; `TooMany`.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        ip: IpAddr,
        user_agent: &str,
        now: Millis,
    ) -> Result<SignIn, Refusal> {
        // What is no address is nobody's, and takes as long.
        let email = email_address::normalize(email).unwrap_or_default();
        // Counted before it is known how the try ends, or a thousand at once would each find room.
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

    /// Whoever reads the log learns that somebody guesses: a line for each time that an account must wait, not for each try.
    fn note_refused(&self, ip: IpAddr, email: String, now: Millis) {
        if !self.attempts().is_first_refused(ip, &email, now) {
            return;
        }
        let store = self.store.clone();
        // Not waited for: how long the answer takes must not tell whether the account is there.
        tokio::spawn(async move {
            if let Err(error) = store.note_sign_ins_refused(&email, ip, now).await {
                tracing::error!(%error, "refused sign-ins could not be noted");
            }
        });
    }

    /// The second step: a code of the second factor, or a recovery code. The session is a new one.
    ///
    /// # Errors
    /// `NotSignedIn` when the first step is too long ago; `WrongCredentials`; `TooMany` after five that were wrong.
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

    /// Spends a code of an agent, wherever he types it.
    ///
    /// # Errors
    /// `WrongCredentials`; `TooMany` after five that were wrong, whoever typed them and from where.
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

    /// A session of who has shown who he is.
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

    /// Whether it is he, by his password; from then on he need not say it again for a while.
    ///
    /// # Errors
    /// `WrongCredentials`; `TooMany` after five that were wrong.
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

    /// The hash of a new password, in its turn: it takes much memory.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        let _guard = self.passwords.acquire().await.map_err(|_| Refusal::Unexpected)?;
        tokio::task::spawn_blocking(move || hash_password(&password)).await.map_err(|_| Refusal::Unexpected)
    }

    /// One more try of something that anybody may try.
    ///
    /// # Errors
    /// `TooMany`.
    pub(crate) fn count_attempt(&self, ip: IpAddr, what: &str, now: Millis) -> Result<(), Refusal> {
        self.attempts().begin(ip, what, now)
    }

    /// Whose session a token is, while it lasts.
    ///
    /// # Errors
    /// When the store fails: then it is not known, and nobody has been signed out.
    pub async fn principal(&self, token: &str, now: Millis) -> Result<Option<Principal>, Refusal> {
        let Some(hash) = hash_of(token) else { return Ok(None) };
        self.store.session(hash, now).await.map_err(|error| {
            tracing::error!(%error, "a session could not be read");
            error.refusal()
        })
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &str) {
        if let Some(session) = hash_of(token)
            && let Err(error) = self.store.end_session(session).await
        {
            tracing::error!(%error, "a session could not be ended");
        }
    }

    /// The hashes of sessions as they end, by signing out or by a new password: their sockets must close.
    pub fn ended(&self) -> broadcast::Receiver<[u8; 32]> {
        self.store.ended_sessions()
    }

    async fn matches(&self, password: String, known_hash: Option<String>) -> Result<bool, Refusal> {
        /// What an unknown e-mail's password is compared with, so that it takes as long.
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

/// The Argon2id hash of a password, as a PHC string. It takes a while: not for an async task.
pub fn hash_password(password: &str) -> String {
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).expect("invariant: the parameters are the defaults");
    hash.to_string()
}

/// Failed tries of late. Those that succeed do not count, or a busy office behind one address would lock itself out.
#[derive(Default)]
struct Attempts {
    of_account: HashMap<(IpAddr, String), Vec<Millis>>,
    of_address: HashMap<IpAddr, Vec<Millis>>,
    /// Who was refused, since when.
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

    /// Within as long as tries count.
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

/// A token for somebody to keep, and what is kept of it here.
pub(crate) fn new_token() -> Result<(String, [u8; 32]), Refusal> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| Refusal::Unexpected)?;
    Ok((URL_SAFE_NO_PAD.encode(secret), hash_token(&secret)))
}

/// What is kept of a token; none when it is none of ours.
pub(crate) fn hash_of(token: &str) -> Option<[u8; 32]> {
    let secret: [u8; 32] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    Some(hash_token(&secret))
}

fn hash_token(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unexpected(error: StoreError) -> Refusal {
    tracing::error!(%error, "signing in failed");
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
        assert!(tries.is_first_refused(HOME, "ann@shop.test", 5_000), "it is told once");
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
