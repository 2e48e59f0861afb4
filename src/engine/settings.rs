//! The engine's settings: addresses, directories, limits, and durations.

use std::path::PathBuf;

use serde::Deserialize;

use crate::{duration, mail_queue::MailQueue};

/// The settings the engine is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// All configurable durations.
    pub timers: Timers,
    /// The public URL of this server, without a trailing slash.
    pub public_url: String,
    /// Limits on open tabs.
    pub tabs: TabLimits,
    /// Limits on signing in.
    pub sign_in: SignInLimits,
    /// Limits on what visitors write, and how long their tokens last.
    pub visitors: VisitorLimits,
    /// Limits on what is kept in memory about each visit.
    pub visits: VisitLimits,
    /// How much disk space must be free.
    pub disk: DiskSettings,
    /// The directory for files sent in chats.
    pub files: PathBuf,
    /// The limits for these files, and whether image metadata is kept.
    pub file_rules: FileRules,
    /// Limits on the uploads of these files that run at the same time.
    pub uploads: UploadLimits,
    /// The directory for agents' avatars.
    pub avatars: PathBuf,
    /// The queue for outgoing email, or `None` if no email is sent.
    pub mail_queue: Option<MailQueue>,
}

/// How much disk space must be free for visitors' writes. Agents' writes are never refused because of this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskSettings {
    /// The directories of the database and the files. The one with the least free space counts.
    pub folders: Vec<PathBuf>,
    /// Visitors' writes are refused if less than this much space is free, in bytes. 0 means never.
    pub min_free_disk_bytes: u64,
}

/// Limits for files sent in chats. For agents, only `max_file_bytes` applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileRules {
    /// The maximum size of one file, in bytes.
    pub max_file_bytes: u64,
    /// The maximum number of files per chat per hour.
    pub per_hour: u32,
    /// The maximum number of bytes per visitor per day.
    pub per_day: u64,
    /// Whether to keep image metadata, such as the location, time, and camera.
    pub keep_metadata: bool,
}

impl Default for FileRules {
    fn default() -> Self {
        Self { max_file_bytes: 10_000_000, per_hour: 10, per_day: 50_000_000, keep_metadata: false }
    }
}

/// Limits on uploads that run at the same time, so that slow ones do not keep others from sending files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct UploadLimits {
    /// The maximum number of uploads.
    pub at_once: u32,
    /// How many of them are reserved for agents.
    pub for_agents: u32,
    /// The maximum number for an organization's visitors, and for its agents.
    pub per_organization: u32,
    /// The maximum number of visitors' uploads from one address (IPv6: one /64). The loopback address is exempt.
    pub per_address: u32,
    /// The maximum number for one visitor or agent.
    pub per_sender: u32,
    /// How many uploads one sender, and one address, may leave unfinished per minute. After that, they have to wait.
    pub unfinished_per_minute: u32,
    /// How long an upload may be slower than the minimum rate, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub grace: u64,
    /// The minimum rate after that, on average since the upload began.
    pub least_bytes_per_second: u64,
    /// How long an upload may take, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub longest: u64,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            at_once: 64,
            for_agents: 16,
            per_organization: 24,
            per_address: 8,
            per_sender: 3,
            unfinished_per_minute: 4,
            grace: 10 * SECOND,
            least_bytes_per_second: 4_000,
            longest: 5 * MINUTE,
        }
    }
}

/// Limits on exports, each of which occupies a database connection until its reader has received everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExportLimits {
    /// The maximum number of exports that run at the same time.
    pub at_once: u32,
    /// The maximum number for one organization.
    pub per_organization: u32,
    /// How far a reader may fall behind the minimum rate, in ms. After that, the export is cut off.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub grace: u64,
    /// The minimum rate at which a reader must read.
    pub least_bytes_per_second: u64,
    /// How long an export may take, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub longest: u64,
}

impl Default for ExportLimits {
    fn default() -> Self {
        Self { at_once: 4, per_organization: 2, grace: MINUTE, least_bytes_per_second: 10_000, longest: 30 * MINUTE }
    }
}

