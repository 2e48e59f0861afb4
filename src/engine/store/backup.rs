//! The file copied while it is in use, and a file looked at before it is put into use. Neither changes it.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    OpenError, Report, Store,
    open_database::{check_integrity, check_version, lock, migrator},
    sql::Db,
};

/// What is in the file of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The number of its last migration.
    pub version: i64,
    /// What is in it, counted.
    pub report: Report,
}

/// As long as this stands, no process opens the database.
#[derive(Debug)]
pub struct DatabaseLock {
    _lock: File,
}

impl Store {
    /// Copies the database, as it is at one moment, into a file that is new or empty; whoever has it open goes on. The copy
    /// is on the disk, whole and checked, when this returns.
    ///
    /// # Errors
    /// When there is no database, when it is damaged, or when the copy cannot be written.
    pub async fn copy(from: &Path, to: &Path) -> Result<Contents, OpenError> {
        let mut source = open_read_only(from).await?;
        check_version(&mut source).await?;
        let to_name = to.to_str().ok_or_else(|| not_usable(to, "the name is not UTF-8"))?;
        sqlx::query("VACUUM INTO $1").bind(to_name).execute(&mut source).await?;
        source.close().await?;
        File::open(to).and_then(|copy| copy.sync_all()).map_err(file_error(to))?;
        Self::inspect(to).await
    }

    /// Checks every page of a database that nobody has open, and every reference, and counts what is in it.
    ///
    /// # Errors
    /// When it is damaged, or no database of a version that this program knows.
    pub async fn inspect(file: &Path) -> Result<Contents, OpenError> {
        let mut db = open_read_only(file).await?;
        check_integrity(&mut db).await?;
        check_references(&mut db).await?;
        let version: i64 =
            sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations").fetch_one(&mut db).await?;
        let known = migrator().iter().map(|migration| migration.version).max().unwrap_or_default();
        if version > known {
            return Err(OpenError::Newer { found: version, known });
        }
        let report = Report::of(&mut Db::sqlite(Box::new(db))).await?;
        Ok(Contents { version, report })
    }

    /// Keeps every other process from opening the database of this file, which need not be there yet.
    ///
    /// # Errors
    /// When one has it open.
    pub async fn lock_database(file: &Path) -> Result<DatabaseLock, OpenError> {
        Ok(DatabaseLock { _lock: lock(file).await? })
    }
}

pub(super) async fn open_read_only(file: &Path) -> Result<SqliteConnection, OpenError> {
    std::fs::metadata(file).map_err(file_error(file))?;
    let options = SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(Duration::from_secs(5));
    Ok(SqliteConnection::connect_with(&options).await?)
}

async fn check_references(db: &mut SqliteConnection) -> Result<(), OpenError> {
    let astray = sqlx::query("PRAGMA foreign_key_check").fetch_optional(db).await?;
    astray.map_or(Ok(()), |row| {
        let (table, of): (String, String) = (row.try_get("table")?, row.try_get("parent")?);
        Err(OpenError::Damaged(format!("a row of {table} names a {of} that is not there")))
    })
}

pub(super) fn file_error(file: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let file: PathBuf = file.to_owned();
    move |error| OpenError::File { file, error }
}

fn not_usable(file: &Path, why: &'static str) -> OpenError {
    file_error(file)(io::Error::new(io::ErrorKind::InvalidInput, why))
}
