//! Limits on all external input, shared by client and server.

/// The maximum length of a message or invitation, in characters.
pub const MESSAGE_CHARS: usize = 4_000;
/// The maximum size of a frame in either direction, in bytes. Large enough for a message of 4,000 four-byte characters.
pub const FRAME_BYTES: usize = 32 * 1024;
/// The maximum length of a page's URL, in bytes. Longer URLs are truncated.
pub const URL_BYTES: usize = 2_048;
/// The maximum length of a page's title, in characters. Longer titles are truncated.
pub const TITLE_CHARS: usize = 300;
/// The maximum length of a visitor's name or email address, in characters.
pub const NAME_CHARS: usize = 120;
/// The maximum length of a reason for being away, in characters.
pub const AWAY_CHARS: usize = 60;
/// The maximum length of a tag, in characters.
pub const TAG_CHARS: usize = 40;
/// The maximum number of tags on a chat.
pub const TAGS: usize = 20;
/// The maximum length of a canned reply's name, in characters.
pub const REPLY_NAME_CHARS: usize = 60;
/// The maximum length of a saved view's name and of its search text, in characters.
pub const VIEW_NAME_CHARS: usize = 60;
/// The maximum number of saved views per agent.
pub const VIEWS: usize = 20;
/// The maximum length of a file name, in bytes. Longer names are truncated.
pub const FILE_NAME_BYTES: usize = 255;
/// The maximum number of entries in a frame. Any further entries are sent in additional frames.
pub const ENTRIES_IN_A_FRAME: usize = 100;
/// The maximum number of rows in a snapshot frame. Any further rows are sent in additional frames. Even with the
/// longest URLs and titles, a frame is smaller than 400 KiB, which a dashboard can decode before its next animation
/// frame.
pub const ROWS_IN_A_FRAME: usize = 100;
/// The maximum number of frames queued for a socket. If the client falls further behind, the socket is closed.
pub const QUEUE_FRAMES: usize = 256;
/// The maximum number of bytes queued for a socket. If the client falls further behind, the socket is closed.
pub const QUEUE_BYTES: usize = 256 * 1024;
/// The maximum size of a piece of what a client has missed (entries, notes, the directory), in bytes; the next one follows
/// when the client has taken it.
pub const CATCH_UP_BYTES: usize = 64 * 1024;
/// The maximum number of board batches queued for one dashboard, and the number of batches stored. A slower dashboard
/// receives a snapshot instead.
pub const BOARD_FRAMES: usize = 512;
/// The maximum total size of these batches, in bytes. A snapshot of 15,000 visitors is about as large.
pub const BOARD_BYTES: usize = 4 * 1024 * 1024;
/// The maximum time between the upgrade and the hello, in milliseconds.
pub const HELLO_TIMEOUT_MS: u64 = 10_000;
/// The time between two heartbeats, in milliseconds.
pub const HEARTBEAT_INTERVAL_MS: u32 = 20_000;
/// How many heartbeats may be missed before a socket is considered dead.
pub const MAX_MISSED_HEARTBEATS: u32 = 2;
/// How long a typing indicator remains valid, in milliseconds.
pub const TYPING_MS: i64 = 6_000;
/// The minimum time between two typing reports, in milliseconds.
pub const TYPING_INTERVAL_MS: i64 = 3_000;
/// The minimum time between two input reports from a tab or dashboard, in milliseconds.
pub const INPUT_INTERVAL_MS: i64 = 10_000;
/// How long after sending a message its author may edit or delete it, in milliseconds.
pub const EDIT_WINDOW_MS: i64 = 15 * 60 * 1_000;