/// Limits on searches, each of which occupies a database connection for up to two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SearchLimits {
    /// The maximum number of searches that run at the same time.
    pub at_once: u32,
    /// The maximum number for one organization.
    pub per_organization: u32,
    /// How many more searches of one organization may wait. Any others are refused.
    pub waiting_per_organization: u32,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self { at_once: 4, per_organization: 2, waiting_per_organization: 8 }
    }
}

/// Limits on agents' requests: pages, forms, and the dashboard's requests. Messages use the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequestRates {
    /// Requests per minute from one agent.
    pub per_agent_and_minute: u32,
    /// Requests per minute from all agents of one organization.
    pub per_organization_and_minute: u32,
    /// Requests per minute without a session from one address (IPv6: one /64). The loopback address is exempt.
    pub per_address_and_minute: u32,
}

impl Default for RequestRates {
    fn default() -> Self {
        Self { per_agent_and_minute: 600, per_organization_and_minute: 12_000, per_address_and_minute: 600 }
    }
}

/// Limits on concurrently open tabs. Visitors from the same company may share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TabLimits {
    /// The maximum number of tabs per address (for IPv6, per /64). The loopback address is exempt.
    pub per_address: u32,
    /// The maximum number of tabs with the same visitor token.
    pub per_visitor: u32,
}

impl Default for TabLimits {
    fn default() -> Self {
        Self { per_address: 1_000, per_visitor: 50 }
    }
}

/// Limits on what visitors write and request, in sliding windows, and how long their tokens last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct VisitorLimits {
    /// Messages and files of one visitor in ten seconds.
    pub messages_per_ten_seconds: u32,
    /// Messages and files of one visitor in an hour.
    pub messages_per_hour: u32,
    /// Chats that one visitor begins in an hour.
    pub chats_per_hour: u32,
    /// Chats that begin from one address (IPv6: one /64) in an hour. The loopback address is exempt.
    pub chats_per_address_and_hour: u32,
    /// How often one visitor may ask for the entries of their chat in a minute.
    pub resumes_per_minute: u32,
    /// Bytes of messages, files, page views and forms from one address (IPv6: one /64) per day. 0 means no limit. The
    /// loopback address is exempt.
    pub bytes_per_address_and_day: u64,
    /// Bytes that all visitors of one organization write per day. 0 means no limit.
    pub bytes_per_organization_and_day: u64,
    /// How old a visitor's token may be before the next connection replaces it, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub token_rotation: u64,
    /// How long the previous token stays valid after the new one was first used, in ms. It does not expire before that.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub token_grace: u64,
    /// How many days after the last visit a token expires; 0 means never. After that, the visitor counts as new.
    pub token_lifetime_days: u32,
}

impl Default for VisitorLimits {
    fn default() -> Self {
        Self {
            messages_per_ten_seconds: 20,
            messages_per_hour: 200,
            chats_per_hour: 5,
            chats_per_address_and_hour: 30,
            resumes_per_minute: 30,
            bytes_per_address_and_day: 250_000_000,
            bytes_per_organization_and_day: 5_000_000_000,
            token_rotation: DAY,
            token_grace: DAY,
            token_lifetime_days: 365,
        }
    }
}

/// Limits on signing in, against guessed passwords. A sign-in with the right password does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignInLimits {
    /// How long a wrong password counts, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub window: u64,
    /// Wrong passwords for one account from one address (IPv6: one /64); more are refused.
    pub per_account_and_address: u32,
    /// Wrong passwords from one address (IPv6: one /64); more are refused.
    pub per_address: u32,
    /// Wrong passwords for one account from all addresses. More are answered later and later, but never refused, since
    /// otherwise strangers could lock the account's owner out.
    pub per_account: u32,
    /// The longest time by which an answer is delayed, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub longest_delay: u64,
    /// How many sign-ins may be delayed at the same time; more are refused.
    pub max_delayed: u32,
    /// How many passwords are hashed at the same time. Each takes 19 MiB and one core.
    pub max_hashing: u32,
    /// How many sign-ins may wait for their password to be hashed; more are refused.
    pub max_waiting: u32,
    /// How long the next second-factor code has to wait after the first wrong one, in ms. The wait doubles with each
    /// wrong code for the account, across all clients.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub code_wait: u64,
    /// The longest such wait, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub longest_code_wait: u64,
    /// After this many wrong codes, the sign-in starts over with the password, and the account's owner gets an email.
    pub codes_per_sign_in: u32,
    /// After entering their password, how long agents can do what affects access or other people's data without
    /// entering it again, in ms.
    #[serde(deserialize_with = "duration::milliseconds")]
    pub password_again_after: u64,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            window: 15 * MINUTE,
            per_account_and_address: 5,
            per_address: 20,
            per_account: 10,
            longest_delay: 15 * SECOND,
            max_delayed: 64,
            max_hashing: 2,
            max_waiting: 32,
            code_wait: SECOND,
            longest_code_wait: 15 * MINUTE,
            codes_per_sign_in: 20,
            password_again_after: 10 * MINUTE,
        }
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

