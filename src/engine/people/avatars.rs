//! Agents' avatars. What was uploaded is painted anew and kept in a file of a random name, which the database knows; another
//! avatar has another name, so that browsers keep one for as long as they like.

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
    /// Gives me a avatar in place of the one before.
    ///
    /// # Errors
    /// What was uploaded is none that is taken; `StorageFull`.
    pub async fn change_avatar(&self, me: &Principal, uploaded: Vec<u8>) -> Result<(), FormError> {
        me.may(Permission::ManageOwnAccount)?;
        // One at a time: decoding takes much memory.
        let _guard = self.inner.decode_lock.lock().await;
        let folder = self.settings().avatars.clone();
        let kept = tokio::task::spawn_blocking(move || keep_avatar(&folder, &uploaded));
        let name = kept.await.map_err(|_| Refusal::Unexpected)??;
        self.set_avatar(me, Some(name)).await?;
        Ok(())
    }

    /// Takes my avatar away.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_avatar(&self, me: &Principal) -> Result<(), Refusal> {
        me.may(Permission::ManageOwnAccount)?;
        self.set_avatar(me, None).await
    }

    /// The avatar of a colleague, PNG, by its name.
    ///
    /// # Errors
    /// `NotFound` for no name, and for another organization's.
    pub async fn avatar(&self, me: &Principal, name: &str) -> Result<Vec<u8>, Refusal> {
        me.may(Permission::Watch)?;
        if !is_name(name) || !self.store().has_avatar(me.organization, name.to_owned()).await.map_err(refusal)? {
            return Err(Refusal::NotFound);
        }
        self.read_avatar(name).await
    }

    /// The avatar of somebody whom visitors chat with, PNG, by its name. It was said to them with an invitation or a chat;
    /// nobody guesses it.
    ///
    /// # Errors
    /// `NotFound`, also when its owner cannot sign in any more.
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

    /// At the start: avatars that nobody has, as a crash between their coming and their row leaves them.
    pub(crate) async fn sweep_avatars(&self) -> Result<(), StoreError> {
        let known = self.store().known_avatars().await?;
        let folder = self.settings().avatars.clone();
        let swept = tokio::task::spawn_blocking(move || {
            sweep(&folder, |file| file.strip_suffix(".png").is_some_and(|name| known.contains(name)))
        });
        match swept.await {
            Ok(Ok(0)) => {}
            Ok(Ok(avatars)) => tracing::info!(avatars, "avatars that nobody has were removed"),
            Ok(Err(error)) => tracing::error!(%error, "the folder of avatars could not be looked through"),
            Err(error) => tracing::error!(%error, "the folder of avatars could not be looked through"),
        }
        Ok(())
    }

    /// The database first: what it names is there, and what it no longer names may go.
    async fn set_avatar(&self, me: &Principal, name: Option<String>) -> Result<(), Refusal> {
        let set = self.store().set_avatar(Actor::from(me), me.agent, name.clone(), clock::now()).await;
        let unused = match &set {
            Ok(before) => before.clone(),
            Err(_) => name,
        };
        if let Some(unused) = unused.filter(|unused| is_name(unused))
            && let Err(error) = tokio::fs::remove_file(path_of(&self.settings().avatars, &unused)).await
        {
            tracing::warn!(%error, "a avatar that nobody has any more could not be removed");
        }
        set.map_err(refusal)?;
        self.forget_card(me.agent);
        self.broadcast_directory(me.organization).await;
        Ok(())
    }
}

/// Paints what was uploaded anew into a file of its own, on the disk once this returns its name. It takes a while: not for an
/// async task.
///
/// # Errors
/// What was uploaded is none that is taken; `StorageFull`.
pub fn keep_avatar(folder: &Path, uploaded: &[u8]) -> Result<String, FormError> {
    let small = avatar::small(uploaded).map_err(|kind| FormError::from(FieldError { field: "avatar", kind }))?;
    keep(folder, &small).map_err(|error| FormError::from(failed(error)))
}

/// A new file in the folder; on the disk, once this returns its name.
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

/// Thirty-two letters of the sixteen that are digits here; no path.
fn is_name(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: io::Error) -> Refusal {
    tracing::error!(%error, "a avatar could not be kept or read");
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
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("files/avatars");
        let (one, two) = (keep(&folder, b"one").expect("kept"), keep(&folder, b"one").expect("kept"));
        assert!(is_name(&one) && is_name(&two) && one != two);
        assert_eq!(fs::read(path_of(&folder, &one)).expect("read"), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
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
