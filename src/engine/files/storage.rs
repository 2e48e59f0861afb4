//! The directory for files sent in chats. Each file has a random name; the user-supplied name is stored in the
//! database. A file is synced to disk before anyone is notified of it, and files without a database row are deleted on
//! the next startup.

use std::{
    collections::HashSet,
    fs::{self, DirBuilder, File},
    io,
    path::{Path, PathBuf},
};

use protocol::{id::FileId, refusal::Refusal};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::{Kind, failed, metadata};

/// The extension of incomplete uploads. Backups skip these files.
const PART: &str = ".part";

/// A handle to the directory. Clones refer to the same directory.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// An incomplete upload. Dropping it deletes the file.
#[derive(Debug)]
pub struct PartialFile {
    id: FileId,
    path: PathBuf,
    file: Option<tokio::fs::File>,
    bytes: u64,
}

impl Folder {
    /// Returns a handle to the directory at the given path. The directory is created along with the first file.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn path_of(&self, id: FileId) -> PathBuf {
        self.0.join(id.to_string())
    }

    /// Starts an upload.
    ///
    /// # Errors
    /// Returns [`Refusal::StorageFull`] if the disk is full, and [`Refusal::Unexpected`] for any other disk error,
    /// which is logged.
    pub async fn begin(&self) -> Result<PartialFile, Refusal> {
        let id = FileId(Uuid::now_v7());
        let path = self.0.join(format!("{id}{PART}"));
        let folder = self.0.clone();
        let (at, made) = (path.clone(), tokio::task::spawn_blocking(move || private_folder(&folder)));
        made.await.map_err(|_| Refusal::Unexpected)?.map_err(failed)?;
        let mut options = tokio::fs::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&at).await.map_err(failed)?;
        file.set_max_buf_size(64 * 1024);
        Ok(PartialFile { id, path, file: Some(file), bytes: 0 })
    }

    /// Completes an upload and returns its ID, size in bytes, kind, and name with a matching extension. By the time
    /// this method returns, the file has been synced to disk under its final name. Image metadata is removed unless
    /// `keep_metadata` is set.
    ///
    /// # Errors
    /// Returns [`Refusal::Empty`] if the file is empty, [`Refusal::FileRefused`] if its type is not allowed,
    /// [`Refusal::ImageTooLarge`] if it is an image that is too large, [`Refusal::StorageFull`] if the disk is full,
    /// and [`Refusal::Unexpected`] for any other disk error.
    pub async fn place(
        &self,
        mut part: PartialFile,
        name: String,
        keep_metadata: bool,
    ) -> Result<(FileId, u64, Kind, String), Refusal> {
        let Some(mut file) = part.file.take() else { return Err(Refusal::Unexpected) };
        if part.bytes == 0 {
            return Err(Refusal::Empty);
        }
        file.flush().await.map_err(failed)?;
        let mut file = file.into_std().await;
        let (folder, place, id, sent) = (self.0.clone(), self.path_of(part.id), part.id, part.bytes);
        let placed = tokio::task::spawn_blocking(move || {
            let kind = Kind::of(&mut file)?;
            let name = kind.with_extension(&name)?;
            let bytes = if keep_metadata { sent } else { metadata::remove(kind, &mut file)? };
            let placed = file.sync_all().and_then(|()| fs::rename(&part.path, &place));
            placed.and_then(|()| File::open(&folder)?.sync_all()).map_err(failed)?;
            Ok((id, bytes, kind, name))
        });
        placed.await.map_err(|_| Refusal::Unexpected)?
    }

    /// Opens a file for reading and returns it along with its size in bytes, or `None` if it does not exist.
    ///
    /// # Errors
    /// Returns [`Refusal::Unexpected`] if the file cannot be opened for any other reason.
    pub async fn open(&self, id: FileId) -> Result<Option<(tokio::fs::File, u64)>, Refusal> {
        match tokio::fs::File::open(self.path_of(id)).await {
            Ok(file) => {
                let bytes = file.metadata().await.map_err(failed)?.len();
                Ok(Some((file, bytes)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes files and returns the IDs of those that no longer exist.
    pub async fn remove(&self, ids: Vec<FileId>) -> Vec<FileId> {
        let folder = self.clone();
        let removed = tokio::task::spawn_blocking(move || {
            let gone = |id: &FileId| match fs::remove_file(folder.path_of(*id)) {
                Ok(()) => true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => true,
                Err(error) => {
                    tracing::error!(%error, "failed to delete a file");
                    false
                }
            };
            let removed: Vec<_> = ids.into_iter().filter(gone).collect();
            if let Err(error) = folder.sync() {
                tracing::warn!(%error, "failed to sync the files directory");
            }
            removed
        });
        removed.await.unwrap_or_default()
    }

    fn sync(&self) -> io::Result<()> {
        sync(&self.0)
    }

    /// Deletes files that have no database row. They are left over from uploads and deletions that were interrupted
    /// when the server stopped. Returns the number of deleted files.
    ///
    /// # Errors
    /// Returns an error if the directory cannot be read or a file cannot be deleted.
    pub fn sweep(&self, known: &HashSet<FileId>) -> io::Result<u64> {
        sweep(&self.0, |name| name.parse().is_ok_and(|id| known.contains(&id)))
    }

    /// Returns whether a file name belongs to an incomplete upload.
    pub fn is_part(name: &str) -> bool {
        name.ends_with(PART)
    }
}

impl PartialFile {
    /// Returns the number of bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends bytes and returns the total number of bytes written so far.
    ///
    /// # Errors
    /// Returns [`Refusal::StorageFull`] if the disk is full, and [`Refusal::Unexpected`] for any other disk error,
    /// which is logged.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<u64, Refusal> {
        let Some(file) = &mut self.file else { return Err(Refusal::Unexpected) };
        file.write_all(bytes).await.map_err(failed)?;
        self.bytes += bytes.len() as u64;
        Ok(self.bytes)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // A completed upload no longer has this name. A file that cannot be deleted now will be deleted on the next
        // startup.
        fs::remove_file(&self.path).ok();
    }
}

/// Deletes all files in a directory whose names are not known, and returns how many were deleted. A missing directory
/// is treated as empty.
///
/// # Errors
/// Returns an error if the directory cannot be read or a file cannot be deleted.
pub(crate) fn sweep(folder: &Path, is_known: impl Fn(&str) -> bool) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        let is_known = entry.file_name().to_str().is_some_and(&is_known);
        if !is_known && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    sync(folder)?;
    Ok(swept)
}

fn sync(folder: &Path) -> io::Result<()> {
    if folder.is_dir() { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Creates a directory that only the current user can access, because visitors' files are private.
fn private_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)?;
    // The directory's own entry must also be synced; otherwise, everything in it could be lost.
    path.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the directory is readable");
        entries.map(|entry| entry.expect("a readable entry").file_name().into_string().expect("a UTF-8 name")).collect()
    }

    #[tokio::test]
    async fn placed_file_exists_and_dropped_part_leaves_nothing() {
        let home = tempfile::tempdir().expect("a temporary directory can be created");
        let folder = Folder::new(home.path().join("files/sent"));
        let mut part = folder.begin().await.expect("the upload starts");
        assert_eq!(part.write(b"Hello, ").await, Ok(7));
        assert_eq!(part.write(b"you").await, Ok(10));
        assert!(names(&folder.0).iter().all(|name| Folder::is_part(name)));
        let (id, bytes, kind, name) = folder.place(part, "hello".into(), false).await.expect("the upload is valid");
        assert_eq!((bytes, kind, name.as_str()), (10, Kind::Text, "hello.txt"));
        assert_eq!(names(&folder.0), [id.to_string()]);
        assert_eq!(folder.open(id).await.expect("the file exists").map(|(_, bytes)| bytes), Some(10));

        let mut refused = folder.begin().await.expect("the upload starts");
        refused.write(b"<svg onload=alert(1)>").await.expect("the directory is writable");
        assert_eq!(folder.place(refused, "a.png".into(), false).await, Err(Refusal::FileRefused));
        let empty = folder.begin().await.expect("the upload starts");
        assert_eq!(folder.place(empty, "a.png".into(), false).await, Err(Refusal::Empty));
        let mut broken_off = folder.begin().await.expect("the upload starts");
        broken_off.write(b"half").await.expect("the directory is writable");
        drop(broken_off);
        assert_eq!(names(&folder.0), [id.to_string()]);

        let nowhere = FileId(Uuid::now_v7());
        assert!(folder.open(nowhere).await.expect("a missing file is not an error").is_none());
        assert_eq!(folder.remove(vec![id, nowhere]).await, [id, nowhere]);
        assert_eq!(names(&folder.0), [""; 0]);
    }

    #[test]
    fn unreferenced_files_are_removed() {
        let home = tempfile::tempdir().expect("a temporary directory can be created");
        let folder = Folder::new(home.path().join("sent"));
        assert_eq!(folder.sweep(&HashSet::new()).expect("a missing directory is treated as empty"), 0);
        private_folder(&folder.0).expect("the directory is writable");
        let (kept, left) = (FileId(Uuid::now_v7()), FileId(Uuid::now_v7()));
        for name in [kept.to_string(), left.to_string(), format!("{kept}{PART}"), "x".into()] {
            fs::write(folder.0.join(name), "x").expect("the directory is writable");
        }
        assert_eq!(folder.sweep(&HashSet::from([kept])).expect("the directory is readable"), 3);
        assert_eq!(names(&folder.0), [kept.to_string()]);
    }
}
