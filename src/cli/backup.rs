//! `jumpin backup`: writes a consistent copy of the database and all files to a single archive. It only reads the data
//! directory, so the server can keep running.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use engine::{clock, files::Folder, store::Store};
use tar::{Builder, Header};
use tempfile::NamedTempFile;

use super::backup_archive::{DATABASE, FILES, MANIFEST, Manifest, Part, PartHasher};
use crate::server::config::Config;

pub(super) async fn run(config: &Config, backup: &Path) -> anyhow::Result<()> {
    let database = config.database();
    let file = database.file().with_context(|| {
        format!(
            "{database} is a PostgreSQL database; back it up with pg_dump, then copy the files sent in chats from {}",
            config.data.join(FILES).display()
        )
    })?;
    ensure!(!backup.exists(), "{} already exists and will not be overwritten", backup.display());
    let folder = match backup.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // The temporary files are created next to the backup, where that much space is needed anyway. They are removed on
    // any error.
    let unwritable = || format!("cannot write to {}", folder.display());
    let copy = NamedTempFile::new_in(folder).with_context(unwritable)?;
    let archive = NamedTempFile::new_in(folder).with_context(unwritable)?;
    let made_at = clock::now();
    // Files are copied after the database, so every file that the database refers to already exists.
    let contents = Store::copy(file, copy.path()).await?;
    let mut tar = Builder::new(archive.as_file());
    let database = add_database(&mut tar, copy.path())?;
    let files = add_files(&mut tar, &config.data.join(FILES))?;
    let manifest = Manifest::new(made_at, &contents, database, files);
    add(&mut tar, MANIFEST, &mut serde_json::to_vec_pretty(&manifest)?.as_slice())?;
    tar.finish().context("failed to write the backup")?;
    drop(tar);
    archive.as_file().sync_all()?;
    let bytes = archive.as_file().metadata()?.len();
    archive.persist_noclobber(backup).with_context(|| format!("failed to move the backup to {}", backup.display()))?;
    File::open(folder)?.sync_all()?;
    println!("{}: {bytes} bytes, verified", backup.display());
    println!("contents     {}", manifest.sentence());
    Ok(())
}

fn add_database(tar: &mut Builder<impl Write>, copy: &Path) -> anyhow::Result<Part> {
    let mut hasher = PartHasher::default();
    hasher.database();
    append(tar, DATABASE, File::open(copy)?, &mut hasher)?;
    Ok(hasher.finish())
}

fn add_files(tar: &mut Builder<impl Write>, folder: &Path) -> anyhow::Result<Part> {
    let mut hasher = PartHasher::default();
    for (name, path) in list_files(folder, FILES)? {
        match File::open(&path) {
            Ok(file) => {
                hasher.file(&name, file.metadata()?.len());
                append(tar, &name, file, &mut hasher)?;
            }
            // The file and its message were deleted after the database was copied.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
    Ok(hasher.finish())
}

/// Lists all files in a directory and its subdirectories, sorted, along with their names in the backup. Returns an
/// empty list if the directory does not exist.
fn list_files(folder: &Path, name: &str) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.display())),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let last = entry.file_name();
        let last = last.to_str().with_context(|| format!("the name of {} is not valid UTF-8", path.display()))?;
        let (kind, name) = (entry.file_type()?, format!("{name}/{last}"));
        match () {
            () if kind.is_dir() => found.extend(list_files(&path, &name)?),
            // Uploads in progress are not part of any chat yet.
            () if Folder::is_part(last) => {}
            () if kind.is_file() => found.push((name, path)),
            () => bail!("{} is neither a file nor a directory", path.display()),
        }
    }
    found.sort();
    Ok(found)
}

fn append(tar: &mut Builder<impl Write>, name: &str, file: File, hasher: &mut PartHasher) -> anyhow::Result<()> {
    let (bytes, before) = (file.metadata()?.len(), hasher.bytes());
    add_sized(tar, name, bytes, &mut hasher.wrap(file.take(bytes)))?;
    ensure!(hasher.bytes() - before == bytes, "{name} was truncated while it was being read; please try again");
    Ok(())
}

fn add(tar: &mut Builder<impl Write>, name: &str, bytes: &mut &[u8]) -> anyhow::Result<()> {
    add_sized(tar, name, bytes.len() as u64, bytes)
}

fn add_sized(tar: &mut Builder<impl Write>, name: &str, bytes: u64, from: &mut dyn io::Read) -> anyhow::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(clock::now() / 1_000).unwrap_or_default());
    tar.append_data(&mut header, name, from).with_context(|| format!("failed to write {name} to the backup"))
}
