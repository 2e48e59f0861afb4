//! Builds the first frames for a dashboard: the directory and the agent's chats, split if they do not fit into one frame.

use bytes::Bytes;
use protocol::{
    Millis,
    agent::{Directory, DirectoryPart, ToAgent},
    chat::AgentChat,
    codec,
    limits::CATCH_UP_BYTES,
};

use crate::outbound_queue::pieces;

/// Returns the welcome, preceded by the parts of a directory that does not fit into one frame.
pub(crate) fn welcome_frames(now: Millis, mut directory: Directory) -> Vec<Bytes> {
    let mut parts = Vec::new();
    if codec::encode(&directory).len() > CATCH_UP_BYTES {
        let DirectoryPart { agents, concierges, teams } = directory.take_part();
        parts.extend(pieces(agents).into_iter().map(|agents| DirectoryPart { agents, ..DirectoryPart::default() }));
        let of_concierges = pieces(concierges).into_iter();
        parts.extend(of_concierges.map(|concierges| DirectoryPart { concierges, ..DirectoryPart::default() }));
        parts.extend(pieces(teams).into_iter().map(|teams| DirectoryPart { teams, ..DirectoryPart::default() }));
    }
    let parts = parts.into_iter().map(ToAgent::DirectoryPart);
    encoded(parts.chain([ToAgent::Welcome { now, directory }]))
}

/// Returns the frames with the agent's chats.
pub(crate) fn chats_frames(chats: Vec<AgentChat>) -> Vec<Bytes> {
    let mut parts = pieces(chats);
    let last = parts.pop().unwrap_or_default();
    encoded(parts.into_iter().map(ToAgent::ChatsPart).chain([ToAgent::Chats(last)]))
}

fn encoded(frames: impl Iterator<Item = ToAgent>) -> Vec<Bytes> {
    frames.map(|frame| codec::encode(&frame).into()).collect()
}
