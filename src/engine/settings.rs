//! What an operator may set: where the server is reached, and every duration.

use std::path::PathBuf;

use serde::Deserialize;

use crate::mail_queue::MailQueue;

/// What the engine is told at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Every duration.
    pub timers: Timers,
    /// Where browsers reach this server, without a slash at the end.
    pub public_url: String,
    /// How many tabs at once.
    pub tabs: TabLimits,
    /// The folder of the files that are sent in chats.
    pub files: PathBuf,
    /// How large and how many they may be, and what stays in them.
    pub file_rules: FileRules,
    /// The folder of agents' pictures.
    pub pictures: PathBuf,
    /// Where letters are handed in; none: nothing is mailed.
    pub mail_queue: Option<MailQueue>,
}

/// How large files may be, how many a visitor may send, and what is kept of them. Agents have no bound but the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileRules {
    /// The largest file, bytes.
    pub largest: u64,
    /// Files in one chat and hour.
    pub per_hour: u32,
    /// Bytes in a day.
    pub per_day: u64,
    /// What cameras write into pictures (where, when, with what) stays in them.
    pub keep_metadata: bool,
}

impl Default for FileRules {
    fn default() -> Self {
        Self { largest: 10_000_000, per_hour: 10, per_day: 50_000_000, keep_metadata: false }
    }
}

/// How many tabs may be open at once. A company's visitors may share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TabLimits {
    /// From one address (IPv6: one /64). The server's own machine has no bound.
    pub per_address: u32,
    /// With one visitor's token.
    pub per_visitor: u32,
}

impl Default for TabLimits {
    fn default() -> Self {
        Self { per_address: 1_000, per_visitor: 50 }
    }
}

/// Every duration of the state machines, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Timers {
    /// After the last socket closes, before a visitor counts as left: a page load is not a departure.
    pub grace: u64,
    /// The same on a mobile device.
    pub grace_mobile: u64,
    /// Without input on any tab, before a visitor counts as inactive.
    pub idle_after: u64,
    /// With every tab hidden, before a visitor counts as inactive.
    pub hidden_after: u64,
    /// An ended row stays on the board.
    pub ended_row_stays: u64,
    /// The gap after which a visitor who comes back begins a new visit.
    pub new_visit_after: u64,
    /// An invitation's life once it was seen …
    pub invitation_seen_lifetime: u64,
    /// … and from its sending, at most.
    pub invitation_lifetime: u64,
    /// No invitation after a denial: so long at least, and for the rest of the visit.
    pub quiet_after_deny: u64,
    /// No invitation after one that was not answered.
    pub quiet_after_unanswered: u64,
    /// No invitation after two denials.
    pub quiet_after_two_denials: u64,
    /// An accepted chat is kept for its inviter, before the whole team may claim it.
    pub reserved: u64,
    /// A chat of a team that offers its chats in turn is offered to one agent, before the next.
    pub offered: u64,
    /// An unclaimed chat is announced again.
    pub unclaimed_again: u64,
    /// The visitor of an unclaimed chat is offered the message form.
    pub unclaimed_form: u64,
    /// An agent's link may be down without anybody being told.
    pub agent_silent: u64,
    /// An agent's link is down: the visitor is told.
    pub agent_lost: u64,
    /// An agent's link is down: the chat goes back to the team.
    pub agent_returned: u64,
    /// An agent without input in any dashboard of his is away.
    pub agent_idle: u64,
    /// A chat without a word no longer counts against its agent's limit.
    pub chat_counts: u64,
    /// A chat without a word ends.
    pub chat_silent_end: u64,
    /// The changes of a board are sent together once in this time.
    pub batch: u64,
}

impl Default for Timers {
    fn default() -> Self {
        const SECOND: u64 = 1_000;
        const MINUTE: u64 = 60 * SECOND;
        Self {
            grace: 15 * SECOND,
            grace_mobile: 45 * SECOND,
            idle_after: 5 * MINUTE,
            hidden_after: 60 * SECOND,
            ended_row_stays: 2 * MINUTE,
            new_visit_after: 30 * MINUTE,
            invitation_seen_lifetime: 90 * SECOND,
            invitation_lifetime: 10 * MINUTE,
            quiet_after_deny: 30 * MINUTE,
            quiet_after_unanswered: 10 * MINUTE,
            quiet_after_two_denials: 24 * 60 * MINUTE,
            reserved: 20 * SECOND,
            offered: 30 * SECOND,
            unclaimed_again: 30 * SECOND,
            unclaimed_form: 90 * SECOND,
            agent_silent: 20 * SECOND,
            agent_lost: 60 * SECOND,
            agent_returned: 180 * SECOND,
            agent_idle: 10 * MINUTE,
            chat_counts: 10 * MINUTE,
            chat_silent_end: 30 * MINUTE,
            batch: 16,
        }
    }
}
