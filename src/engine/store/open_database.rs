//! Opens, checks, migrates, and closes the database.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    SqlStr, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{broadcast, watch};

use super::{
    Address, Inner, Store,
    database_lock::{ConnectionSource, FileLock},
    postgres_server::Server,
    sql::{Db, Pool, is_corrupt},
    stats::Counters,
    writer::Writer,
};
use crate::{
    limits::{ConcurrencyLimit, Turns},
    settings::{ExportLimits, SearchLimits},
};

/// The first SQLite version without a bug that could lose a commit when two connections reset the WAL.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// A server that is being replaced may need a moment to release the lock.
pub(super) const TRIES_TO_LOCK: u32 = 40;
pub(super) const BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// The number of connections for live chats. Exports and searches have separate connections.
const READERS: u32 = 4;

/// Limits on what occupies a connection for a long time.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadLimits {
    /// Limits on exports.
    pub exports: ExportLimits,
    /// Limits on searches.
    pub searches: SearchLimits,
}

impl ReadLimits {
    /// Returns how many connections to open for reading.
    pub(super) fn readers(&self) -> u32 {
        READERS.saturating_add(self.exports.at_once).saturating_add(self.searches.at_once)
    }
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the database open.
    #[error("{0} is open in another process")]
    AlreadyOpen(Address),
    /// The server responds, but its database cannot be used.
    #[error("{address}: {why}")]
    Unusable {
        /// The database.
        address: Address,
        /// The reason.
        why: String,
    },
    /// The file or its directory cannot be accessed.
    #[error("{}: {error}", file.display())]
    File {
        /// The file or directory.
        file: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// The built-in SQLite is older than the required version.
    #[error("the built-in SQLite {0} is too old; 3.51.3 or later is required")]
    TooOld(String),
    /// The database failed an integrity check.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A newer version of the program has migrated the database.
    #[error("the database has version {found}, but this program only supports up to {known}; install a newer release")]
    Newer {
        /// The version of the database's last migration.
        found: i64,
        /// The version of this program's last migration.
        known: i64,
    },
    /// A migration failed.
    #[error("failed to migrate the database: {0}")]
    Migrate(#[from] MigrateError),
    /// The database failed.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
}

/// The size of the writer's page cache. SQLite interprets a negative number as a size in KiB. With the default of 2 MB,
/// SQLite reads the same pages over and over at 5,000 messages per second across 2,000 chats.
const WRITERS_CACHE: &str = "-65536";
/// The number of 4 KiB pages in the WAL that triggers a checkpoint. With a large WAL, pages that change frequently are
/// written to the file only once. After a crash, the next startup reads up to 16 MB.
const WAL_AUTOCHECKPOINT_PAGES: &str = "4000";

impl Store {
    /// Opens the database. A file is created if it does not exist. A database on a server must already exist, but it
    /// may be empty.
    ///
    /// # Errors
    /// Returns an error if another process has the database open, if it is damaged, or if it cannot be read or written.
    pub async fn open(at: impl Into<Address>) -> Result<Store, OpenError> {
        Self::open_with(at, ReadLimits::default()).await
    }

    /// Like [`Self::open`], but with limits other than the defaults.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::open`].
    pub async fn open_with(at: impl Into<Address>, limits: ReadLimits) -> Result<Store, OpenError> {
        match at.into() {
            Address::File(file) => Self::open_file_with(&file, &migrator(), limits).await,
            Address::Server(options) => Self::open_on(Server::new(*options), limits).await,
        }
    }

    async fn open_on(server: Server, limits: ReadLimits) -> Result<Store, OpenError> {
        let mut connection = server.connect().await?;
        postgres_migrator().run(&mut connection).await?;
        let readers = Pool::Postgres(server.readers(limits.readers()).await?);
        let db = Db::postgres(Box::new(connection));
        Ok(Self::from_parts(db, ConnectionSource::Server(Box::new(server)), readers, limits))
    }

    /// Opens a file and applies these migrations.
    #[cfg(test)]
    pub(super) async fn open_file(file: &Path, migrator: &Migrator) -> Result<Store, OpenError> {
        Self::open_file_with(file, migrator, ReadLimits::default()).await
    }

    async fn open_file_with(file: &Path, migrator: &Migrator, limits: ReadLimits) -> Result<Store, OpenError> {
        let hold = acquire_lock(file).await?;
        let was_left_open = hold.marker.exists();
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // Overwrites deleted data with zeros.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        // The writer's only connection, which stays open until shutdown.
        let alone = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let writing = options.clone().pragma("cache_size", WRITERS_CACHE);
        let alone = alone.connect_with(writing.pragma("wal_autocheckpoint", WAL_AUTOCHECKPOINT_PAGES)).await?;
        let mut connection = alone.acquire().await?;
        check_version(&mut connection).await?;
        if was_left_open {
            tracing::info!("the database was not closed cleanly; checking its integrity");
            check_integrity(&mut connection).await?;
        }
        migrator.run(&mut *connection).await?;
        File::create(&hold.marker)
            .and_then(|marker| marker.sync_all())
            .map_err(|error| OpenError::File { file: hold.marker.clone(), error })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(limits.readers())
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        let (db, source) = (Db::sqlite(connection), ConnectionSource::File { pool: Pool::Sqlite(alone), hold });
        Ok(Self::from_parts(db, source, Pool::Sqlite(readers), limits))
    }

    fn from_parts(db: Db, source: ConnectionSource, readers: Pool, limits: ReadLimits) -> Store {
        let (ended, _) = broadcast::channel(64);
        let SearchLimits { at_once, per_organization, waiting_per_organization } = limits.searches;
        let searches = Turns::new(at_once, per_organization, waiting_per_organization);
        let exports = ConcurrencyLimit::new(limits.exports.at_once);
        let (erasures, _) = watch::channel(0);
        let counters = Arc::<Counters>::default();
        let writer = Writer::start(db, source, Arc::clone(&counters));
        let inner =
            Inner { writer, readers, counters, ended, searches, exports, export_limits: limits.exports, erasures };
        Store { inner: Arc::new(inner) }
    }

    /// Completes all queued writes and closes the database. Later calls fail.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.stop().await;
    }
}

/// Returns the migrations for a SQLite file, in order. Each is applied completely or not at all.
pub(super) fn migrator() -> Migrator {
    migrator_of(migrations::SQLITE)
}

/// Returns the migrations for a PostgreSQL database. Their version numbers match those for SQLite.
pub(super) fn postgres_migrator() -> Migrator {
    migrator_of(migrations::POSTGRES)
}

pub(super) fn migrator_of(migrations: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |&(number, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(number, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(migrations.iter().map(migration).collect())
}

mod migrations {
    include!(concat!(env!("OUT_DIR"), "/migrations.rs"));
}

async fn acquire_lock(file: &Path) -> Result<FileLock, OpenError> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| OpenError::File { file: folder.to_owned(), error })?;
    }
    let lock = lock(file).await?;
    open_private(file).map_err(|error| OpenError::File { file: file.to_owned(), error })?;
    Ok(FileLock { lock, marker: with_suffix(file, ".open") })
}

