//! Writes the files that the server embeds, along with their hashes, their compressed versions, and the Rust source
//! that lists them.

use std::{fs, io::Write as _, path::PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Outcome, build_options::Plan};

/// A file that a browser loads.
pub(super) struct File {
    /// The file name in the URL, such as `jumpin.0123456789abcdef.js`.
    pub(super) name: String,
    /// The hash of the content, as 16 hexadecimal digits.
    pub(super) hash: String,
    /// The path to the written file.
    pub(super) path: PathBuf,
    /// The size in bytes.
    pub(super) size: usize,
    /// The size in bytes after compression with brotli, or `None` in a quick build, which serves files uncompressed.
    pub(super) compressed: Option<usize>,
}

impl File {
    /// Writes the content and its compressed version (`.br`) to a subdirectory of `OUT_DIR`.
    pub(super) fn write(plan: &Plan, folder: &str, name: &str, bytes: &[u8]) -> Outcome<Self> {
        let path = plan.out.join(folder).join(name);
        fs::create_dir_all(path.parent().ok_or("the file has no parent directory")?)?;
        fs::write(&path, bytes)?;
        let beside = compressed_path(&path);
        let compressed = if plan.is_complete && !bytes.is_empty() { Some(brotli(bytes)?) } else { None };
        fs::write(&beside, compressed.as_deref().unwrap_or_default())?;
        let compressed = compressed.map(|compressed| compressed.len());
        Ok(Self { name: name.to_owned(), hash: hash_of([bytes]), path, size: bytes.len(), compressed })
    }

    /// Adds the hash to the file's name, so that `files.js` becomes `files.HASH.js`.
    pub(super) fn hashed(mut self) -> Self {
        if let Some((stem, ending)) = self.name.rsplit_once('.') {
            self.name = format!("{stem}.{}.{ending}", self.hash);
        }
        self
    }
}

/// Returns the Rust source for `const FILES: &[EmbeddedFile]`.
pub(super) fn list(files: &[File]) -> String {
    let mut list = String::from("/// Every file in this bundle.\npub(super) const FILES: &[EmbeddedFile] = &[\n");
    for File { name, hash, path, .. } in files {
        let beside = compressed_path(path);
        list += &format!(
            "    EmbeddedFile {{ name: {name:?}, etag: \"\\\"{hash}\\\"\", plain: include_bytes!({path:?}), \
             brotli: include_bytes!({beside:?}) }},\n"
        );
    }
    list + "];\n"
}

/// Returns a hash of all parts, as 16 hexadecimal digits.
pub(super) fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Compresses data with brotli at the highest level.
pub(super) fn brotli(raw: &[u8]) -> Outcome<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    writer.write_all(raw)?;
    drop(writer);
    Ok(compressed)
}

fn compressed_path(path: &std::path::Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}
