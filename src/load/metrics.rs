//! What is counted and timed while a load test runs. Several processes count for themselves; what they counted is added up.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The longest time that is told apart from a longer one, microseconds.
const LONGEST: u64 = 600_000_000;

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Sockets that were opened and welcomed.
    Connected,
    /// Sockets that were turned away.
    Rejected,
    /// Sockets that the server or the network ended.
    CutOff,
    /// Page changes said.
    Events,
    /// Page changes seen, at every dashboard.
    Delivered,
    /// Page changes that a later one of the same visitor overtook in a batch, at every dashboard.
    Overtaken,
    /// Batches at every dashboard.
    Batches,
    /// Snapshots at every dashboard: one each, and one more each time it lagged behind.
    Snapshots,
    /// Invitations sent.
    Invitations,
    /// Invitations that came to a visitor.
    Invited,
    /// Visitors who accepted.
    Accepted,
    /// Visitors who denied.
    Denied,
    /// Notifications of an acceptance.
    Notified,
    /// Chats claimed.
    Claimed,
    /// Messages said.
    Messages,
    /// Messages acknowledged.
    Acknowledged,
    /// Of these, as long as new ones were said: what came after that was late.
    InTime,
    /// Messages that came to the other side.
    Arrived,
    /// What the server refused.
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

    /// The word in the report.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Rejected => "turned away",
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

/// Something that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Latency {
    /// From dialling to the welcome.
    Connect,
    /// The same for whoever comes back.
    Reconnect,
    /// From a visitor's page change to a dashboard.
    Event,
    /// From pressing `Invite to Chat` to the visitor.
    Invitation,
    /// From pressing it to the answer.
    InvitationAnswer,
    /// From the visitor's yes to the agent's notification.
    Notification,
    /// From pressing `Claim this Chat` to the answer.
    Claim,
    /// From a message to its acknowledgement.
    Acknowledgement,
    /// From a message to the other side.
    Message,
    /// How far behind its own plan the load program was: when this is large, it and not the server is measured.
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

    /// The words in the report.
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
            Self::Late => "behind plan",
        }
    }
}

/// What one process has counted, to be added to that of others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ProcessCounts {
    counts: Vec<u64>,
    /// Of each duration: microseconds, and how many.
    times: Vec<Vec<(u64, u64)>>,
}

/// The metrics of a process.
pub(crate) struct Metrics {
    counts: [AtomicU64; Count::ALL.len()],
    times: [Mutex<Histogram<u64>>; Latency::ALL.len()],
    is_measuring: AtomicBool,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let histogram = |_| {
            Mutex::new(Histogram::new_with_bounds(1, LONGEST, 3).expect("three digits up to ten minutes can be kept"))
        };
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            times: std::array::from_fn(histogram),
            is_measuring: AtomicBool::new(false),
        }
    }

    /// From here on, what takes time is written down, and what is counted is counted anew; but for who came.
    pub(crate) fn begin(&self) {
        for what in
            Count::ALL.into_iter().filter(|what| !matches!(what, Count::Connected | Count::CutOff | Count::Rejected))
        {
            self.counts[what as usize].store(0, Relaxed);
        }
        self.is_measuring.store(true, Relaxed);
    }

    /// Nothing more is written down.
    pub(crate) fn end(&self) {
        self.is_measuring.store(false, Relaxed);
    }

    pub(crate) fn count(&self, what: Count, times: u64) {
        self.counts[what as usize].fetch_add(times, Relaxed);
    }

    pub(crate) fn counted(&self, what: Count) -> u64 {
        self.counts[what as usize].load(Relaxed)
    }

    /// Microseconds that something took. Connecting counts always, the rest while it is measured.
    pub(crate) fn record(&self, what: Latency, micros: impl IntoIterator<Item = u64>) {
        if what == Latency::Connect || self.is_measuring.load(Relaxed) {
            let mut histogram = self.times[what as usize].lock().unwrap_or_else(PoisonError::into_inner);
            micros.into_iter().for_each(|micros| histogram.saturating_record(micros));
        }
    }

    /// Everything that was counted, and all of it.
    pub(crate) fn sum(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// For another process.
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

    /// What another process has counted.
    pub(crate) fn add(&self, counted: &ProcessCounts) {
        for (count, more) in self.counts.iter().zip(&counted.counts) {
            count.fetch_add(*more, Relaxed);
        }
        for (histogram, spread) in self.times.iter().zip(&counted.times) {
            let mut histogram = histogram.lock().unwrap_or_else(PoisonError::into_inner);
            spread.iter().for_each(|(micros, times)| histogram.saturating_record_n(*micros, *times));
        }
    }

    /// The counts that are not nought, by their words.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        Count::ALL.into_iter().map(|what| (what.word(), self.counted(what))).filter(|(_, count)| *count > 0).collect()
    }

    /// Whatever took time, in the order of [`Latency::ALL`].
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

/// How long something took, milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LatencySummary {
    /// What.
    pub(crate) what: &'static str,
    /// How often it was timed.
    pub(crate) count: u64,
    /// Half of them took less.
    pub(crate) p50: f64,
    /// All but one in a hundred took less.
    pub(crate) p99: f64,
    /// All but one in a thousand took less.
    pub(crate) p999: f64,
    /// The longest.
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
