//! Artwork made for the demo: two avatars and the attachments in its chats.

use std::path::Path;

use engine::{
    files::Folder,
    people::keep_avatar,
    store::{Actor, Store},
};
use protocol::{Millis, file::FileCard, refusal::Refusal};

/// A file sent in one of the demo's chats.
#[derive(Clone, Copy)]
pub(super) struct Attachment {
    name: &'static str,
    bytes: &'static [u8],
}

/// Sent by a visitor with a question.
pub(super) const TORN_ZIP: Attachment =
    Attachment { name: "torn-zip.jpg", bytes: include_bytes!("attachments/torn-zip.jpg") };
/// Sent by an agent with the answer.
pub(super) const RETURN_LABEL: Attachment =
    Attachment { name: "return-label.pdf", bytes: include_bytes!("attachments/return-label.pdf") };
/// Ann's avatar.
pub(super) const ANN: &[u8] = include_bytes!("attachments/ann.png");
/// Ben's avatar.
pub(super) const BEN: &[u8] = include_bytes!("attachments/ben.png");

impl Attachment {
    /// Stores the attachment in the files directory as if it had been uploaded, and returns its card.
    ///
    /// # Errors
    /// Returns the same refusals as an upload.
    pub(super) async fn place(&self, files: &Folder) -> Result<FileCard, Refusal> {
        let mut part = files.begin().await?;
        part.write(self.bytes).await?;
        let (id, bytes, kind, name) = files.place(part, self.name.to_owned(), false).await?;
        Ok(FileCard::new(id, bytes, kind.as_str(), &name))
    }
}

/// Sets an agent's avatar.
pub(super) async fn give_avatar(
    store: &Store,
    folder: &Path,
    by: Actor,
    avatar: &'static [u8],
    now: Millis,
) -> anyhow::Result<()> {
    let Some(agent) = by.agent else { return Ok(()) };
    let folder = folder.to_owned();
    let painted = tokio::task::spawn_blocking(move || keep_avatar(&folder, avatar)).await?;
    let name = painted.map_err(|trouble| anyhow::anyhow!("failed to store a demo avatar: {trouble:?}"))?;
    store.set_avatar(by, agent, Some(name), now).await?;
    Ok(())
}
