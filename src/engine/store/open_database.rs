//! Opening and closing the database, and what must hold before anything is served from it.

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
use tokio::sync::{Semaphore, broadcast, watch};

use super::{
    Address, Inner, Store,
    database_lock::{ConnectionSource, FileLock},
    export,
    postgres_server::Server,
    query_timeout,
    sql::{Db, Pool, is_corrupt},
    stats::Counters,
    writer::Writer,
};

/// Before it, SQLite could lose a commit when two connections wrote the log anew.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// A server that is being replaced needs a moment to let go.
pub(super) const TRIES_TO_LOCK: u32 = 40;
pub(super) const BETWEEN_TRIES: Duration = Duration::from_millis(50);
pub(super) const READERS: u32 = 6;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{0} is open in another process")]
    AlreadyOpen(Address),
    /// The server is there, and its database cannot be used.
    #[error("{address}: {why}")]
    Unusable {
        /// Which.
        address: Address,
        /// Why.
        why: String,
    },
    /// The file or its folder cannot be used.
    #[error("{}: {error}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// SQLite is too old to be trusted.
    #[error("SQLite {0} is built in; 3.51.3 is needed")]
    TooOld(String),
    /// The file was not closed in order, and is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A newer version of the program has written it.
    #[error("the database is of version {found}, and this program knows {known}: a newer program is needed")]
    Newer {
        /// Of its last migration.
        found: i64,
        /// The last migration of this program.
        known: i64,
    },
    /// The tables could not be brought to this version.
    #[error("the database cannot be brought to this version: {0}")]
    Migrate(#[from] MigrateError),
    /// The database failed.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
}

/// What the writer keeps of the file in memory, KiB (SQLite says so by the sign): with its own 2 MB it reads the same pages again
/// and again where 5,000 messages a second go into 2,000 chats.
const WRITERS_CACHE: &str = "-65536";
/// How many pages of 4 KiB the log may have before they are brought into the file: what is written again and again meanwhile is
/// brought there once. After a crash the next start reads 16 MB.
const WAL_AUTOCHECKPOINT_PAGES: &str = "4000";

impl Store {
    /// Opens the database. A file is made when there is none; a server's database must be there, and may be empty.
    ///
    /// # Errors
    /// When another process has it open, when it is damaged, or cannot be read and written.
    pub async fn open(at: impl Into<Address>) -> Result<Store, OpenError> {
        match at.into() {
            Address::File(file) => Self::open_file(&file, &migrator()).await,
            Address::Server(options) => Self::open_on(Server::new(*options)).await,
        }
    }

    async fn open_on(server: Server) -> Result<Store, OpenError> {
        let mut connection = server.connect().await?;
        postgres_migrator().run(&mut connection).await?;
        let readers = Pool::Postgres(server.readers().await?);
        let db = Db::postgres(Box::new(connection));
        Ok(Self::from_parts(db, ConnectionSource::Server(Box::new(server)), readers))
    }

    /// Opens a file and brings it to the version of these migrations.
    pub(super) async fn open_file(file: &Path, migrator: &Migrator) -> Result<Store, OpenError> {
        let hold = acquire_lock(file).await?;
        let was_left_open = hold.marker.exists();
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        // One connection, from the opening to the end.
        let alone = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let writing = options.clone().pragma("cache_size", WRITERS_CACHE);
        let alone = alone.connect_with(writing.pragma("wal_autocheckpoint", WAL_AUTOCHECKPOINT_PAGES)).await?;
        let mut connection = alone.acquire().await?;
        check_version(&mut connection).await?;
        if was_left_open {
            tracing::info!("the database was not closed in order; checking it");
            check_integrity(&mut connection).await?;
        }
        migrator.run(&mut *connection).await?;
        File::create(&hold.marker)
            .and_then(|marker| marker.sync_all())
            .map_err(|error| OpenError::File { file: hold.marker.clone(), error })?;
        let readers =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options.pragma("query_only", "ON")).await?;
        let (db, source) = (Db::sqlite(connection), ConnectionSource::File { pool: Pool::Sqlite(alone), hold });
        Ok(Self::from_parts(db, source, Pool::Sqlite(readers)))
    }

    fn from_parts(db: Db, source: ConnectionSource, readers: Pool) -> Store {
        let (ended, _) = broadcast::channel(64);
        let query_permits = Arc::new(Semaphore::new(query_timeout::AT_ONCE));
        let export_permits = Arc::new(Semaphore::new(export::AT_ONCE));
        let (erasures, _) = watch::channel(0);
        let counters = Arc::<Counters>::default();
        let writer = Writer::start(db, source, Arc::clone(&counters));
        let inner = Inner { writer, readers, counters, ended, query_permits, export_permits, erasures };
        Store { inner: Arc::new(inner) }
    }

    /// Makes every write that has queued and closes the database. Later calls fail.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.stop().await;
    }
}

/// What brings a file to this version, in order; each of them whole or not at all.
pub(super) fn migrator() -> Migrator {
    migrator_of(migrations::SQLITE)
}

/// What brings a server's database to this version. Its numbers are those of the file's.
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

/// Keeps every other process from opening the database of this file, which need not be there.
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

/// What visitors write is nobody else's to read on this machine.
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
