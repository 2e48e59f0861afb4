//! Files sent in chats: which types are allowed (`file_type`, detected from the content with the help of `zip_archive`
//! and `image_size`), removal of image metadata (`metadata`), and the folder that contains the files (`storage`). Their
//! database rows belong to the store.
//!
//! Nothing is ever unpacked or decoded here, and no user-supplied name is used as a file name.

mod file_type;
mod image_size;
mod metadata;
mod storage;
mod zip_archive;

pub use file_type::Kind;
pub(crate) use storage::sweep;
pub use storage::{Folder, PartialFile};

/// Logs a disk failure and returns what the user is told.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: std::io::Error) -> protocol::refusal::Refusal {
    tracing::error!(%error, "failed to access file storage");
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            protocol::refusal::Refusal::StorageFull
        }
        _ => protocol::refusal::Refusal::Unexpected,
    }
}
