//! `jumpin restore`: verifies a backup and restores it into an empty data directory. Nothing is moved into place until
//! everything matches the manifest, and the database is moved last.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use engine::store::Store;
use tar::{Archive, Entry, EntryType};
use tempfile::{Builder, TempDir};

use super::backup_archive::{DATABASE, FILES, MANIFEST, Manifest, Part, PartHasher};
use crate::server::config::Config;

/// The maximum size of the manifest, in bytes. A real one is only a few hundred bytes long.
const MANIFEST_BYTES: u64 = 64 * 1024;

pub(super) async fn run(config: &Config, backup: &Path) -> anyhow::Result<()> {
    let database = config.database();
    let database = database.file().with_context(|| {
        format!("{database} is a PostgreSQL database; restore with --database sqlite:FILE, then run `jumpin copy`")
    })?;
    let archive = File::open(backup).with_context(|| format!("cannot read {}", backup.display()))?;
    let data = &config.data;
    let home = database.parent().unwrap_or(data);
    for folder in [data, home] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    // Prevents a server from starting here until the restore is complete.
    let _closed = Store::lock_database(database).await?;
    ensure!(!database.exists(), "{} already contains a database, which will not be overwritten", home.display());
    refuse_if_not_empty(data, database)?;

    let staging = Builder::new().prefix(".restoring-").tempdir_in(data)?;
    let unpacked = unpack(archive, &staging).with_context(|| format!("failed to restore {}", backup.display()))?;
    let manifest = unpacked.verify().with_context(|| format!("failed to restore {}", backup.display()))?;
    let found = Store::inspect(&staging.path().join(DATABASE)).await?;
    ensure!(found.version == manifest.migration, "the database version does not match the manifest");

    let files = staging.path().join(FILES);
    if files.is_dir() {
        fs::rename(files, data.join(FILES))?;
    }
    // The database may belong on another disk, so it is copied there first and then renamed into place atomically.
    let placed = Builder::new().prefix(".restoring-").tempfile_in(home)?;
    fs::copy(staging.path().join(DATABASE), placed.path())?;
    placed.as_file().sync_all()?;
    placed.persist_noclobber(database)?;
    for folder in [data, home] {
        File::open(folder)?.sync_all()?;
    }
    println!("{}: restored from {}, written by jumpin {}", database.display(), backup.display(), manifest.jumpin);
    println!("contents     {}", manifest.sentence());
    Ok(())
}

fn refuse_if_not_empty(data: &Path, database: &Path) -> anyhow::Result<()> {
    let mut lock = database.file_name().unwrap_or_default().to_owned();
    lock.push(".lock");
    for entry in fs::read_dir(data)? {
        let name = entry?.file_name();
        ensure!(name == lock || name == "lost+found", "{} is not empty: found {}", data.display(), name.display());
    }
    Ok(())
}

/// The unpacked parts of a backup, and its manifest.
struct UnpackedBackup {
    database: Option<Part>,
    files: Part,
    manifest: Option<Manifest>,
}

impl UnpackedBackup {
    fn verify(self) -> anyhow::Result<Manifest> {
        let manifest = self.manifest.context("the backup is truncated: the manifest is missing")?;
        let database = self.database.context("the backup contains no database")?;
        ensure!(database == manifest.database, "the database in the backup is damaged: its hash does not match");
        ensure!(self.files == manifest.files, "the files in the backup are damaged: their hash does not match");
        Ok(manifest)
    }
}

fn unpack(archive: impl Read, staging: &TempDir) -> anyhow::Result<UnpackedBackup> {
    let (mut database, mut files, mut manifest) = (None, PartHasher::default(), None);
    let mut archive = Archive::new(archive);
    for entry in archive.entries().context("not a backup")? {
        let mut entry = entry.context("not a backup, or the backup is truncated")?;
        let name = checked_name(&entry)?;
        let place = staging.path().join(&name);
        match name.as_str() {
            MANIFEST => {
                let mut text = Vec::new();
                entry.take(MANIFEST_BYTES).read_to_end(&mut text)?;
                manifest = Some(serde_json::from_slice(&text).context("the manifest cannot be read")?);
            }
            DATABASE => {
                let mut hasher = PartHasher::default();
                hasher.database();
                write(&place, &mut hasher.wrap(&mut entry))?;
                database = Some(hasher.finish());
            }
            _ => {
                files.file(&name, entry.size());
                write(&place, &mut files.wrap(&mut entry))?;
            }
        }
    }
    Ok(UnpackedBackup { database, files: files.finish(), manifest })
}

/// Returns an entry's name if a backup may contain it, meaning that it is a regular file at an allowed path.
fn checked_name(entry: &Entry<'_, impl Read>) -> anyhow::Result<String> {
    let path = entry.path().context("the backup contains a name that cannot be read")?;
    let refused = || format!("the backup contains `{}`, which is not part of a backup", path.display());
    let steps: Vec<_> = path.components().collect();
    ensure!(steps.iter().all(|step| matches!(step, Component::Normal(_))), refused());
    ensure!(matches!(entry.header().entry_type(), EntryType::Regular), refused());
    let name = path.to_str().with_context(refused)?;
    let is_file = steps.len() > 1 && steps[0].as_os_str() == FILES;
    match name {
        MANIFEST | DATABASE => Ok(name.to_owned()),
        _ if is_file => Ok(name.to_owned()),
        _ => bail!(refused()),
    }
}

/// Writes a new file and syncs it to disk. Existing files are not overwritten, and symbolic links are not followed.
fn write(place: &PathBuf, from: &mut dyn Read) -> anyhow::Result<()> {
    if let Some(folder) = place.parent() {
        private_folder().create(folder)?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(place).with_context(|| format!("{} could not be written", place.display()))?;
    io::copy(from, &mut file).context("the backup is truncated, or the disk is full")?;
    Ok(file.sync_all()?)
}

fn private_folder() -> DirBuilder {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[(&str, EntryType)]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, kind) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(0);
            header.set_entry_type(*kind);
            // The name is written as raw bytes, as a malicious program would do, because the library rejects such
            // names.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            if *kind == EntryType::Symlink {
                header.set_link_name("/etc/passwd").unwrap();
            }
            header.set_cksum();
            tar.append(&header, io::empty()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn refused(entries: &[(&str, EntryType)]) -> String {
        let staging = tempfile::tempdir().unwrap();
        let unpacked = unpack(archive(entries).as_slice(), &staging).and_then(UnpackedBackup::verify);
        format!("{:#}", unpacked.map(drop).expect_err("the backup is rejected"))
    }

    #[test]
    fn restore_rejects_paths_outside_the_backup() {
        for name in ["../out", "files/../../out", "/etc/out", "files", "other.db", "files/../jumpin.db", "./files/../x"]
        {
            let error = refused(&[(name, EntryType::Regular)]);
            assert!(error.contains("not part of a backup"), "{name}: {error}");
        }
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char, EntryType::Directory] {
            let error = refused(&[("files/a", kind)]);
            assert!(error.contains("not part of a backup"), "{kind:?}: {error}");
        }
    }

    #[test]
    fn restore_rejects_duplicate_names_and_a_missing_manifest() {
        let twice = refused(&[("files/a", EntryType::Regular), ("files/a", EntryType::Regular)]);
        assert!(twice.contains("could not be written"), "{twice}");
        assert!(refused(&[("jumpin.db", EntryType::Regular)]).contains("the manifest is missing"));
        assert!(refused(&[("manifest.json", EntryType::Regular)]).contains("manifest cannot be read"));
    }
}
