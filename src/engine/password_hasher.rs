//! Hashes and checks passwords with Argon2id, which uses 19 MiB and a core for each. The number of running and waiting
//! hashes is bounded. Otherwise, anyone could exhaust the memory or keep everybody waiting.

use std::{
    sync::{Arc, LazyLock},
    thread,
};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use protocol::refusal::Refusal;
use tokio::sync::{Semaphore, oneshot};

use crate::{password, settings::SignInLimits};

/// When a refused client may try again, in seconds.
const RETRY_AFTER: u32 = 5;
/// The name of the hashing threads.
const THREAD: &str = "password";

/// Who asks for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Anyone.
    Stranger,
    /// Someone with a session, a valid link or an address from which the account has signed in. Strangers cannot take
    /// their turns away.
    Known,
}

/// The turns of those who have a password hashed. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct PasswordHashing {
    running: Arc<Semaphore>,
    /// Strangers leave one turn to others.
    strangers_running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    strangers_waiting: Arc<Semaphore>,
}

impl PasswordHashing {
    pub(crate) fn new(limits: &SignInLimits) -> Self {
        let turns = |number: u32| {
            let number = usize::try_from(number.max(1)).unwrap_or(usize::MAX);
            Arc::new(Semaphore::new(number.min(Semaphore::MAX_PERMITS)))
        };
        Self {
            running: turns(limits.max_hashing),
            strangers_running: turns(limits.max_hashing.saturating_sub(1)),
            waiting: turns(limits.max_waiting),
            strangers_waiting: turns(limits.max_waiting),
        }
    }

    /// Returns the hash of a new password.
    ///
    /// # Errors
    /// `Busy` if too many are waiting.
    pub(crate) async fn hash(&self, caller: Caller, password: String) -> Result<String, Refusal> {
        self.run(caller, move || hash_password(&password)).await
    }

    /// Returns whether a password has this hash. Without a hash, takes as long and returns `false`.
    ///
    /// # Errors
    /// `Busy` if too many are waiting.
    pub(crate) async fn matches(
        &self,
        caller: Caller,
        password: String,
        known_hash: Option<String>,
    ) -> Result<bool, Refusal> {
        /// The hash compared with when the email address is unknown, so that the timing is the same.
        static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password("nobody"));

        self.run(caller, move || {
            let hash = known_hash.as_deref().unwrap_or(&NOBODY);
            let password = password::normalize(&password);
            let matches = Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
            matches && known_hash.is_some()
        })
        .await
    }

    /// Runs work that takes a long time, in turn and outside of async tasks.
    ///
    /// # Errors
    /// `Busy` if too many are waiting.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let waiting = if caller == Caller::Known { &self.waiting } else { &self.strangers_waiting };
        let place = waiting.try_acquire().map_err(|_| Refusal::Busy { retry_after: RETRY_AFTER })?;
        let strangers_turn = match caller {
            Caller::Known => None,
            Caller::Stranger => Some(turn(&self.strangers_running).await?),
        };
        let turn = turn(&self.running).await?;
        drop(place);
        // The turn ends with the work, which goes on when the caller has gone away.
        let turns = (turn, strangers_turn);
        let (sender, done) = oneshot::channel();
        let work = move || {
            let result = work();
            drop(turns);
            // Nobody is waiting if the caller is gone.
            sender.send(result).ok();
        };
        // A separate thread that ends: a pool has many threads, and the allocator keeps the memory that each of them
        // once used.
        thread::Builder::new().name(THREAD.into()).spawn(work).map_err(|_| Refusal::Unexpected)?;
        done.await.map_err(|_| Refusal::Unexpected)
    }
}

async fn turn(turns: &Arc<Semaphore>) -> Result<tokio::sync::OwnedSemaphorePermit, Refusal> {
    Arc::clone(turns).acquire_owned().await.map_err(|_| Refusal::Unexpected)
}

/// Returns the Argon2id hash of a password as a PHC string. Slow; do not call from an async task.
pub fn hash_password(password: &str) -> String {
    let password = password::normalize(password);
    let hash: PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).expect("the default parameters are valid");
    hash.to_string()
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::mpsc};

    use futures::poll;

    use super::*;

    const BUSY: Refusal = Refusal::Busy { retry_after: RETRY_AFTER };

    fn hashing(max_hashing: u32, max_waiting: u32) -> PasswordHashing {
        PasswordHashing::new(&SignInLimits { max_hashing, max_waiting, ..SignInLimits::default() })
    }

    /// Returns work that goes on until the sender is dropped.
    fn endless() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
        let (end, ended) = mpsc::channel();
        (end, move || ended.recv().unwrap_or_default())
    }

    #[tokio::test]
    async fn caller_is_refused_at_once_when_too_many_wait() {
        let hashing = hashing(1, 2);
        let (end, work) = endless();
        let mut first = pin!(hashing.run(Caller::Stranger, work));
        let mut second = pin!(hashing.run(Caller::Stranger, || 2));
        let mut third = pin!(hashing.run(Caller::Stranger, || 3));
        assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        assert_eq!(hashing.run(Caller::Stranger, || 4).await, Err(BUSY));
        drop(end);
        assert_eq!((first.await, second.await, third.await), (Ok(()), Ok(2), Ok(3)));
        assert_eq!(hashing.run(Caller::Stranger, || 5).await, Ok(5));
    }

    #[tokio::test]
    async fn turn_is_taken_until_the_work_ends_although_the_caller_has_gone() {
        let hashing = hashing(1, 2);
        let (end, work) = endless();
        {
            let mut gone = pin!(hashing.run(Caller::Stranger, work));
            assert!(poll!(&mut gone).is_pending());
        }
        let mut next = pin!(hashing.run(Caller::Known, || 2));
        assert!(poll!(&mut next).is_pending());
        assert_eq!(hashing.running.available_permits(), 0);
        drop(end);
        assert_eq!(next.await, Ok(2));
    }

    /// In the threads of a pool, the allocator would keep 19 MiB for each of them, so strangers guessing passwords
    /// would fill the memory for good.
    #[tokio::test]
    async fn passwords_are_hashed_in_threads_that_end() {
        let hashing = hashing(2, 2);
        let mut threads = std::collections::HashSet::new();
        for _ in 0..3 {
            let run =
                hashing.run(Caller::Stranger, || (thread::current().id(), thread::current().name().map(str::to_owned)));
            let (id, name) = run.await.expect("it runs");
            assert_eq!(name.as_deref(), Some(THREAD));
            threads.insert(id);
        }
        assert_eq!(threads.len(), 3);
        let panics = hashing.run(Caller::Stranger, || panic!("on purpose"));
        assert_eq!(panics.await, Err::<(), _>(Refusal::Unexpected));
        assert_eq!(hashing.run(Caller::Stranger, || 4).await, Ok(4), "its turn has ended");
    }

    #[tokio::test]
    async fn strangers_leave_a_turn_to_known_callers() {
        let hashing = hashing(2, 1);
        let (end, work) = endless();
        let mut stranger = pin!(hashing.run(Caller::Stranger, work));
        let mut waiting = pin!(hashing.run(Caller::Stranger, || 2));
        assert!(poll!(&mut stranger).is_pending() && poll!(&mut waiting).is_pending());
        assert_eq!(hashing.run(Caller::Stranger, || 3).await, Err(BUSY));
        assert_eq!(hashing.run(Caller::Known, || 4).await, Ok(4));
        drop(end);
        assert_eq!((stranger.await, waiting.await), (Ok(()), Ok(2)));
    }
}
