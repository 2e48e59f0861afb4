//! The engine's settings: addresses, folders, limits and durations.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{duration, mail_queue::MailQueue};

/// The settings with which the engine starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// All durations.
    pub timers: Timers,
    /// The public URL of this server, without a trailing slash.
    pub public_url: String,
    /// Limits on open tabs.
    pub tabs: TabLimits,
    /// Limits on what is kept in memory about each visit.
    pub visits: VisitLimits,
    /// The folder for files sent in chats.
    pub files: PathBuf,
    /// Limits for these files, and whether image metadata is kept.
    pub file_rules: FileRules,
    /// The folder for agents' avatars.
    pub avatars: PathBuf,
    /// The queue for outgoing e-mail. `None`: no mail is sent.
    pub mail_queue: Option<MailQueue>,
}

/// Limits for files sent in chats. For agents, only `max_file_bytes` applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileRules {
    /// The maximum size of one file, in bytes.
    pub max_file_bytes: u64,
    /// The maximum number of files per chat and hour.
    pub per_hour: u32,
    /// The maximum number of bytes per visitor and day.
    pub per_day: u64,
    /// Keep the metadata in images (where, when and with what they were taken).
    pub keep_metadata: bool,
}

impl Default for FileRules {
    fn default() -> Self {
        Self { max_file_bytes: 10_000_000, per_hour: 10, per_day: 50_000_000, keep_metadata: false }
    }
}

/// Limits on concurrently open tabs. Visitors from one company may share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TabLimits {
    /// Tabs from one address (IPv6: one /64). The loopback address is exempt.
    pub per_address: u32,
    /// Tabs with the token of one visitor.
    pub per_visitor: u32,
}

impl Default for TabLimits {
    fn default() -> Self {
        Self { per_address: 1_000, per_visitor: 50 }
    }
}

/// Limits on what is kept in memory about each visit. The oldest page views are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct VisitLimits {
    /// The maximum number of page views; the last one is always kept.
    pub page_views: usize,
    /// The maximum size of their URLs and titles, in bytes.
    pub page_view_bytes: usize,
}

impl Default for VisitLimits {
    fn default() -> Self {
        Self { page_views: 50, page_view_bytes: 10_000 }
    }
}

macro_rules! timers {
    ($($(#[$doc:meta])* $name:ident: $default:expr,)*) => {
        /// All durations of the state machines, in ms. In the configuration, they have a unit; see
        /// [`duration::DurationSetting`].
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
    /// How long after the last socket has closed a visitor counts as having left. A page load does not count as
    /// leaving.
    grace: 15 * SECOND,
    /// The same on a mobile device.
    grace_mobile: 45 * SECOND,
    /// Without input in any tab for this long, a visitor counts as inactive.
    idle_after: 5 * MINUTE,
    /// With every tab hidden for this long, a visitor counts as inactive.
    hidden_after: 60 * SECOND,
    /// How long a row stays on the board after the visit has ended.
    ended_row_stays: 2 * MINUTE,
    /// After this absence, a returning visitor begins a new visit.
    new_visit_after: 30 * MINUTE,
    /// How long an invitation stays open after it was seen.
    invitation_seen_lifetime: 90 * SECOND,
    /// How long an invitation stays open after it was sent, at most.
    invitation_lifetime: 10 * MINUTE,
    /// The quiet period after a denial: at least this long, and for the rest of the visit.
    quiet_after_deny: 30 * MINUTE,
    /// The quiet period after an invitation that was not answered.
    quiet_after_unanswered: 10 * MINUTE,
    /// The quiet period after two denials.
    quiet_after_two_denials: 24 * 60 * MINUTE,
    /// How long an accepted chat is reserved for the inviting agent before the whole team may claim it.
    reservation: 20 * SECOND,
    /// How long an agent has to accept a chat that routing offers them, before the next agent gets the offer.
    offer: 30 * SECOND,
    /// How long a chat is unclaimed before it is announced again.
    unclaimed_reminder: 30 * SECOND,
    /// How long a chat is unclaimed before the visitor is offered the message form.
    unclaimed_form: 90 * SECOND,
    /// How long an agent is disconnected before colleagues see that the agent is reconnecting.
    agent_reconnecting: 20 * SECOND,
    /// How long an agent is disconnected before the visitor is told.
    agent_lost: 60 * SECOND,
    /// How long an agent is disconnected before the chat returns to the team.
    agent_reassign: 180 * SECOND,
    /// Without input in any of their dashboards for this long, an agent is away.
    agent_idle: 10 * MINUTE,
    /// How long after its last message a chat counts against its agent's limit.
    agent_load_window: 10 * MINUTE,
    /// How long without a message before a chat ends.
    chat_silent_end: 30 * MINUTE,
    /// Board changes are collected for this long and sent together.
    board_batch: 16,
}
