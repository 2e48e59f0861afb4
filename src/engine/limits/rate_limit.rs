//! A rate limit: how often each key may do something.

use std::{
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use protocol::{Millis, refusal::Refusal};

use super::{
    seconds,
    windows::{Rate, SlidingWindows},
};

/// Counts the events of each key, and refuses those beyond its rates.
#[derive(Debug)]
pub(crate) struct RateLimit<K> {
    rates: Vec<Rate>,
    counted: Mutex<SlidingWindows<K>>,
}

impl<K: Copy + Eq + Hash> RateLimit<K> {
    /// Creates a limit: all rates apply.
    pub(super) fn new(rates: Vec<Rate>) -> Self {
        let counted = Mutex::new(SlidingWindows::for_rates(&rates));
        Self { rates, counted }
    }

    /// Checks that one more event would be admitted.
    ///
    /// # Errors
    /// `TooMany` if not.
    pub(crate) fn check(&self, key: K, now: Millis) -> Result<(), Refusal> {
        match self.lock().wait(key, &self.rates, now) {
            0 => Ok(()),
            wait => Err(Refusal::TooMany { retry_after: seconds(wait) }),
        }
    }

    /// Counts one more event. Returns the time under which [`Self::withdraw`] finds it.
    ///
    /// # Errors
    /// `TooMany` if a rate is exceeded; the event is then not counted.
    pub(crate) fn try_count(&self, key: K, now: Millis) -> Result<Millis, Refusal> {
        let mut counted = self.lock();
        match counted.wait(key, &self.rates, now) {
            0 => Ok(counted.record(key, now)),
            wait => Err(Refusal::TooMany { retry_after: seconds(wait) }),
        }
    }

    /// Returns how many events a key had within the longest of the rates.
    pub(crate) fn recent(&self, key: K, now: Millis) -> usize {
        self.lock().count(key, now)
    }

    /// Counts one more event, even beyond the rates.
    pub(crate) fn count(&self, key: K, now: Millis) {
        self.lock().record(key, now);
    }

    /// Removes an event that did not happen.
    pub(crate) fn withdraw(&self, key: K, at: Millis) {
        self.lock().withdraw(key, at);
    }

    fn lock(&self) -> MutexGuard<'_, SlidingWindows<K>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
