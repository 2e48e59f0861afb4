//! The backup format: a plain tar archive that contains the database, the files, and, at the end, a manifest with their
//! sizes and hashes. A backup without a manifest is truncated.

use std::io::{self, Read};

use engine::store::Contents;
use protocol::Millis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The database's name in the archive.
pub(super) const DATABASE: &str = "jumpin.db";
/// The directory for chat files and avatars. It has the same name in the data directory.
pub(super) const FILES: &str = "files";
/// The manifest's name in the archive.
pub(super) const MANIFEST: &str = "manifest.json";

/// A description of a backup's contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of the program that wrote the backup.
    pub(super) jumpin: String,
    /// When the backup was made, in milliseconds since the Unix epoch.
    pub(super) made_at: Millis,
    /// The version of the last migration applied to the database.
    pub(super) migration: i64,
    /// The number of organizations.
    pub(super) organizations: u64,
    /// The number of agents.
    pub(super) agents: u64,
    /// The number of concierges.
    pub(super) concierges: u64,
    /// The number of chats.
    pub(super) chats: u64,
    /// The number of messages.
    pub(super) messages: u64,
    /// The database. Its hash covers the contents of the file.
    pub(super) database: Part,
    /// The files. For each file, in order, their hash covers its name, a NUL byte, its length (eight bytes,
    /// little-endian), and its contents.
    pub(super) files: Part,
}

/// The size and hash of one part of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// The number of files.
    pub(super) count: u64,
    /// The total size in bytes.
    pub(super) bytes: u64,
    /// The SHA-256 hash, in hexadecimal.
    pub(super) sha256: String,
}

impl Manifest {
    pub(super) fn new(made_at: Millis, contents: &Contents, database: Part, files: Part) -> Self {
        let report = &contents.report;
        Self {
            jumpin: env!("CARGO_PKG_VERSION").into(),
            made_at,
            migration: contents.version,
            organizations: report.organizations,
            agents: report.agents,
            concierges: report.concierges,
            chats: report.chats,
            messages: report.messages,
            database,
            files,
        }
    }

    /// Returns a summary of the contents for the terminal.
    pub(super) fn sentence(&self) -> String {
        format!(
            "organizations {}, agents {}, concierges {}, chats {}, messages {}, files {}",
            self.organizations, self.agents, self.concierges, self.chats, self.messages, self.files.count
        )
    }
}

/// Computes the size and hash of a part as it is read.
#[derive(Default)]
pub(super) struct PartHasher {
    hash: Sha256,
    count: u64,
    bytes: u64,
}

impl PartHasher {
    /// Counts the database file. Its contents are then read through [`Self::wrap`].
    pub(super) fn database(&mut self) {
        self.count += 1;
    }

    /// Adds the name and length of another file. Its contents are then read through [`Self::wrap`].
    pub(super) fn file(&mut self, name: &str, bytes: u64) {
        self.count += 1;
        self.hash.update(name);
        self.hash.update([0]);
        self.hash.update(bytes.to_le_bytes());
    }

    /// Returns a reader that adds everything read through it to the hash and size.
    pub(super) fn wrap<R: Read>(&mut self, from: R) -> impl Read {
        HashingReader { hasher: self, from }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn finish(self) -> Part {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Part { count: self.count, bytes: self.bytes, sha256 }
    }
}

struct HashingReader<'a, R> {
    hasher: &'a mut PartHasher,
    from: R,
}

impl<R: Read> Read for HashingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.hasher.hash.update(&buffer[..count]);
        self.hasher.bytes += count as u64;
        Ok(count)
    }
}
