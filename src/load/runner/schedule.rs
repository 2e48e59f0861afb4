//! Schedules for actions. Actions are due at fixed intervals after a random start, no matter how fast the server
//! responds.

use std::time::Duration;

use rand::{RngExt, rngs::StdRng};
use tokio::time::Instant;

/// A schedule for one kind of action.
#[derive(Debug)]
pub(super) struct Plan {
    every: Option<Duration>,
    /// The delay before the first action.
    first: Duration,
    /// When the next action is due.
    pub(super) at: Option<Instant>,
    /// The number of actions taken so far.
    pub(super) said: u32,
}

impl Plan {
    /// Creates the schedule for one of `many` senders that together act `rate` times per second.
    pub(super) fn new(rate: f64, many: u32, random: &mut StdRng) -> Self {
        let every = (rate > 0.0 && many > 0).then(|| Duration::from_secs_f64(f64::from(many) / rate));
        let first = every.unwrap_or_default().mul_f64(random.random_range(0.0..1.0));
        Self { every, first, at: None, said: 0 }
    }

    pub(super) fn begin(&mut self, since: Instant) {
        self.at = self.every.map(|_| since + self.first);
    }

    pub(super) fn end(&mut self) {
        self.at = None;
    }

    /// Takes the next action if it is due. Returns how late it is in microseconds, or `None` if no action is due.
    pub(super) fn take(&mut self, now: Instant) -> Option<u64> {
        let (at, every) = (self.at.filter(|at| *at <= now)?, self.every?);
        self.at = Some(at + every);
        self.said += 1;
        Some(u64::try_from(now.duration_since(at).as_micros()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[tokio::test]
    async fn many_plans_together_keep_the_rate_and_catch_up() {
        let since = Instant::now();
        let mut random = StdRng::seed_from_u64(7);
        let mut plans: Vec<_> = (0..100).map(|_| Plan::new(50.0, 100, &mut random)).collect();
        plans.iter_mut().for_each(|plan| plan.begin(since));
        let at = since + Duration::from_secs(10);
        for plan in &mut plans {
            while plan.take(at).is_some() {}
        }
        assert_eq!(plans.iter().map(|plan| plan.said).sum::<u32>(), 500);
        assert!(plans.iter().all(|plan| plan.at.is_some_and(|next| next > at)));
    }

    #[test]
    fn without_a_rate_nothing_is_planned() {
        let mut plan = Plan::new(0.0, 100, &mut StdRng::seed_from_u64(7));
        plan.begin(Instant::now());
        assert_eq!(plan.at, None);
    }
}
