//! Counters and latency histograms for a load test. Each process has its own, and the results are added up at the end.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The upper bound of the histograms, in microseconds. Longer durations are recorded as this value.
const LONGEST: u64 = 600_000_000;

/// A counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Sockets that were opened and received a welcome.
    Connected,
    /// Sockets that the server rejected.
    Rejected,
    /// Sockets closed by the server or the network.
    CutOff,
    /// Page changes sent.
    Events,
    /// Page changes received, summed across all dashboards.
    Delivered,
    /// Page changes that were replaced by a later one from the same visitor before being sent, summed across all
    /// dashboards.
    Overtaken,
    /// Batches received, summed across all dashboards.
    Batches,
    /// Snapshots received, summed across all dashboards. Each dashboard receives one, plus another each time it falls
    /// behind.
    Snapshots,
    /// Invitations sent.
    Invitations,
    /// Invitations received by visitors.
    Invited,
    /// Invitations accepted.
    Accepted,
    /// Invitations denied.
    Denied,
    /// Notifications about accepted invitations received by agents.
    Notified,
    /// Chats claimed.
    Claimed,
    /// Messages sent.
    Messages,
    /// Messages acknowledged by the server.
    Acknowledged,
    /// Messages that were acknowledged while new ones were still being sent.
    InTime,
    /// Messages received by the other party.
    Arrived,
    /// Refusals.
    Refused,
}

impl Count {
    pub(crate) const ALL: [Self; 19] = [
        Self::Connected,
        Self::Rejected,
        Self::CutOff,
        Self::Events,
        Self::Delivered,
        Self::Overtaken,
        Self::Batches,
        Self::Snapshots,
        Self::Invitations,
        Self::Invited,
        Self::Accepted,
        Self::Denied,
        Self::Notified,
        Self::Claimed,
        Self::Messages,
        Self::Acknowledged,
        Self::InTime,
        Self::Arrived,
        Self::Refused,
    ];

    /// Returns the name in the report.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Rejected => "rejected",
            Self::CutOff => "cut off",
            Self::Events => "events",
            Self::Delivered => "delivered",
            Self::Overtaken => "overtaken",
            Self::Batches => "batches",
            Self::Snapshots => "snapshots",
            Self::Invitations => "invitations",
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Denied => "denied",
            Self::Notified => "notified",
            Self::Claimed => "claimed",
            Self::Messages => "messages",
            Self::Acknowledged => "acknowledged",
            Self::InTime => "in time",
            Self::Arrived => "arrived",
            Self::Refused => "refused",
        }
    }
}

/// A latency that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Latency {
    /// The time from opening a connection to receiving the welcome.
    Connect,
    /// The same time for a reconnect.
    Reconnect,
    /// The time from a visitor's page change until a dashboard receives it.
    Event,
    /// The time from clicking `Invite to Chat` until the visitor receives the invitation.
    Invitation,
    /// The time from clicking `Invite to Chat` until the server responds.
    InvitationAnswer,
    /// The time from the visitor's `Accept` until the agent is notified.
    Notification,
    /// The time from clicking `Claim this Chat` until the server responds.
    Claim,
    /// The time from sending a message until it is acknowledged.
    Acknowledgement,
    /// The time from sending a message until the other party receives it.
    Message,
    /// How far the load generator fell behind its own schedule. A large value means that the load generator was the
    /// bottleneck, not the server.
    Late,
}

impl Latency {
    pub(crate) const ALL: [Self; 10] = [
        Self::Connect,
        Self::Reconnect,
        Self::Event,
        Self::Invitation,
        Self::InvitationAnswer,
        Self::Notification,
        Self::Claim,
        Self::Acknowledgement,
        Self::Message,
        Self::Late,
    ];

    /// Returns the name in the report.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reconnect => "reconnect",
            Self::Event => "event→dashboard",
            Self::Invitation => "invite→visitor",
            Self::InvitationAnswer => "invite→answer",
            Self::Notification => "accept→notification",
            Self::Claim => "claim→answer",
            Self::Acknowledgement => "message→acknowledged",
            Self::Message => "message→other side",
            Self::Late => "behind schedule",
        }
    }
}

/// The metrics of one process, which are added to those of the other processes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ProcessCounts {
    counts: Vec<u64>,
    /// For each [`Latency`], pairs of a duration in microseconds and its number of occurrences.
    times: Vec<Vec<(u64, u64)>>,
}

