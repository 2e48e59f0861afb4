//! Limits how much runs at the same time, in total and per key, such as a network or an organization.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts what is running. Keys are counted only while something of theirs is running, so the total limit also bounds
/// the table.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit<K> {
    most: u32,
    running: Mutex<Running<K>>,
}

#[derive(Debug)]
struct Running<K> {
    total: u32,
    per_key: HashMap<K, u32>,
}

/// A permit to run. Dropping it releases it.
#[derive(Debug)]
pub(crate) struct ConcurrencyPermit<K: Copy + Eq + Hash> {
    limit: Arc<ConcurrencyLimit<K>>,
    key: Option<K>,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The limit per key.
    Key,
    /// The total limit.
    Total,
}

impl<K: Copy + Eq + Hash> ConcurrencyLimit<K> {
    pub(crate) fn new(most: u32) -> Arc<Self> {
        Arc::new(Self { most, running: Mutex::new(Running { total: 0, per_key: HashMap::new() }) })
    }

    /// Admits one more. `key` comes with the maximum number for that key; without a key, only the total limit applies.
    ///
    /// # Errors
    /// Returns which limit was reached.
    pub(crate) fn try_acquire(self: &Arc<Self>, key: Option<(K, u32)>) -> Result<ConcurrencyPermit<K>, Full> {
        let mut running = self.lock();
        if let Some((key, most)) = key
            && running.per_key.get(&key).copied().unwrap_or_default() >= most
        {
            return Err(Full::Key);
        }
        if running.total >= self.most {
            return Err(Full::Total);
        }
        running.total += 1;
        let key = key.map(|(key, _)| key);
        if let Some(key) = key {
            *running.per_key.entry(key).or_default() += 1;
        }
        Ok(ConcurrencyPermit { limit: Arc::clone(self), key })
    }

    /// Returns how many are running.
    pub(crate) fn running(&self) -> u32 {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Running<K>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for ConcurrencyPermit<K> {
    fn drop(&mut self) {
        let mut running = self.limit.lock();
        running.total -= 1;
        if let Some(key) = self.key
            && let Some(count) = running.per_key.get_mut(&key)
        {
            *count -= 1;
            if *count == 0 {
                running.per_key.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_leaves_room_for_others_and_counts_are_released() {
        let limit = ConcurrencyLimit::new(3);
        let first = limit.try_acquire(Some(('a', 2))).expect("there is room");
        let _second = limit.try_acquire(Some(('a', 2))).expect("there is room");
        assert_eq!(limit.try_acquire(Some(('a', 2))).err(), Some(Full::Key));
        assert_eq!(limit.try_acquire(Some(('b', 0))).err(), Some(Full::Key), "nothing is allowed");
        let _other = limit.try_acquire(Some(('b', 2))).expect("another key has its own limit");
        assert_eq!(limit.try_acquire(Some(('c', 2))).err(), Some(Full::Total));
        assert_eq!(limit.try_acquire(None).err(), Some(Full::Total));
        drop(first);
        assert!(limit.try_acquire(Some(('a', 2))).is_ok());
        drop((_second, _other));
        assert!(limit.lock().per_key.is_empty() && limit.running() == 0);
    }
}
