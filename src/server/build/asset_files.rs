//! The files that the server embeds: each with its hash and its compressed form, and the Rust source that lists them.

use std::{fs, io::Write as _, path::PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Outcome, build_options::Plan};

/// A file that a browser loads.
pub(super) struct File {
    /// Its name in the address, such as `jumpin.0123456789abcdef.js`.
    pub(super) name: String,
    /// Changes with the bytes; 16 hexadecimal digits.
    pub(super) hash: String,
    /// Where its bytes are.
    pub(super) path: PathBuf,
    /// How many bytes it has.
    pub(super) size: usize,
    /// How many it has when compressed with brotli; `None` in a quick build, which serves it as it is.
    pub(super) compressed: Option<usize>,
}

impl File {
    /// Writes the bytes, and their compressed form beside them (`.br`), into a folder of `OUT_DIR`.
    pub(super) fn write(plan: &Plan, folder: &str, name: &str, bytes: &[u8]) -> Outcome<Self> {
        let path = plan.out.join(folder).join(name);
        fs::create_dir_all(path.parent().ok_or("the file has no folder")?)?;
        fs::write(&path, bytes)?;
        let beside = compressed_path(&path);
        let compressed = if plan.is_complete && !bytes.is_empty() { Some(brotli(bytes)?) } else { None };
        fs::write(&beside, compressed.as_deref().unwrap_or_default())?;
        let compressed = compressed.map(|compressed| compressed.len());
        Ok(Self { name: name.to_owned(), hash: hash_of([bytes]), path, size: bytes.len(), compressed })
    }

    /// The same file under a name that changes with its bytes: `files.js` becomes `files.HASH.js`.
    pub(super) fn hashed(mut self) -> Self {
        if let Some((stem, ending)) = self.name.rsplit_once('.') {
            self.name = format!("{stem}.{}.{ending}", self.hash);
        }
        self
    }
}

/// `const FILES: &[EmbeddedFile]`, as Rust source.
pub(super) fn list(files: &[File]) -> String {
    let mut list = String::from("/// Every file of this bundle.\npub(super) const FILES: &[EmbeddedFile] = &[\n");
    for File { name, hash, path, .. } in files {
        let beside = compressed_path(path);
        list += &format!(
            "    EmbeddedFile {{ name: {name:?}, etag: \"\\\"{hash}\\\"\", plain: include_bytes!({path:?}), \
             brotli: include_bytes!({beside:?}) }},\n"
        );
    }
    list + "];\n"
}

/// Changes with any of the parts; 16 hexadecimal digits.
pub(super) fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Compressed as small as brotli can.
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