/// The metrics collected by a process.
pub(crate) struct Metrics {
    counts: [AtomicU64; Count::ALL.len()],
    times: [Mutex<Histogram<u64>>; Latency::ALL.len()],
    is_measuring: AtomicBool,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let histogram = |_| {
            Mutex::new(
                Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds and three significant digits are valid"),
            )
        };
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            times: std::array::from_fn(histogram),
            is_measuring: AtomicBool::new(false),
        }
    }

    /// Starts the measurement by enabling the histograms and resetting all counters except the connection counters.
    pub(crate) fn begin(&self) {
        for what in
            Count::ALL.into_iter().filter(|what| !matches!(what, Count::Connected | Count::CutOff | Count::Rejected))
        {
            self.counts[what as usize].store(0, Relaxed);
        }
        self.is_measuring.store(true, Relaxed);
    }

    /// Stops the measurement.
    pub(crate) fn end(&self) {
        self.is_measuring.store(false, Relaxed);
    }

    pub(crate) fn count(&self, what: Count, times: u64) {
        self.counts[what as usize].fetch_add(times, Relaxed);
    }

    pub(crate) fn counted(&self, what: Count) -> u64 {
        self.counts[what as usize].load(Relaxed)
    }

    /// Records durations in microseconds. [`Latency::Connect`] is always recorded; all others are recorded only during
    /// the measurement.
    pub(crate) fn record(&self, what: Latency, micros: impl IntoIterator<Item = u64>) {
        if what == Latency::Connect || self.is_measuring.load(Relaxed) {
            let mut histogram = self.times[what as usize].lock().unwrap_or_else(PoisonError::into_inner);
            micros.into_iter().for_each(|micros| histogram.saturating_record(micros));
        }
    }

    /// Returns the sum of all counters, which stays the same as long as nothing happens.
    pub(crate) fn sum(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// Copies the metrics so that they can be sent to another process.
    pub(crate) fn take(&self) -> ProcessCounts {
        let spread = |histogram: &Mutex<Histogram<u64>>| {
            let histogram = histogram.lock().unwrap_or_else(PoisonError::into_inner);
            histogram.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect()
        };
        ProcessCounts {
            counts: self.counts.iter().map(|count| count.load(Relaxed)).collect(),
            times: self.times.iter().map(spread).collect(),
        }
    }

    /// Adds another process's metrics.
    pub(crate) fn add(&self, counted: &ProcessCounts) {
        for (count, more) in self.counts.iter().zip(&counted.counts) {
            count.fetch_add(*more, Relaxed);
        }
        for (histogram, spread) in self.times.iter().zip(&counted.times) {
            let mut histogram = histogram.lock().unwrap_or_else(PoisonError::into_inner);
            spread.iter().for_each(|(micros, times)| histogram.saturating_record_n(*micros, *times));
        }
    }

    /// Returns the nonzero counters, keyed by their names in the report.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        Count::ALL.into_iter().map(|what| (what.word(), self.counted(what))).filter(|(_, count)| *count > 0).collect()
    }

    /// Returns a summary of each recorded latency, in the order of [`Latency::ALL`].
    pub(crate) fn times(&self) -> Vec<LatencySummary> {
        Latency::ALL.into_iter().filter_map(|what| self.times_of(what)).collect()
    }

    fn times_of(&self, what: Latency) -> Option<LatencySummary> {
        let histogram = self.times[what as usize].lock().unwrap_or_else(PoisonError::into_inner);
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        (!histogram.is_empty()).then(|| LatencySummary {
            what: what.words(),
            count: histogram.len(),
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1_000.0,
        })
    }
}

/// A summary of a latency, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LatencySummary {
    pub(crate) what: &'static str,
    /// The number of samples.
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_names_follow_their_discriminants() {
        assert!(Count::ALL.iter().enumerate().all(|(at, what)| *what as usize == at));
        assert!(Latency::ALL.iter().enumerate().all(|(at, what)| *what as usize == at));
    }

    #[test]
    fn counts_of_two_processes_are_summed() {
        let (one, other) = (Metrics::new(), Metrics::new());
        for (metrics, micros) in [(&one, 1_000), (&other, 3_000)] {
            metrics.begin();
            metrics.count(Count::Events, 2);
            metrics.record(Latency::Event, [micros]);
        }
        one.add(&other.take());
        assert_eq!(one.counts(), BTreeMap::from([("events", 4)]));
        let times = one.times();
        assert_eq!((times.len(), times[0].count), (1, 2));
        assert!((times[0].max - 3.0).abs() < 0.01);
    }

    #[test]
    fn before_measuring_only_connects_are_recorded() {
        let metrics = Metrics::new();
        metrics.record(Latency::Event, [1]);
        metrics.record(Latency::Connect, [1]);
        assert_eq!(metrics.times().iter().map(|times| times.what).collect::<Vec<_>>(), ["connect"]);
    }
}
