//! `jumpin restore`: what a backup holds, checked, into a data folder that is empty. Nothing is in place before all of it is
//! found to be what the manifest says, and the database comes last.

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

/// A manifest is a few hundred bytes.
const MANIFEST_BYTES: u64 = 64 * 1024;

pub(super) async fn run(config: &Config, backup: &Path) -> anyhow::Result<()> {
    let database = config.database();
    let database = database.file().with_context(|| {
        format!("{database} is PostgreSQL's: restore into a folder with --database sqlite:FILE, then jumpin copy")
    })?;
    let archive = File::open(backup).with_context(|| format!("{} cannot be read", backup.display()))?;
    let data = &config.data;
    let home = database.parent().unwrap_or(data);
    for folder in [data, home] {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    // No server starts here before this ends.
    let _closed = Store::lock_database(database).await?;
    ensure!(!database.exists(), "there is a database in {}; nothing is restored over it", home.display());
    refuse_if_not_empty(data, database)?;

    let staging = Builder::new().prefix(".restoring-").tempdir_in(data)?;
    let unpacked = unpack(archive, &staging).with_context(|| format!("{} is not restored", backup.display()))?;
    let manifest = unpacked.verify().with_context(|| format!("{} is not restored", backup.display()))?;
    let found = Store::inspect(&staging.path().join(DATABASE)).await?;
    ensure!(found.version == manifest.migration, "the database in it is not the one that the manifest names");

    let files = staging.path().join(FILES);
    if files.is_dir() {
        fs::rename(files, data.join(FILES))?;
    }
    // It may have its home on another disk; there, too, it appears whole.
    let placed = Builder::new().prefix(".restoring-").tempfile_in(home)?;
    fs::copy(staging.path().join(DATABASE), placed.path())?;
    placed.as_file().sync_all()?;
    placed.persist_noclobber(database)?;
    for folder in [data, home] {
        File::open(folder)?.sync_all()?;
    }
    println!("{}: restored from {}, written by jumpin {}", database.display(), backup.display(), manifest.jumpin);
    println!("in it        {}", manifest.sentence());
    Ok(())
}

fn refuse_if_not_empty(data: &Path, database: &Path) -> anyhow::Result<()> {
    let mut lock = database.file_name().unwrap_or_default().to_owned();
    lock.push(".lock");
    for entry in fs::read_dir(data)? {
        let name = entry?.file_name();
        ensure!(name == lock || name == "lost+found", "{} is not empty: it holds {}", data.display(), name.display());
    }
    Ok(())
}

/// What came out of a backup, and what it says should have.
struct UnpackedBackup {
    database: Option<Part>,
    files: Part,
    manifest: Option<Manifest>,
}

impl UnpackedBackup {
    fn verify(self) -> anyhow::Result<Manifest> {
        let manifest = self.manifest.context("it was cut off: the manifest is missing")?;
        let database = self.database.context("there is no database in it")?;
        ensure!(database == manifest.database, "the database in it is not what was written: its hash differs");
        ensure!(self.files == manifest.files, "the files in it are not what was written: their hash differs");
        Ok(manifest)
    }
}

fn unpack(archive: impl Read, staging: &TempDir) -> anyhow::Result<UnpackedBackup> {
    let (mut database, mut files, mut manifest) = (None, PartHasher::default(), None);
    let mut archive = Archive::new(archive);
    for entry in archive.entries().context("it is no backup")? {
        let mut entry = entry.context("it is no backup, or was cut off")?;
        let name = checked_name(&entry)?;
        let place = staging.path().join(&name);
        match name.as_str() {
            MANIFEST => {
                let mut text = Vec::new();
                entry.take(MANIFEST_BYTES).read_to_end(&mut text)?;
                manifest = Some(serde_json::from_slice(&text).context("its manifest cannot be read")?);
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

/// The name of something that a backup may hold: a plain file, and nowhere else than in its place.
fn checked_name(entry: &Entry<'_, impl Read>) -> anyhow::Result<String> {
    let path = entry.path().context("it holds a name that cannot be read")?;
    let refused = || format!("it holds `{}`, which is no part of a backup", path.display());
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

/// A new file, on the disk; what is there already is not written over, and no link is followed.
fn write(place: &PathBuf, from: &mut dyn Read) -> anyhow::Result<()> {
    if let Some(folder) = place.parent() {
        private_folder().create(folder)?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(place).with_context(|| format!("{} could not be written", place.display()))?;
    io::copy(from, &mut file).context("it was cut off, or there is no room for it")?;
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
            // As a hostile program writes it: the library would refuse such a name.
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
        format!("{:#}", unpacked.map(drop).expect_err("it is refused"))
    }

    #[test]
    fn restore_rejects_paths_outside_the_backup() {
        for name in ["../out", "files/../../out", "/etc/out", "files", "other.db", "files/../jumpin.db", "./files/../x"]
        {
            let told = refused(&[(name, EntryType::Regular)]);
            assert!(told.contains("no part of a backup"), "{name}: {told}");
        }
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char, EntryType::Directory] {
            let told = refused(&[("files/a", kind)]);
            assert!(told.contains("no part of a backup"), "{kind:?}: {told}");
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
