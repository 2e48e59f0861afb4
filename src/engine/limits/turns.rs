//! Lets keys, such as organizations, take turns, so that none of them can keep the others waiting.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::refusal::Refusal;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long to wait before a retry if too many are waiting, in seconds.
const RETRY_AFTER: u32 = 5;

/// A limit in total and per key. Of each key, only as many as may run at once compete with other keys for the total
/// limit, so the keys take turns. A key is kept only while something of it waits or runs.
#[derive(Debug)]
pub(crate) struct Turns<K> {
    total: Arc<Semaphore>,
    per_key: u32,
    /// How many may wait or run for one key.
    most_of_key: u32,
    keys: Mutex<HashMap<K, Key>>,
}

#[derive(Debug)]
struct Key {
    turns: Arc<Semaphore>,
    /// How many are waiting or running.
    count: u32,
}

/// A turn, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<K: Copy + Eq + Hash> {
    _own: OwnedSemaphorePermit,
    _total: OwnedSemaphorePermit,
    _entry: Entry<K>,
}

/// Something of a key that is waiting or running.
#[derive(Debug)]
struct Entry<K: Copy + Eq + Hash> {
    turns: Arc<Turns<K>>,
    key: K,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    pub(crate) fn new(at_once: u32, per_key: u32, waiting_per_key: u32) -> Arc<Self> {
        Arc::new(Self {
            total: semaphore(at_once),
            per_key: per_key.max(1),
            most_of_key: per_key.max(1).saturating_add(waiting_per_key),
            keys: Mutex::default(),
        })
    }

    /// Waits for one of this key's turns.
    ///
    /// # Errors
    /// Returns [`Refusal::Busy`] if too many are already waiting for this key, and [`Refusal::TookTooLong`] if the turn
    /// does not come in time.
    pub(crate) async fn wait(self: &Arc<Self>, key: K, within: Duration) -> Result<Turn<K>, Refusal> {
        let (entry, own) = self.enter(key)?;
        let both = async {
            let own = own.acquire_owned().await.map_err(|_| Refusal::Unexpected)?;
            let total = self.total.clone().acquire_owned().await.map_err(|_| Refusal::Unexpected)?;
            Ok(Turn { _own: own, _total: total, _entry: entry })
        };
        timeout(within, both).await.map_err(|_| Refusal::TookTooLong)?
    }

    fn enter(self: &Arc<Self>, key: K) -> Result<(Entry<K>, Arc<Semaphore>), Refusal> {
        let mut keys = self.lock();
        let waiting = keys.entry(key).or_insert_with(|| Key { turns: semaphore(self.per_key), count: 0 });
        if waiting.count >= self.most_of_key {
            return Err(Refusal::Busy { retry_after: RETRY_AFTER });
        }
        waiting.count += 1;
        let own = Arc::clone(&waiting.turns);
        drop(keys);
        Ok((Entry { turns: Arc::clone(self), key }, own))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for Entry<K> {
    fn drop(&mut self) {
        let mut keys = self.turns.lock();
        if let Some(key) = keys.get_mut(&self.key) {
            key.count -= 1;
            if key.count == 0 {
                keys.remove(&self.key);
            }
        }
    }
}

fn semaphore(permits: u32) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(usize::try_from(permits.max(1)).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(50);

    #[tokio::test(start_paused = true)]
    async fn one_key_with_many_waiting_leaves_turns_to_others() {
        let turns = Turns::new(2, 1, 1);
        let first = turns.wait('a', SOON).await.expect("the first turn is free");
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.wait('a', Duration::from_secs(60)).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert_eq!(turns.wait('a', SOON).await.err(), Some(Refusal::Busy { retry_after: RETRY_AFTER }));
        let other = turns.wait('b', SOON).await.expect("another key has its own turn");
        assert_eq!(turns.wait('c', SOON).await.err(), Some(Refusal::TookTooLong), "both turns are taken");
        drop(other);
        assert!(turns.wait('c', SOON).await.is_ok());
        drop(first);
        assert_eq!(waiting.await.expect("no panic"), Ok(()));
        assert!(turns.lock().is_empty(), "nothing is waiting or running");
    }
}
