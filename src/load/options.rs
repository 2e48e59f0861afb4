//! The command-line options of a load test.

use std::{ops::Range, path::PathBuf};

use clap::{Parser, ValueEnum};

use crate::codec::Wire;

/// The maximum number of sockets per process, which stays below a limit of 20,000 open files.
const PER_PROCESS: u32 = 19_000;
/// The number of page changes per invitation in the mixed scenario.
const MIXED_INVITATIONS: f64 = 100.0;
/// The number of page changes per message in the mixed scenario.
const MIXED_MESSAGES: f64 = 10.0;

/// Runs simulated visitors and agents against a running server over real sockets.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "jumpin-load",
    version,
    after_help = "\
EXAMPLE
  jumpin load-seed --data load-data --agents 50 > agents.txt
  jumpin serve --data load-data --listen 127.0.0.1:3000 &
  jumpin-load browse --visitors 5000 --agents 50 --rate 5000 --agents-file agents.txt --pid $!"
)]
pub struct Options {
    /// What the visitors and agents should do.
    pub scenario: Scenario,
    /// The URL of the server.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// The key of the concierge.
    #[arg(long, default_value = "load")]
    pub concierge: String,
    /// The origin of the visited pages, which the concierge must allow.
    #[arg(long, default_value = "https://load.test")]
    pub site: String,
    /// The number of visitors, with one tab each.
    #[arg(long, default_value_t = 1_000)]
    pub visitors: u32,
    /// The number of agents, with one dashboard each.
    #[arg(long, default_value_t = 10)]
    pub agents: u32,
    /// The total number of actions per second. These are page changes, invitations, or messages, depending on the
    /// scenario.
    #[arg(long, default_value_t = 100.0)]
    pub rate: f64,
    /// Additional page changes per second in scenarios whose rate applies to other actions.
    #[arg(long, default_value_t = 0.0)]
    pub background: f64,
    /// The duration of the measurement in seconds.
    #[arg(long, default_value_t = 30)]
    pub seconds: u32,
    /// The seed for all random decisions.
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// The share of invitations that visitors accept, from 0 to 1. They deny all others.
    #[arg(long, default_value_t = 0.7)]
    pub accept: f64,
    /// The number of chats in scenarios with messages.
    #[arg(long, default_value_t = 50)]
    pub chats: u32,
    /// Send messages without receipts.
    #[arg(long)]
    pub no_receipts: bool,
    /// The number of sockets to open concurrently.
    #[arg(long, default_value_t = 128)]
    pub connects: u32,
    /// A file with one agent's email address and password per line. If there are fewer agents than dashboards, agents
    /// open more than one dashboard.
    #[arg(long, value_name = "FILE")]
    pub agents_file: Option<PathBuf>,
    /// The email address of a single agent, as an alternative to a file.
    #[arg(long, requires = "password")]
    pub email: Option<String>,
    /// The password of the agent given by `--email`.
    #[arg(long, env = "JUMPIN_LOAD_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// The server's protocol. Protocols other than Jump-In's are for comparison and only support the scenarios `idle`,
    /// `browse`, and `storm`.
    #[arg(long, value_enum, default_value_t = Wire::Jumpin)]
    pub peer: Wire,
    /// The server's process id on this machine, used to add its CPU and memory usage to the report.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Print the report as JSON to standard output. Progress is always printed to standard error.
    #[arg(long)]
    pub json: bool,
    /// The number of this process, if several are needed. The main process sets it.
    #[arg(long, hide = true)]
    pub part: Option<u32>,
}

/// A load test scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// All visitors and agents are connected and idle.
    Idle,
    /// Visitors move from page to page.
    Browse,
    /// Agents send invitations, visitors accept or deny them, and accepted chats are claimed.
    Invite,
    /// Visitors and agents send each other messages.
    Chat,
    /// All visitors and agents are disconnected at the same time and reconnect.
    Storm,
    /// Visitors change pages, with one invitation per 100 page changes and one message per 10 page changes.
    Mixed,
}

/// Actions per second, summed across all visitors and agents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    pub(crate) pages: f64,
    pub(crate) invitations: f64,
    pub(crate) messages: f64,
}

impl Options {
    /// Returns the rates for the scenario.
    pub(crate) fn rates(&self) -> Rates {
        let (rate, pages) = (self.rate, self.background);
        match self.scenario {
            Scenario::Idle | Scenario::Storm => Rates { pages, ..Rates::default() },
            Scenario::Browse => Rates { pages: rate, ..Rates::default() },
            Scenario::Invite => Rates { pages, invitations: rate, ..Rates::default() },
            Scenario::Chat => Rates { pages, messages: rate, ..Rates::default() },
            Scenario::Mixed => {
                Rates { pages: rate, invitations: rate / MIXED_INVITATIONS, messages: rate / MIXED_MESSAGES }
            }
        }
    }

    /// Returns the number of chats to start before the measurement begins.
    pub(crate) fn chats(&self) -> u32 {
        if self.rates().messages > 0.0 { self.chats.min(self.visitors) } else { 0 }
    }

    /// Returns the number of processes that the test needs.
    pub(crate) fn parts(&self) -> u32 {
        (self.visitors + self.agents).div_ceil(PER_PROCESS).max(1)
    }

    /// Returns the range of visitor numbers that this process simulates.
    pub(crate) fn own_visitors(&self) -> Range<u32> {
        self.own(self.visitors)
    }

    /// Returns the range of agent numbers that this process simulates.
    pub(crate) fn own_agents(&self) -> Range<u32> {
        self.own(self.agents)
    }

    fn own(&self, all: u32) -> Range<u32> {
        let parts = self.parts();
        let upto = |part: u32| u32::try_from(u64::from(all) * u64::from(part) / u64::from(parts)).unwrap_or(all);
        self.part.map_or(0..all, |part| upto(part)..upto(part + 1))
    }

    /// Returns the server's `host:port`.
    pub(crate) fn authority(&self) -> &str {
        self.url.strip_prefix("http://").unwrap_or(&self.url).trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        Options::try_parse_from(["jumpin-load"].into_iter().chain(line.split(' '))).unwrap()
    }

    #[test]
    fn processes_partition_all_visitors_and_agents() {
        let mut options = options("browse --visitors 50000 --agents 7");
        assert_eq!(options.parts(), 3);
        let (mut visitors, mut agents) = (Vec::new(), Vec::new());
        for part in 0..3 {
            options.part = Some(part);
            assert!(options.own_visitors().len() + options.own_agents().len() <= PER_PROCESS as usize);
            visitors.extend(options.own_visitors());
            agents.extend(options.own_agents());
        }
        assert_eq!(visitors, (0..50_000).collect::<Vec<_>>());
        assert_eq!(agents, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn each_scenario_has_its_rates() {
        assert_eq!(options("idle").rates(), Rates::default());
        assert_eq!(options("browse --rate 9").rates().pages, 9.0);
        let invite = options("invite --rate 9 --background 3").rates();
        assert_eq!((invite.pages, invite.invitations, invite.messages), (3.0, 9.0, 0.0));
        let mixed = options("mixed --rate 1000").rates();
        assert_eq!((mixed.pages, mixed.invitations, mixed.messages), (1_000.0, 10.0, 100.0));
    }
}
