//! Notes that agents write to each other about a chat. A note is not one of the chat's entries and is sent in separate
//! frames, so it never reaches the visitor.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Millis, id::AgentId};

/// A note about a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The note's number within its chat, starting at 1.
    pub number: u32,
    /// When the note was stored.
    pub at: Millis,
    /// The author.
    pub author: AgentId,
    /// The note, as plain text.
    pub text: String,
    /// Whether this is a whisper, that is, a note from an observer to the agent in the chat.
    pub whisper: bool,
}
