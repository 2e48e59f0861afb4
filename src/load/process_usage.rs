//! What a process of this machine costs, as Linux tells it in /proc.

use std::{fs, time::Instant};

/// Of how many parts of a second /proc counts CPU: the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process has cost up to a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    at: Instant,
    cpu_seconds: f64,
    /// Its memory, KiB.
    pub(crate) resident: u64,
    /// The most that it had, KiB.
    pub(crate) most: u64,
}

impl Usage {
    /// Of a process; none when there is no such, or no /proc.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let kib = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        Some(Self {
            at: Instant::now(),
            cpu_seconds: cpu_ticks(&stat)? as f64 / TICKS_PER_SECOND,
            resident: kib("VmRSS:")?,
            most: kib("VmHWM:")?,
        })
    }

    /// The share of one core since then, percent.
    pub(crate) fn cpu_since(&self, before: &Self) -> f64 {
        let seconds = self.at.duration_since(before.at).as_secs_f64();
        if seconds > 0.0 { 100.0 * (self.cpu_seconds - before.cpu_seconds) / seconds } else { 0.0 }
    }
}

/// The ticks in user and kernel. The name in brackets may hold anything, so what follows the last one is read.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// How many processes want to run, the mean of a minute: with more than there are cores, what is measured is worth little.
pub(crate) fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_read_behind_any_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 100 1000 10";
        assert_eq!(cpu_ticks(stat), Some(300));
    }

    #[test]
    fn this_very_process_is_found() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident > 0 && usage.most >= usage.resident);
    }
}
