//! Handles files sent in chats. `file_type` detects a file's type from its content, with the help of `zip_archive` and
//! `image_size`, and decides whether it is allowed. `metadata` removes image metadata. `storage` manages the directory
//! that contains the files. Their database rows belong to the store.
//!
//! Nothing is ever unpacked or decoded here, and user-supplied names are never used as file names.

mod file_type;
mod image_size;
mod metadata;
mod storage;
mod zip_archive;

pub use file_type::Kind;
pub(crate) use storage::sweep;
pub use storage::{Folder, PartialFile};

/// Logs a disk error and returns the refusal to report to the user.
#[expect(clippy::needless_pass_by_value, reason = "used with `map_err`")]
fn failed(error: std::io::Error) -> protocol::refusal::Refusal {
    tracing::error!(%error, "failed to access file storage");
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            protocol::refusal::Refusal::StorageFull
        }
        _ => protocol::refusal::Refusal::Unexpected,
    }
}
