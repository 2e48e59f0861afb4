//! Notes: what agents write to each other about a chat. A note is not an entry of the chat and is sent in separate
//! frames, so it never reaches a visitor.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Millis, id::AgentId};

/// A note about a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The note's number in its chat: 1, 2, 3 …
    pub number: u32,
    /// When it was stored.
    pub at: Millis,
    /// The author.
    pub author: AgentId,
    /// Plain text.
    pub text: String,
    /// Whether it is a whisper: from an observer to the agent in the chat.
    pub whisper: bool,
}
