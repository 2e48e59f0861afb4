//! How long to wait before the next attempt to connect.

/// A connection that lived for this long, in ms, ends a series of failures. The server may welcome a dashboard and close
/// it right afterward, so the welcome alone must not.
const SETTLED_MS: i64 = 30_000;
const SHORTEST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 30_000.0;

/// Returns the number of failures in a row after a connection was lost. `lived_ms` is the time since its welcome.
pub(super) fn failures_after(failures: u32, lived_ms: Option<i64>) -> u32 {
    if lived_ms.is_some_and(|lived| lived >= SETTLED_MS) { 0 } else { failures.saturating_add(1) }
}

/// Returns the delay in ms before the attempt after this many failures, with full jitter (`random` is in 0..1), so that a
/// thousand dashboards do not reconnect at the same moment.
pub(super) fn delay(failures: u32, random: f64) -> f64 {
    (random * LONGEST_MS.min(SHORTEST_MS * f64::from(2_u32.pow(failures.min(10) + 1)))).max(SHORTEST_MS)
}

/// Returns the delay in ms when the server requested `at_least` ms.
pub(super) fn requested_delay(at_least: u32, random: f64) -> f64 {
    f64::from(at_least) + random * SHORTEST_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_closed_right_after_the_welcome_are_retried_ever_more_slowly() {
        let failures = (0..8).fold(0, |failures, _| failures_after(failures, Some(200)));
        assert_eq!(failures, 8);
        assert!(delay(failures, 0.999) > 29_000.0 && delay(0, 0.999) <= 1_000.0);
        assert_eq!(failures_after(failures, Some(SETTLED_MS)), 0);
        assert_eq!(failures_after(u32::MAX, None), u32::MAX);
        assert!((500.0..=30_000.0).contains(&delay(u32::MAX, 0.0)));
        assert!(requested_delay(4_000, 0.5) > 4_000.0);
    }
}
