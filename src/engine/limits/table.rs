//! A table with a bounded number of keys, which strangers can make up. The work for each new key is bounded as well:
//! the whole table is never scanned.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// The maximum number of keys in one table.
const MAX_KEYS: usize = 50_000;
/// How many keys are checked for each new key, to remove those that no longer count. More than one, so that the table
/// shrinks.
const CHECKED: usize = 2;
/// When the table is full, the least busy of this many keys is removed, so a stranger with many addresses cannot make
/// the server forget an address that is at its limit.
const CANDIDATES: usize = 8;

/// A value for each key.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    pub(super) max_keys: usize,
    values: HashMap<K, V>,
    /// Every key of `values` exactly once, in the order in which they are checked.
    round: VecDeque<K>,
}

impl<K: Copy + Eq + Hash, V: Default> Table<K, V> {
    pub(super) fn new() -> Self {
        Self { max_keys: MAX_KEYS, values: HashMap::new(), round: VecDeque::new() }
    }

    /// Returns the value of a key, if there is one.
    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.values.get_mut(&key)
    }

    /// Returns the value of a key, after making room for it. `weigh` returns how busy a key is; 0 means it no longer
    /// counts.
    pub(super) fn entry(&mut self, key: K, weigh: impl Fn(&mut V) -> u64) -> &mut V {
        if !self.values.contains_key(&key) {
            self.make_room(weigh);
            self.round.push_back(key);
        }
        self.values.entry(key).or_default()
    }

    /// Removes keys that no longer count, and, if the table is full, one that does.
    fn make_room(&mut self, weigh: impl Fn(&mut V) -> u64) {
        let is_full = self.values.len() >= self.max_keys;
        let mut least = None;
        for _ in 0..if is_full { CANDIDATES } else { CHECKED } {
            let Some(key) = self.round.pop_front() else { break };
            let weight = self.values.get_mut(&key).map_or(0, &weigh);
            if weight == 0 {
                self.values.remove(&key);
                continue;
            }
            self.round.push_back(key);
            if least.is_none_or(|(lightest, _)| weight < lightest) {
                least = Some((weight, key));
            }
        }
        if self.values.len() >= self.max_keys
            && let Some((_, key)) = least
        {
            self.values.remove(&key);
            // It is one of the keys that were just put back.
            if let Some(place) = self.round.iter().rposition(|other| *other == key) {
                self.round.remove(place);
            }
        }
    }
}

#[cfg(test)]
impl<K: Copy + Eq + Hash, V> Table<K, V> {
    /// Returns the keys, after checking that each of them is in the round exactly once.
    pub(super) fn keys(&self) -> Vec<K> {
        assert_eq!(self.values.len(), self.round.len());
        assert!(self.round.iter().all(|key| self.values.contains_key(key)));
        self.round.iter().copied().collect()
    }
}
