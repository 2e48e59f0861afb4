//! What a load test is told on the command line.

use std::{ops::Range, path::PathBuf};

use clap::{Parser, ValueEnum};

use crate::codec::Wire;

/// The sockets of one process: a system that allows 20,000 open files leaves room for these.
const PER_PROCESS: u32 = 19_000;
/// In the mixed scenario, page changes for each invitation and for each message.
const MIXED_INVITATIONS: f64 = 100.0;
const MIXED_MESSAGES: f64 = 10.0;

/// Simulated visitors and agents against a running server, over real sockets.
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
    /// What they do.
    pub scenario: Scenario,
    /// Where the server is.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    pub url: String,
    /// The key of the concierge.
    #[arg(long, default_value = "load")]
    pub concierge: String,
    /// The origin of the pages that they are on; the concierge must serve it.
    #[arg(long, default_value = "https://load.test")]
    pub site: String,
    /// How many visitors, a tab each.
    #[arg(long, default_value_t = 1_000)]
    pub visitors: u32,
    /// How many agents, a dashboard each.
    #[arg(long, default_value_t = 10)]
    pub agents: u32,
    /// How many times a second all of them together do it: change pages, invite, write; depends on the scenario.
    #[arg(long, default_value_t = 100.0)]
    pub rate: f64,
    /// Page changes a second beside, in the scenarios where it is not the rate.
    #[arg(long, default_value_t = 0.0)]
    pub background: f64,
    /// How long they do it.
    #[arg(long, default_value_t = 30)]
    pub seconds: u32,
    /// From which everything random follows.
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// The share of visitors who accept an invitation; the others deny.
    #[arg(long, default_value_t = 0.7)]
    pub accept: f64,
    /// How many chats there are, in the scenarios with messages.
    #[arg(long, default_value_t = 50)]
    pub chats: u32,
    /// Neither side says what it has received and read: only messages are written.
    #[arg(long)]
    pub no_receipts: bool,
    /// How many sockets are opened at the same time.
    #[arg(long, default_value_t = 128)]
    pub connects: u32,
    /// Who the agents are: an e-mail and a password a line. When they are fewer than the dashboards, each has several.
    #[arg(long, value_name = "FILE")]
    pub agents_file: Option<PathBuf>,
    /// The only agent, in place of a file.
    #[arg(long, requires = "password")]
    pub email: Option<String>,
    /// His password.
    #[arg(long, env = "JUMPIN_LOAD_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// What the server speaks: another than ours to compare with. Only `idle`, `browse` and `storm`.
    #[arg(long, value_enum, default_value_t = Wire::Jumpin)]
    pub peer: Wire,
    /// The server's process on this machine: its CPU and memory are told as well.
    #[arg(long)]
    pub pid: Option<u32>,
    /// The report as JSON on standard output; what is going on stands on standard error.
    #[arg(long)]
    pub json: bool,
    /// Which of several processes this is; they are started by the first.
    #[arg(long, hide = true)]
    pub part: Option<u32>,
}

/// What visitors and agents do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// They are there, and nothing happens.
    Idle,
    /// Visitors change pages.
    Browse,
    /// Agents invite; visitors accept or deny; who accepts is claimed.
    Invite,
    /// Visitors and agents write to each other.
    Chat,
    /// Everybody is cut off in the same moment and comes back.
    Storm,
    /// Page changes, and an invitation for each hundred and a message for each ten of them.
    Mixed,
}

/// How often things happen, a second, all visitors and agents together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    pub(crate) pages: f64,
    pub(crate) invitations: f64,
    pub(crate) messages: f64,
}

impl Options {
    /// How often what happens.
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

    /// How many chats there are to begin with.
    pub(crate) fn chats(&self) -> u32 {
        if self.rates().messages > 0.0 { self.chats.min(self.visitors) } else { 0 }
    }

    /// How many processes it takes.
    pub(crate) fn parts(&self) -> u32 {
        (self.visitors + self.agents).div_ceil(PER_PROCESS).max(1)
    }

    /// Which visitors are of this process.
    pub(crate) fn own_visitors(&self) -> Range<u32> {
        self.own(self.visitors)
    }

    /// Which agents are of this process.
    pub(crate) fn own_agents(&self) -> Range<u32> {
        self.own(self.agents)
    }

    fn own(&self, all: u32) -> Range<u32> {
        let parts = self.parts();
        let upto = |part: u32| u32::try_from(u64::from(all) * u64::from(part) / u64::from(parts)).unwrap_or(all);
        self.part.map_or(0..all, |part| upto(part)..upto(part + 1))
    }

    /// `host:port` of the server.
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