/// Limits on the emails that agents trigger: invitations, password reset links and test emails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailLimits {
    /// Emails from one organization per hour.
    pub per_hour: u32,
    /// Emails from one organization per day.
    pub per_day: u32,
    /// Emails to one recipient per hour, for each organization.
    pub per_recipient_and_hour: u32,
    /// Emails to one recipient per day, for each organization.
    pub per_recipient_and_day: u32,
}

impl Default for EmailLimits {
    fn default() -> Self {
        Self { per_hour: 50, per_day: 200, per_recipient_and_hour: 5, per_recipient_and_day: 10 }
    }
}

macro_rules! timers {
    ($($(#[$doc:meta])* $name:ident: $default:expr,)*) => {
        /// The durations used by the state machines, in milliseconds. In the configuration, they are written with a
        /// unit; see [`duration::DurationSetting`].
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
const DAY: u64 = 24 * 60 * MINUTE;

timers! {
    /// How long after their last socket closes a visitor is considered to have left. Loading another page does not
    /// count as leaving.
    grace: 15 * SECOND,
    /// Like `grace`, but for mobile devices.
    grace_mobile: 45 * SECOND,
    /// How long a visitor can go without input in any tab before they are considered inactive.
    idle_after: 5 * MINUTE,
    /// How long all tabs can be hidden before a visitor is considered inactive.
    hidden_after: 60 * SECOND,
    /// How long a row stays on the board after the visit has ended.
    ended_row_stays: 2 * MINUTE,
    /// How long a visitor must be gone before their return starts a new visit.
    new_visit_after: 30 * MINUTE,
    /// How long an invitation stays open after it has been seen.
    invitation_seen_lifetime: 90 * SECOND,
    /// The maximum time that an invitation stays open after it was sent.
    invitation_lifetime: 10 * MINUTE,
    /// The quiet period after a denial. It always lasts at least for the rest of the visit.
    quiet_after_deny: 30 * MINUTE,
    /// The quiet period after an unanswered invitation.
    quiet_after_unanswered: 10 * MINUTE,
    /// The quiet period after two denials.
    quiet_after_two_denials: 24 * 60 * MINUTE,
    /// How long an accepted chat is reserved for the inviting agent before the entire team may claim it.
    reservation: 20 * SECOND,
    /// How long an agent has to accept a chat that routing offers them. After that, the next agent gets the offer.
    offer: 30 * SECOND,
    /// How long a chat stays unclaimed before it is announced again.
    unclaimed_reminder: 30 * SECOND,
    /// How long a chat stays unclaimed before the visitor is offered the message form.
    unclaimed_form: 90 * SECOND,
    /// How long an agent must be disconnected before colleagues see them as reconnecting.
    agent_reconnecting: 20 * SECOND,
    /// How long an agent must be disconnected before the visitor is told.
    agent_lost: 60 * SECOND,
    /// How long an agent must be disconnected before their chats return to the team.
    agent_reassign: 180 * SECOND,
    /// How long an agent can go without input in any of their dashboards before they are marked as away.
    agent_idle: 10 * MINUTE,
    /// How long after its last message a chat still counts against its agent's limit.
    agent_load_window: 10 * MINUTE,
    /// How long a chat can go without a message before it ends.
    chat_silent_end: 30 * MINUTE,
    /// How long board changes are collected before they are sent together.
    board_batch: 16,
}
