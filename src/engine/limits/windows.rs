//! Sliding windows that count recent events per key. Memory and the work per event are bounded, no matter which keys
//! strangers make up.

use std::{collections::VecDeque, hash::Hash};

use protocol::Millis;

use super::table::Table;

/// How far the clock may be behind an event before the event is ignored, in ms. Otherwise, after the clock was set back,
/// everybody would wait until it caught up.
const CLOCK_TOLERANCE: Millis = 60_000;

/// How often something may happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// The maximum number of times.
    pub(super) most: u32,
    /// Within this time, in ms.
    pub(super) within: Millis,
}

/// The events of the last time, per key.
#[derive(Debug)]
pub(super) struct SlidingWindows<K> {
    within: Millis,
    /// The maximum number of events per key; a new one replaces the oldest.
    max_events: usize,
    events: Table<K, VecDeque<Millis>>,
}

impl<K: Copy + Eq + Hash> SlidingWindows<K> {
    /// Creates windows in which events count for `within` ms.
    pub(super) fn new(within: Millis, max_events: u32) -> Self {
        Self { within, max_events: usize::try_from(max_events).unwrap_or(usize::MAX).max(1), events: Table::new() }
    }

    /// Creates windows that can decide these rates.
    pub(super) fn for_rates(rates: &[Rate]) -> Self {
        let within = rates.iter().map(|rate| rate.within).max().unwrap_or_default();
        Self::new(within, rates.iter().map(|rate| rate.most).max().unwrap_or_default())
    }

    /// Returns how many events of a key count.
    pub(super) fn count(&mut self, key: K, now: Millis) -> usize {
        self.current(key, now).map_or(0, |events| events.len())
    }

    /// Returns the time of a key's latest event that still counts.
    pub(super) fn latest(&mut self, key: K, now: Millis) -> Option<Millis> {
        self.current(key, now)?.back().copied()
    }

    /// Returns how long to wait until one more event of the key is within the rates, in ms; 0: not at all.
    pub(super) fn wait(&mut self, key: K, rates: &[Rate], now: Millis) -> Millis {
        let Some(events) = self.current(key, now) else { return 0 };
        let wait = |rate: &Rate| {
            let most = usize::try_from(rate.most).unwrap_or(usize::MAX).max(1);
            let oldest = events.len().checked_sub(most).map(|at| events[at]);
            oldest.map_or(0, |oldest| (oldest.saturating_add(rate.within) - now).max(0))
        };
        rates.iter().map(wait).max().unwrap_or_default()
    }

    /// Records an event. Returns the time under which [`Self::withdraw`] finds it.
    pub(super) fn record(&mut self, key: K, now: Millis) -> Millis {
        let (within, max_events) = (self.within, self.max_events);
        let events = self.events.entry(key, |events| {
            drop_outdated(events, within, now);
            events.len() as u64
        });
        if events.len() >= max_events {
            events.pop_front();
        }
        // Events stay in order when the clock was set back a little.
        let at = events.back().map_or(now, |last| now.max(*last));
        events.push_back(at);
        at
    }

    /// Removes one event that turned out not to count.
    pub(super) fn withdraw(&mut self, key: K, at: Millis) {
        if let Some(events) = self.events.get_mut(key)
            && let Some(place) = events.iter().rposition(|event| *event == at)
        {
            events.remove(place);
        }
    }

    /// Removes all events of a key. The key itself is removed when its turn comes.
    pub(super) fn clear(&mut self, key: K) {
        if let Some(events) = self.events.get_mut(key) {
            events.clear();
        }
    }

    fn current(&mut self, key: K, now: Millis) -> Option<&VecDeque<Millis>> {
        let within = self.within;
        let events = self.events.get_mut(key)?;
        drop_outdated(events, within, now);
        Some(events)
    }
}

fn drop_outdated(events: &mut VecDeque<Millis>, within: Millis, now: Millis) {
    while events.front().is_some_and(|first| now - first >= within) {
        events.pop_front();
    }
    while events.back().is_some_and(|last| last - now > CLOCK_TOLERANCE) {
        events.pop_back();
    }
    if events.is_empty() {
        // A key that was busy once does not keep its memory.
        events.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [Rate; 2] = [Rate { most: 2, within: 10 }, Rate { most: 3, within: 100 }];

    /// Records an event at each time that the rates allow, and returns those times.
    fn admitted(times: impl IntoIterator<Item = Millis>) -> Vec<Millis> {
        let mut windows = SlidingWindows::for_rates(&RATES);
        let mut admit = |at: &Millis| windows.wait('a', &RATES, *at) == 0 && windows.record('a', *at) == *at;
        times.into_iter().filter(|at| admit(at)).collect()
    }

    #[test]
    fn every_rate_holds_in_every_window() {
        assert_eq!(admitted(0..10), [0, 1]);
        assert_eq!(admitted([0, 9, 10, 11, 99, 100, 108, 109, 110]), [0, 9, 10, 100, 109, 110]);
    }

    #[test]
    fn wait_ends_when_the_event_is_allowed() {
        let mut windows = SlidingWindows::for_rates(&RATES);
        for at in [0, 4, 20] {
            assert_eq!(windows.wait('a', &RATES, at), 0);
            windows.record('a', at);
        }
        assert_eq!(windows.wait('a', &RATES, 21), 79);
        assert_eq!(windows.wait('b', &RATES, 21), 0);
        assert_eq!(windows.wait('a', &RATES, 100), 0);
    }

    #[test]
    fn withdrawn_and_cleared_events_do_not_count() {
        let mut windows = SlidingWindows::new(100, 9);
        let at = windows.record('a', 5);
        windows.record('a', 6);
        windows.withdraw('a', at);
        assert_eq!(windows.count('a', 7), 1);
        windows.clear('a');
        assert_eq!(windows.count('a', 7), 0);
        windows.record('a', 8);
        assert_eq!(windows.events.keys(), ['a'], "a key is in the round once");
    }

    #[test]
    fn table_is_bounded_and_shrinks() {
        let mut windows = SlidingWindows::new(100, 9);
        windows.events.max_keys = 50;
        for key in 0..500 {
            windows.record(key, 0);
            assert!(windows.events.keys().len() <= 50, "{key}");
        }
        for key in 1_000..1_060 {
            windows.record(key, 200);
        }
        assert!(windows.events.keys().iter().all(|key| *key >= 1_000), "{:?}", windows.events);
        for at in (1_000..).step_by(1_000).take(60) {
            windows.record(7, at);
            windows.record(at, at);
        }
        assert!(windows.events.keys().len() < 5, "{:?}", windows.events);
    }

    #[test]
    fn busy_key_outlives_a_flood_of_others() {
        let mut windows = SlidingWindows::new(100, 5);
        windows.events.max_keys = 50;
        for _ in 0..5 {
            windows.record(0, 0);
        }
        for key in 1..5_000 {
            windows.record(key, 0);
        }
        assert_eq!(windows.count(0, 1), 5);
    }

    #[test]
    fn clock_that_was_set_back_locks_nobody_out() {
        let mut windows = SlidingWindows::for_rates(&[Rate { most: 1, within: 1_000 }]);
        windows.record('a', 100 * CLOCK_TOLERANCE);
        assert_eq!(windows.wait('a', &[Rate { most: 1, within: 1_000 }], 50 * CLOCK_TOLERANCE), 0);
    }
}
