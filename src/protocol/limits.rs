//! The bounds of everything that comes from outside, in one place for both sides.

/// The longest message or invitation, in characters.
pub const MESSAGE_CHARS: usize = 4_000;
/// The longest frame either side may send, in bytes. A message of 4,000 four-byte characters fits.
pub const FRAME_BYTES: usize = 32 * 1024;
/// The longest address of a page, in bytes; what is longer is cut.
pub const URL_BYTES: usize = 2_048;
/// The longest title of a page, in characters; what is longer is cut.
pub const TITLE_CHARS: usize = 300;
/// The longest name or e-mail of a visitor, in characters.
pub const NAME_CHARS: usize = 120;
/// The longest reason for being away, in characters.
pub const AWAY_CHARS: usize = 60;
/// The longest tag, in characters.
pub const TAG_CHARS: usize = 40;
/// The most tags of one chat.
pub const TAGS: usize = 20;
/// The longest name of a canned reply, in characters.
pub const REPLY_NAME_CHARS: usize = 60;
/// The longest name of a saved view, and its longest search, in characters.
pub const VIEW_NAME_CHARS: usize = 60;
/// The most saved views of one agent.
pub const VIEWS: usize = 20;
/// The longest name of a file, in bytes; what is longer is cut.
pub const FILE_NAME_BYTES: usize = 255;
/// The most entries in one frame; more follow in further frames.
pub const ENTRIES_IN_A_FRAME: usize = 100;
/// The most rows of the board in one frame of a snapshot; more follow in further frames. With the longest addresses and titles
/// they are less than 400 KiB, and a dashboard has read them before its next picture is due.
pub const ROWS_IN_A_FRAME: usize = 100;
/// The frames waiting for one slow socket before it is closed.
pub const QUEUE_FRAMES: usize = 256;
/// The bytes waiting for one slow socket before it is closed.
pub const QUEUE_BYTES: usize = 256 * 1024;
/// The batches of the board waiting for one slow dashboard before a snapshot comes in their place; as many as are kept.
pub const BOARD_FRAMES: usize = 512;
/// Their bytes: about what a snapshot of 15,000 visitors weighs.
pub const BOARD_BYTES: usize = 4 * 1024 * 1024;
/// Milliseconds from the upgrade until the hello must have come.
pub const HELLO_TIMEOUT_MS: u64 = 10_000;
/// Milliseconds between two beats.
pub const HEARTBEAT_INTERVAL_MS: u32 = 20_000;
/// Beats that may be missed before a socket counts as dead.
pub const MAX_MISSED_HEARTBEATS: u32 = 2;
/// Milliseconds for which "is typing" holds.
pub const TYPING_MS: i64 = 6_000;
/// Milliseconds between two reports of typing.
pub const TYPING_INTERVAL_MS: i64 = 3_000;
/// Milliseconds between two reports of input from a tab or a dashboard.
pub const INPUT_INTERVAL_MS: i64 = 10_000;
/// Milliseconds within which a message may be changed or taken away by who wrote it.
pub const EDIT_WINDOW_MS: i64 = 15 * 60 * 1_000;
