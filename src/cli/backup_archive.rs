//! What a backup is: a plain tar that holds the database, the files beside it, and last a manifest that says what they must be.
//! Without the manifest it was cut off.

use std::io::{self, Read};

use engine::store::Contents;
use protocol::Millis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The database.
pub(super) const DATABASE: &str = "jumpin.db";
/// The folder of what was attached to messages, and of images; the same name in the data folder.
pub(super) const FILES: &str = "files";
/// The manifest.
pub(super) const MANIFEST: &str = "manifest.json";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The version of the program that wrote it.
    pub(super) jumpin: String,
    /// When, milliseconds UTC.
    pub(super) made_at: Millis,
    /// The database's last migration.
    pub(super) migration: i64,
    /// Organizations in it.
    pub(super) organizations: u64,
    /// Agents in it.
    pub(super) agents: u64,
    /// Concierges in it.
    pub(super) concierges: u64,
    /// Chats in it.
    pub(super) chats: u64,
    /// Messages in it.
    pub(super) messages: u64,
    /// The database; its hash is that of the file.
    pub(super) database: Part,
    /// The files; their hash is over name, NUL, length (eight bytes, the least first) and bytes of each, in their order.
    pub(super) files: Part,
}

/// A part of a backup, summed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Files.
    pub(super) count: u64,
    /// Bytes in them.
    pub(super) bytes: u64,
    /// SHA-256, as hexadecimal digits.
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

    /// What is in it, for the person at the terminal.
    pub(super) fn sentence(&self) -> String {
        format!(
            "organizations {}, agents {}, concierges {}, chats {}, messages {}, files {}",
            self.organizations, self.agents, self.concierges, self.chats, self.messages, self.files.count
        )
    }
}

/// Sums a part up while it is read.
#[derive(Default)]
pub(super) struct PartHasher {
    hash: Sha256,
    count: u64,
    bytes: u64,
}

impl PartHasher {
    /// The next file is the database.
    pub(super) fn database(&mut self) {
        self.count += 1;
    }

    /// The next file is one of many.
    pub(super) fn file(&mut self, name: &str, bytes: u64) {
        self.count += 1;
        self.hash.update(name);
        self.hash.update([0]);
        self.hash.update(bytes.to_le_bytes());
    }

    /// What is read through this is in the sum.
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
