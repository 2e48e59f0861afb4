//! Stores agents' avatars. An upload is re-encoded and stored in a file with a random name, which the database
//! references. Each new avatar gets a new name, so browsers can cache avatars indefinitely.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use protocol::refusal::Refusal;

use crate::{
    Engine, Permission, avatar, clock,
    files::sweep,
    operations::refusal,
    sessions::Principal,
    store::{Actor, StoreError},
    validation::{FieldError, FormError},
};

impl Engine {
    /// Replaces the agent's own avatar.
    ///
    /// # Errors
    /// Returns an error if the upload is not an accepted image, and [`Refusal::StorageFull`] if the disk is full.
    pub async fn change_avatar(&self, me: &Principal, uploaded: Vec<u8>) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        // Decoding uses a lot of memory, so only one image is decoded at a time.
        let _guard = self.inner.decode_lock.lock().await;
        let folder = self.settings().avatars.clone();
        let kept = tokio::task::spawn_blocking(move || keep_avatar(&folder, &uploaded));
        let name = kept.await.map_err(|_| Refusal::Unexpected)??;
        self.set_avatar(me, Some(name)).await?;
        Ok(())
    }

    /// Removes the agent's own avatar.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn remove_avatar(&self, me: &Principal) -> Result<(), Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        self.set_avatar(me, None).await
    }

    /// Returns a colleague's avatar as a PNG, given its name.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the name is invalid or belongs to another organization.
    pub async fn avatar(&self, me: &Principal, name: &str) -> Result<Vec<u8>, Refusal> {
        me.may(Permission::Watch)?;
        if !is_name(name) || !self.store().has_avatar(me.organization, name.to_owned()).await.map_err(refusal)? {
            return Err(Refusal::NotFound);
        }
        self.read_avatar(name).await
    }

    /// Returns an agent's avatar as a PNG, given its name. Anyone may call this: visitors receive the name with an
    /// invitation or a chat, and it cannot be guessed.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the name is invalid or its owner can no longer sign in.
    pub async fn public_avatar(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        if !is_name(name) || !self.store().is_a_face(name.to_owned()).await.map_err(refusal)? {
            return Err(Refusal::NotFound);
        }
        self.read_avatar(name).await
    }

    async fn read_avatar(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        match tokio::fs::read(path_of(&self.settings().avatars, name)).await {
            Ok(avatar) => Ok(avatar),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Refusal::NotFound),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes unused avatar files on startup. A crash between storing a file and storing its row can leave such files
    /// behind.
    pub(crate) async fn sweep_avatars(&self) -> Result<(), StoreError> {
        let known = self.store().known_avatars().await?;
        let folder = self.settings().avatars.clone();
        let swept = tokio::task::spawn_blocking(move || {
            sweep(&folder, |file| file.strip_suffix(".png").is_some_and(|name| known.contains(name)))
        });
        match swept.await {
            Ok(Ok(0)) => {}
            Ok(Ok(avatars)) => tracing::info!(avatars, "removed unused avatar files"),
            Ok(Err(error)) => tracing::error!(%error, "failed to scan the avatars directory"),
            Err(error) => tracing::error!(%error, "failed to scan the avatars directory"),
        }
        Ok(())
    }

    /// Sets or removes the agent's avatar. The database is updated before a file is deleted, so a referenced avatar
    /// always exists.
    async fn set_avatar(&self, me: &Principal, name: Option<String>) -> Result<(), Refusal> {
        let set = self.store().set_avatar(Actor::from(me), me.agent, name.clone(), clock::now()).await;
        let unused = match &set {
            Ok(before) => before.clone(),
            Err(_) => name,
        };
        if let Some(unused) = unused.filter(|unused| is_name(unused))
            && let Err(error) = tokio::fs::remove_file(path_of(&self.settings().avatars, &unused)).await
        {
            tracing::warn!(%error, "failed to remove an unused avatar file");
        }
        set.map_err(refusal)?;
        self.forget_card(me.agent);
        self.broadcast_directory(me.organization).await;
        Ok(())
    }
}

/// Re-encodes an upload, writes it to a new file, and returns the file's name once it has been synced to disk.
///
/// This function is slow and blocks the thread, so do not call it directly from async code.
///
/// # Errors
/// Returns an error if the upload is not an accepted image, and [`Refusal::StorageFull`] if the disk is full.
pub fn keep_avatar(folder: &Path, uploaded: &[u8]) -> Result<String, FormError> {
    let small = avatar::small(uploaded).map_err(|kind| FormError::from(FieldError { field: "avatar", kind }))?;
    keep(folder, &small).map_err(|error| FormError::from(failed(error)))
}

/// Writes a new file to the directory and returns its name once it has been synced to disk.
fn keep(folder: &Path, avatar: &[u8]) -> io::Result<String> {
    private_folder(folder)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = random.iter().fold(String::with_capacity(32), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    });
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path_of(folder, &name))?;
    file.write_all(avatar)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(name)
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut maker = DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    match fs::metadata(folder) {
        Ok(_) => Ok(()),
        Err(_) => maker.create(folder),
    }
}

fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("png")
}

/// Returns whether this is a valid avatar name. A valid name consists of 32 hexadecimal digits, so it cannot be a path.
fn is_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[expect(clippy::needless_pass_by_value, reason = "used with `map_err`")]
fn failed(error: io::Error) -> Refusal {
    tracing::error!(%error, "failed to access an avatar file");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Refusal::StorageFull,
        _ => Refusal::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn avatar_file_has_its_own_name_and_private_permissions() {
        let home = tempfile::tempdir().expect("a temporary directory can be created");
        let folder = home.path().join("files/avatars");
        let (one, two) = (keep(&folder, b"one").expect("stored"), keep(&folder, b"one").expect("stored"));
        assert!(is_name(&one) && is_name(&two) && one != two);
        assert_eq!(fs::read(path_of(&folder, &one)).expect("the file is readable"), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).expect("the path exists").permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&path_of(&folder, &one))), (0o700, 0o600));
        }
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for name in
            ["", "../jumpin", "0123456789abcdef0123456789abcde/", "0123456789ABCDEF0123456789ABCDEF", "..", "a\0"]
        {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
