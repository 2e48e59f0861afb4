//! CPU and memory usage of a local process, from Linux's /proc.

use std::{fs, time::Instant};

/// The number of clock ticks per second (`USER_HZ`), the unit of CPU time in /proc. It is the same on all Linux
/// systems.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process's resource usage at one point in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    at: Instant,
    cpu_seconds: f64,
    /// The resident memory, in KiB.
    pub(crate) resident: u64,
    /// The peak resident memory, in KiB.
    pub(crate) most: u64,
}

impl Usage {
    /// Reads the usage of a process. Returns `None` if the process does not exist or /proc is not available.
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

    /// Returns the CPU usage since an earlier sample, as a percentage of one core.
    pub(crate) fn cpu_since(&self, before: &Self) -> f64 {
        let seconds = self.at.duration_since(before.at).as_secs_f64();
        if seconds > 0.0 { 100.0 * (self.cpu_seconds - before.cpu_seconds) / seconds } else { 0.0 }
    }
}

/// Parses the total user and kernel CPU ticks. The process name in parentheses may contain any characters, so parsing
/// starts after the last `)`.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let after_name = &stat[stat.rfind(')')? + 1..];
    let mut fields = after_name.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// Returns the load average over the last minute. If it exceeds the number of cores, the measurements are unreliable.
pub(crate) fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_read_after_any_process_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 100 1000 10";
        assert_eq!(cpu_ticks(stat), Some(300));
    }

    #[test]
    fn usage_of_own_process_is_read() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident > 0 && usage.most >= usage.resident);
    }
}
