//! Files that are sent in chats: what may be one (`file_type`, told by its content, with `zip_archive` and `image_size`), what a
//! camera has written into them (`metadata`), and the folder that holds what is in them (`storage`). The rows about them are the
//! store's.
//!
//! Nothing is ever unpacked or decoded here, and no name that a person gave becomes the name of a file.

mod file_type;
mod image_size;
mod metadata;
mod storage;
mod zip_archive;

pub use file_type::Kind;
pub(crate) use storage::sweep;
pub use storage::{Folder, PartialFile};

/// What a failure of the disk is to whoever sent or asked for a file; the log has the rest.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: std::io::Error) -> protocol::refusal::Refusal {
    tracing::error!(%error, "a file could not be kept");
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            protocol::refusal::Refusal::StorageFull
        }
        _ => protocol::refusal::Refusal::Unexpected,
    }
}
