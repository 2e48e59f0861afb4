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
    refusal::Refusal,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, broadcast};

use crate::store::{Store, StoreError};

/// Argon2id takes 19 MiB a password: more at once would let anyone fill the memory.
const PASSWORDS_AT_ONCE: usize = 2;
/// The longest password that is looked at.
const PASSWORD_BYTES: usize = 1_024;
const TRIES_WITHIN: Millis = 15 * 60 * 1_000;
const TRIES_OF_ACCOUNT: usize = 5;
const TRIES_OF_ADDRESS: usize = 20;

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
    /// The hash of his session's token.
    pub session: [u8; 32],
}

/// The sessions of agents. Clones are the same sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    passwords: Arc<Semaphore>,
    tries: Arc<Mutex<Tries>>,
}

impl Sessions {
    /// Sessions kept in a store.
    pub fn new(store: Store) -> Self {
        Self { store, passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)), tries: Arc::default() }
    }

    /// Begins a session: its token, and who it is.
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
    ) -> Result<(String, Principal), Refusal> {
        let email = email.trim().to_lowercase();
        // Counted before it is known how the try ends, or a thousand at once would each find room.
        self.tries().begin(ip, &email, now)?;
        if password.len() > PASSWORD_BYTES {
            return Err(Refusal::WrongCredentials);
        }
        let agent = self.store.agent_by_email(&email).await.map_err(unexpected)?.filter(|agent| agent.active);
        let known_hash = agent.as_ref().map(|agent| agent.password_hash.clone());
        let matches = self.matches(password.to_owned(), known_hash).await?;
        let agent = agent.filter(|_| matches).ok_or(Refusal::WrongCredentials)?;
        self.tries().succeeded(ip, &email, now);

        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| Refusal::Unexpected)?;
        let session = hash_token(&secret);
        self.store.add_session(session, agent.id, now, user_agent).await.map_err(unexpected)?;
        let principal = Principal {
            agent: agent.id,
            organization: agent.organization,
            role: agent.role,
            name: agent.name,
            session,
        };
        Ok((URL_SAFE_NO_PAD.encode(secret), principal))
    }

    /// Whose session a token is, while it lasts.
    pub async fn principal(&self, token: &str, now: Millis) -> Option<Principal> {
        let found = self.store.session(hash_of(token)?, now).await;
        found.inspect_err(|error| tracing::error!(%error, "a session could not be read")).ok().flatten()
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

        let _turn = self.passwords.acquire().await.map_err(|_| Refusal::Unexpected)?;
        tokio::task::spawn_blocking(move || {
            let hash = known_hash.as_deref().unwrap_or(&NOBODY);
            let matches = Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
            matches && known_hash.is_some()
        })
        .await
        .map_err(|_| Refusal::Unexpected)
    }

    fn tries(&self) -> std::sync::MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
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
struct Tries {
    of_account: HashMap<(IpAddr, String), Vec<Millis>>,
    of_address: HashMap<IpAddr, Vec<Millis>>,
}

impl Tries {
    fn begin(&mut self, ip: IpAddr, email: &str, now: Millis) -> Result<(), Refusal> {
        let recent = |tries: &mut Vec<Millis>| {
            tries.retain(|at| now - at < TRIES_WITHIN);
            !tries.is_empty()
        };
        self.of_account.retain(|_, tries| recent(tries));
        self.of_address.retain(|_, tries| recent(tries));
        let account = self.of_account.entry((ip, email.to_owned())).or_default();
        let address = self.of_address.entry(ip).or_default();
        for (tries, most) in [(&*account, TRIES_OF_ACCOUNT), (&*address, TRIES_OF_ADDRESS)] {
            if tries.len() >= most {
                let free_at = tries[tries.len() - most] + TRIES_WITHIN;
                let seconds = (free_at - now).max(0).unsigned_abs().div_ceil(1_000);
                return Err(Refusal::TooMany { retry_after: u32::try_from(seconds).unwrap_or(u32::MAX) });
            }
        }
        account.push(now);
        address.push(now);
        Ok(())
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

fn hash_of(token: &str) -> Option<[u8; 32]> {
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
    fn the_sixth_failed_try_within_a_quarter_of_an_hour_must_wait() {
        let mut tries = Tries::default();
        for at in 0..5 {
            assert_eq!(tries.begin(HOME, "ann@shop.test", at * 1_000), Ok(()));
        }
        assert_eq!(tries.begin(HOME, "ann@shop.test", 5_000), Err(Refusal::TooMany { retry_after: 895 }));
        assert_eq!(tries.begin(HOME, "bob@shop.test", 5_000), Ok(()));
        assert_eq!(tries.begin(HOME, "ann@shop.test", TRIES_WITHIN), Ok(()));
    }

    #[test]
    fn a_try_that_succeeds_does_not_count() {
        let mut tries = Tries::default();
        for at in 0..100 {
            assert_eq!(tries.begin(HOME, "ann@shop.test", at), Ok(()));
            tries.succeeded(HOME, "ann@shop.test", at);
        }
    }
}
