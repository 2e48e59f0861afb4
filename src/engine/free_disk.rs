//! Watches the free disk space. When it falls below a minimum, visitors' writes are refused, so that agents can keep
//! working and the database can still be compacted and backed up.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use protocol::refusal::Refusal;

use crate::settings::DiskSettings;

/// How often the free space is checked.
pub(crate) const SAMPLED_EVERY: Duration = Duration::from_secs(5);
/// The free space before the first check.
const UNKNOWN: u64 = u64::MAX;

/// The free space at the last check, and what follows from it.
#[derive(Debug)]
pub(crate) struct FreeDisk {
    settings: DiskSettings,
    bytes: AtomicU64,
    is_low: AtomicBool,
}

/// The free disk space, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeDiskStats {
    /// The free bytes, or `None` if they are not known.
    pub bytes: Option<u64>,
    /// Whether visitors' writes are refused.
    pub is_low: bool,
}

impl FreeDisk {
    pub(crate) fn new(settings: DiskSettings) -> Self {
        Self { settings, bytes: AtomicU64::new(UNKNOWN), is_low: AtomicBool::default() }
    }

    /// Checks the free space. The file system with the least free space counts. If one cannot be read, nothing changes.
    pub(crate) fn sample(&self) {
        let free = |folder: &PathBuf| {
            let stats = rustix::fs::statvfs(folder).inspect_err(|error| {
                tracing::debug!(%error, folder = %folder.display(), "failed to look up the free disk space");
            });
            stats.ok().map(|stats| stats.f_bavail.saturating_mul(stats.f_frsize))
        };
        let all: Option<Vec<u64>> = self.settings.folders.iter().map(free).collect();
        if let Some(bytes) = all.and_then(|all| all.into_iter().min()) {
            self.record(bytes);
        }
    }

    /// Records the free space. Writes are accepted again once the free space is a tenth above the minimum, so that the
    /// state does not flip back and forth.
    pub(crate) fn record(&self, bytes: u64) {
        self.bytes.store(bytes, Relaxed);
        let floor = self.settings.min_free_disk_bytes;
        let was_low = self.is_low.load(Relaxed);
        let is_low = bytes < if was_low { floor.saturating_add(floor / 10) } else { floor };
        self.is_low.store(is_low, Relaxed);
        match (was_low, is_low) {
            (false, true) => {
                tracing::error!(free = bytes, floor, "too little free disk space: visitors cannot write any more");
            }
            (true, false) => tracing::warn!(free = bytes, floor, "enough free disk space: visitors can write again"),
            _ => {}
        }
    }

    /// Returns whether visitors' writes are refused.
    pub(crate) fn is_low(&self) -> bool {
        self.is_low.load(Relaxed)
    }

    /// Checks that a visitor may write.
    ///
    /// # Errors
    /// Returns [`Refusal::StorageFull`] if there is too little free space. The visitor's browser keeps the message and
    /// sends it again.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if self.is_low() { Err(Refusal::StorageFull) } else { Ok(()) }
    }

    pub(crate) fn stats(&self) -> FreeDiskStats {
        let bytes = Some(self.bytes.load(Relaxed)).filter(|bytes| *bytes != UNKNOWN);
        FreeDiskStats { bytes, is_low: self.is_low() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(min_free_disk_bytes: u64) -> FreeDisk {
        FreeDisk::new(DiskSettings { folders: vec![std::env::temp_dir()], min_free_disk_bytes })
    }

    #[test]
    fn writes_are_refused_below_the_floor_until_there_is_clearly_more() {
        let disk = disk(1_000);
        assert_eq!((disk.check(), disk.stats().bytes), (Ok(()), None), "before the first look");
        for (free, is_low) in
            [(1_000, false), (999, true), (1_000, true), (1_099, true), (1_100, false), (1_000, false), (0, true)]
        {
            disk.record(free);
            assert_eq!((disk.is_low(), disk.stats().bytes), (is_low, Some(free)));
        }
        assert_eq!(disk.check(), Err(Refusal::StorageFull));
    }

    #[test]
    fn free_space_of_the_fullest_file_system_is_looked_up() {
        let disk = disk(0);
        disk.sample();
        assert!(disk.stats().bytes.is_some_and(|bytes| bytes > 0));
        assert_eq!(disk.check(), Ok(()));
        let missing = DiskSettings { folders: vec!["/missing".into()], min_free_disk_bytes: u64::MAX };
        let unknown = FreeDisk::new(missing);
        unknown.sample();
        assert_eq!((unknown.check(), unknown.stats().bytes), (Ok(()), None));
    }
}