/// Locks a database file so that no other process can open it. The file does not have to exist yet.
pub(super) async fn lock(file: &Path) -> Result<File, OpenError> {
    let lock_file = with_suffix(file, ".lock");
    let failed = |error| OpenError::File { file: lock_file.clone(), error };
    let lock = open_private(&lock_file).map_err(failed)?;
    for _ in 0..TRIES_TO_LOCK {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(BETWEEN_TRIES).await,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(OpenError::AlreadyOpen(file.into()))
}

fn with_suffix(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Opens a file, creating it if necessary. Only this user can read it, because it contains what visitors write.
fn open_private(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

pub(super) async fn check_version(db: &mut SqliteConnection) -> Result<(), OpenError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(db).await?;
    let numbers: Vec<u32> = version.split('.').filter_map(|number| number.parse().ok()).collect();
    if numbers.as_slice() < OLDEST_SQLITE.as_slice() {
        return Err(OpenError::TooOld(version));
    }
    Ok(())
}

pub(super) async fn check_integrity(db: &mut SqliteConnection) -> Result<(), OpenError> {
    match sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(db).await {
        Ok(found) if found == "ok" => Ok(()),
        Ok(found) => Err(OpenError::Damaged(found)),
        Err(error) if is_corrupt(&error) => Err(OpenError::Damaged(error.to_string())),
        Err(error) => Err(error.into()),
    }
}
