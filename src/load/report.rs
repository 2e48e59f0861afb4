//! The report of a load test, as a table for people or JSON for programs.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use clap::ValueEnum;
use serde::Serialize;

use crate::{
    metrics::{Count, LatencySummary, Metrics},
    options::{Options, Scenario},
    process_usage::Usage,
};

/// The results of a load test.
#[derive(Debug, Serialize)]
pub struct Report {
    scenario: String,
    peer: String,
    visitors: u32,
    agents: u32,
    rate: f64,
    background: f64,
    seconds: u32,
    seed: u64,
    processes: u32,
    /// Visitors welcomed per second during the connection phase.
    connects_per_second: f64,
    counts: BTreeMap<&'static str, u64>,
    /// The counts during the measurement, per second.
    per_second: BTreeMap<&'static str, f64>,
    /// Page changes missing from dashboards, which were neither delivered nor replaced by a later one.
    missing: i64,
    times: Vec<LatencySummary>,
    server: Option<Server>,
    /// The load average over the last minute.
    load_average: Option<f64>,
}

/// The server process's resource usage.
#[derive(Debug, Serialize)]
struct Server {
    /// CPU usage during the measurement, as a percentage of one core.
    cpu_percent: f64,
    /// Resident memory before any client connected, in KiB.
    resident_before: u64,
    /// Resident memory once all clients were connected, in KiB.
    resident_filled: u64,
    /// Resident memory at the end of the measurement, in KiB.
    resident_after: u64,
    /// Peak resident memory, in KiB.
    resident_most: u64,
    /// Additional memory per visitor, in KiB.
    kib_per_visitor: f64,
}

/// Samples of the server's resource usage during the test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UsageSamples {
    pub(crate) before: Usage,
    pub(crate) filled: Usage,
    pub(crate) began: Usage,
    pub(crate) ended: Usage,
}

impl Report {
    pub(crate) fn new(
        options: &Options,
        metrics: &Metrics,
        filling: Duration,
        costs: Option<UsageSamples>,
        load_average: Option<f64>,
    ) -> Self {
        let word = |value: Option<clap::builder::PossibleValue>| {
            value.map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        let seconds = f64::from(options.seconds.max(1));
        let counts = metrics.counts();
        let should = metrics.counted(Count::Events) * u64::from(options.agents);
        let came = metrics.counted(Count::Delivered) + metrics.counted(Count::Overtaken);
        Self {
            scenario: word(options.scenario.to_possible_value()),
            peer: word(options.peer.to_possible_value()),
            visitors: options.visitors,
            agents: options.agents,
            rate: options.rate,
            background: options.background,
            seconds: options.seconds,
            seed: options.seed,
            processes: options.parts(),
            connects_per_second: f64::from(options.visitors) / filling.as_secs_f64().max(0.001),
            per_second: counts
                .iter()
                .filter(|(what, _)| !matches!(**what, "connected" | "rejected" | "cut off"))
                .map(|(what, count)| (*what, *count as f64 / seconds))
                .collect(),
            counts,
            missing: should as i64 - came as i64,
            times: metrics.times(),
            server: costs.map(|costs| Server::of(&costs, options)),
            load_average,
        }
    }

    /// Returns a count by its name in the report.
    pub fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// Returns the number of page changes missing from dashboards.
    pub fn missing(&self) -> i64 {
        self.missing
    }

    /// Formats the report as a table.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{} ({}): {} visitors, {} dashboards, {} s, seed {}\n",
            self.scenario, self.peer, self.visitors, self.agents, self.seconds, self.seed
        );
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n  {:<24}{:>12}{:>14}", "", "total", "per second");
        for (what, count) in &self.counts {
            let rate = self.per_second.get(what).map(|rate| format!("{rate:.1}")).unwrap_or_default();
            let _ = writeln!(text, "  {what:<24}{count:>12}{rate:>14}");
        }
        if self.agents > 0 {
            let _ = writeln!(text, "  {:<24}{:>12}", "missing", self.missing);
        }
        let _ = writeln!(text, "  {:<24}{:>12}{:>14.1}", "visitors welcomed", "", self.connects_per_second);
        let _ = writeln!(
            text,
            "\n  {:<24}{:>12}{:>10}{:>10}{:>10}{:>10}",
            "milliseconds", "count", "p50", "p99", "p99.9", "max"
        );
        for LatencySummary { what, count, p50, p99, p999, max } in &self.times {
            let _ = writeln!(text, "  {what:<24}{count:>12}{p50:>10.2}{p99:>10.2}{p999:>10.2}{max:>10.2}");
        }
        if let Some(server) = &self.server {
            let _ = writeln!(
                text,
                "\n  server: {:.0}% of one core; {} KiB before, {} KiB connected, {} KiB at the end; {:.2} KiB per visitor",
                server.cpu_percent,
                server.resident_before,
                server.resident_filled,
                server.resident_after,
                server.kib_per_visitor
            );
        }
        if let Some(load) = self.load_average {
            let _ = writeln!(text, "  load average {load:.1}");
        }
        text
    }
}

impl Server {
    fn of(costs: &UsageSamples, options: &Options) -> Self {
        let UsageSamples { before, filled, began, ended } = costs;
        // In the idle scenario, use the sample from the end. By then, memory that was only needed while connecting has
        // been released.
        let held = if options.scenario == Scenario::Idle { ended } else { filled };
        let more = held.resident.saturating_sub(before.resident) as f64;
        Self {
            cpu_percent: ended.cpu_since(began),
            resident_before: before.resident,
            resident_filled: filled.resident,
            resident_after: ended.resident,
            resident_most: ended.most,
            kib_per_visitor: more / f64::from(options.visitors.max(1)),
        }
    }
}
