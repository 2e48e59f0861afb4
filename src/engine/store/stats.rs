//! Statistics about the store since it was opened: commit durations and the number of writes and messages.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use super::Store;

/// The upper bounds of the buckets for commit durations, in milliseconds. They range from a fast disk to a failing one.
const BOUNDS_MS: [u64; 11] = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000];

/// The atomic counters behind [`StoreStats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    messages: AtomicU64,
    writes: AtomicU64,
    failed: AtomicU64,
    /// One bucket for each bound, and one for longer commits.
    commits: [AtomicU64; BOUNDS_MS.len() + 1],
    micros: AtomicU64,
}

/// Statistics about the store since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// The number of stored messages, not counting duplicates.
    pub messages: u64,
    /// The number of writes currently waiting in the queue.
    pub waiting: u64,
    /// The number of committed writes.
    pub writes: u64,
    /// The number of groups of writes that could not be committed.
    pub failed: u64,
    /// Durations in milliseconds, each with the number of commits that took no longer than that.
    pub within: Vec<(u64, u64)>,
    /// The number of commits.
    pub commits: u64,
    /// The total duration of all commits.
    pub took: Duration,
}

impl Counters {
    /// Records a group of writes that was committed or failed to commit.
    pub(super) fn record_commit(&self, writes: usize, took: Duration, done: bool) {
        let bound = BOUNDS_MS.iter().position(|bound| took <= Duration::from_millis(*bound));
        self.commits[bound.unwrap_or(BOUNDS_MS.len())].fetch_add(1, Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
        match done {
            true => self.writes.fetch_add(writes as u64, Relaxed),
            false => self.failed.fetch_add(1, Relaxed),
        };
    }

    pub(super) fn record_message(&self) {
        self.messages.fetch_add(1, Relaxed);
    }
}

impl Store {
    /// Returns the statistics since the store was opened.
    pub fn stats(&self) -> StoreStats {
        let counters = &self.inner.counters;
        let mut commits = 0;
        let mut up_to = |at: usize| {
            commits += counters.commits[at].load(Relaxed);
            commits
        };
        let within = BOUNDS_MS.iter().enumerate().map(|(at, bound)| (*bound, up_to(at))).collect();
        StoreStats {
            messages: counters.messages.load(Relaxed),
            waiting: self.inner.writer.waiting(),
            writes: counters.writes.load(Relaxed),
            failed: counters.failed.load(Relaxed),
            within,
            commits: up_to(BOUNDS_MS.len()),
            took: Duration::from_micros(counters.micros.load(Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commits_are_counted_by_how_long_they_took() {
        let folder = tempfile::tempdir().expect("a temporary directory is created");
        let store = Store::open(&folder.path().join("jumpin.db")).await.expect("a new store opens");
        let counters = &store.inner.counters;
        counters.record_commit(3, Duration::from_millis(1), true);
        counters.record_commit(1, Duration::from_millis(4), true);
        counters.record_commit(9, Duration::from_secs(60), false);
        let stats = store.stats();
        assert_eq!(&stats.within[..3], [(1, 1), (2, 1), (5, 2)]);
        assert_eq!((stats.within[10], stats.commits), ((5_000, 2), 3));
        assert_eq!((stats.writes, stats.failed, stats.took), (4, 1, Duration::from_millis(60_005)));
    }
}
