//! Limits the audit log lines about frequent events: reading, signing in, and guessing passwords or codes. Paging,
//! reconnecting and a night of guessing must not bury the other lines.

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Mutex, PoisonError},
};

use protocol::Millis;

use super::{
    HOUR,
    windows::{Rate, SlidingWindows},
};

/// Decides which lines are written.
#[derive(Debug)]
pub(crate) struct AuditLineLimit {
    keys: RandomState,
    tables: Mutex<Tables>,
}

#[derive(Debug)]
struct Tables {
    lines: SlidingWindows<u64>,
    groups: SlidingWindows<u64>,
}

impl AuditLineLimit {
    /// The maximum number of lines per group and hour.
    pub(crate) const PER_GROUP: u32 = 20;

    pub(crate) fn new() -> Self {
        let tables = Tables { lines: SlidingWindows::new(HOUR, 1), groups: SlidingWindows::new(HOUR, Self::PER_GROUP) };
        Self { keys: RandomState::new(), tables: Mutex::new(tables) }
    }

    /// Returns whether to write a line: it is the first one with this content within an hour, and its group, if any,
    /// has had fewer than [`Self::PER_GROUP`].
    pub(crate) fn admits(&self, line: &impl Hash, group: Option<&impl Hash>, now: Millis) -> bool {
        let (line, group) = (self.keys.hash_one(line), group.map(|group| self.keys.hash_one(group)));
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if tables.lines.count(line, now) > 0 {
            return false;
        }
        if let Some(group) = group {
            if tables.groups.wait(group, &[Rate { most: Self::PER_GROUP, within: HOUR }], now) > 0 {
                return false;
            }
            tables.groups.record(group, now);
        }
        tables.lines.record(line, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_line_is_written_once_an_hour() {
        let limit = AuditLineLimit::new();
        let admits = |line: &str, now| limit.admits(&line, None::<&()>, now);
        assert_eq!([admits("ann reads 1", 0), admits("ann reads 1", 1), admits("ann reads 2", 1)], [true, false, true]);
        assert_eq!([admits("ann reads 1", HOUR - 1), admits("ann reads 1", HOUR)], [false, true]);
    }

    #[test]
    fn group_is_bounded_however_its_lines_differ() {
        let limit = AuditLineLimit::new();
        let written = (0..10_000).filter(|line| limit.admits(line, Some(&"ann"), 0)).count();
        assert_eq!(written, AuditLineLimit::PER_GROUP as usize);
        assert!(!limit.admits(&0, Some(&"bob"), 0) && limit.admits(&10_001, Some(&"bob"), 0));
        assert!(limit.admits(&10_002, Some(&"ann"), HOUR));
    }
}
