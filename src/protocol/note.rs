//! A note: what agents write to each other beside a chat. It is no entry of the chat, travels in frames of its own, and no
//! visitor ever gets one.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Millis, id::AgentId};

/// A line beside a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its place among the notes of its chat: 1, 2, 3 …
    pub number: u32,
    /// When it was stored.
    pub at: Millis,
    /// Who wrote it.
    pub author: AgentId,
    /// Plain text.
    pub text: String,
    /// It is for the agent in the chat, from whoever reads along.
    pub whisper: bool,
}
