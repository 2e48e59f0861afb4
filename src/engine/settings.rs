//! What an operator may set: where the server is reached, and every duration.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{duration, mail_queue::MailQueue};

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
    /// The folder of agents' avatars.
    pub avatars: PathBuf,
    /// Where letters are handed in; none: nothing is mailed.
    pub mail_queue: Option<MailQueue>,
}

/// How large files may be, how many a visitor may send, and what is kept of them. Agents have no bound but the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileRules {
    /// The most bytes of one file.
    pub max_file_bytes: u64,
    /// Files in one chat and hour.
    pub per_hour: u32,
    /// Bytes in a day.
    pub per_day: u64,
    /// What cameras write into avatars (where, when, with what) stays in them.
    pub keep_metadata: bool,
}

impl Default for FileRules {
    fn default() -> Self {
        Self { max_file_bytes: 10_000_000, per_hour: 10, per_day: 50_000_000, keep_metadata: false }
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

macro_rules! timers {
    ($($(#[$doc:meta])* $name:ident: $default:expr,)*) => {
        /// Every duration of the state machines, in milliseconds. In the settings they have a unit, see [`duration::DurationSetting`].
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Timers {
            $($(#[$doc])* #[serde(deserialize_with = "duration::milliseconds")] pub $name: u64,)*
        }

        impl Default for Timers {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }
    };
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

timers! {
    /// After the last socket closes, before a visitor counts as left: a page load is not a departure.
    grace: 15 * SECOND,
    /// The same on a mobile device.
    grace_mobile: 45 * SECOND,
    /// Without input on any tab, before a visitor counts as inactive.
    idle_after: 5 * MINUTE,
    /// With every tab hidden, before a visitor counts as inactive.
    hidden_after: 60 * SECOND,
    /// How long an ended row stays on the board.
    ended_row_stays: 2 * MINUTE,
    /// The gap after which a returning visitor begins a new visit.
    new_visit_after: 30 * MINUTE,
    /// How long an invitation stays open after it was seen …
    invitation_seen_lifetime: 90 * SECOND,
    /// … and after it was sent, at most.
    invitation_lifetime: 10 * MINUTE,
    /// No invitation after a denial: at least this long, and for the rest of the visit.
    quiet_after_deny: 30 * MINUTE,
    /// No invitation after one that was not answered.
    quiet_after_unanswered: 10 * MINUTE,
    /// No invitation after two denials.
    quiet_after_two_denials: 24 * 60 * MINUTE,
    /// An accepted chat is reserved for its inviter, before the whole team may claim it.
    reservation: 20 * SECOND,
    /// How long an agent has to take a chat that the team's routing offers them, before the next agent gets the offer.
    offer: 30 * SECOND,
    /// How often an unclaimed chat is announced again.
    unclaimed_reminder: 30 * SECOND,
    /// When the visitor of an unclaimed chat is offered the message form.
    unclaimed_form: 90 * SECOND,
    /// An agent's connection is down: from here on colleagues see that it reconnects.
    agent_reconnecting: 20 * SECOND,
    /// An agent's connection is down: the visitor is told.
    agent_lost: 60 * SECOND,
    /// An agent's connection is down: the chat goes back to the team.
    agent_reassign: 180 * SECOND,
    /// Without input in any of their dashboards, an agent is away.
    agent_idle: 10 * MINUTE,
    /// How long after its last message a chat counts against its agent's limit.
    agent_load_window: 10 * MINUTE,
    /// A chat without a message ends.
    chat_silent_end: 30 * MINUTE,
    /// The changes of a board are sent together, once in this time.
    board_batch: 16,
}
