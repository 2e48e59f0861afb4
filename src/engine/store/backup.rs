//! Copies a database file while it is in use, and verifies a file before it goes into use. Neither operation modifies
//! the source.

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

/// A summary of a verified database file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The version of the last applied migration.
    pub version: i64,
    /// The number of rows of each kind in the file.
    pub report: Report,
}

/// A guard that prevents all other processes from opening the database until it is dropped.
#[derive(Debug)]
pub struct DatabaseLock {
    _lock: File,
}

impl Store {
    /// Copies a consistent snapshot of the database into a new or empty file. Other processes may keep using the
    /// source. When this returns, the copy has been synced to disk and verified.
    ///
    /// # Errors
    /// Returns an error if the source does not exist or is damaged, or if the copy cannot be written.
    pub async fn copy(from: &Path, to: &Path) -> Result<Contents, OpenError> {
        let mut source = open_read_only(from).await?;
        check_version(&mut source).await?;
        let to_name = to.to_str().ok_or_else(|| not_usable(to, "the path is not valid UTF-8"))?;
        sqlx::query("VACUUM INTO $1").bind(to_name).execute(&mut source).await?;
        source.close().await?;
        File::open(to).and_then(|copy| copy.sync_all()).map_err(file_error(to))?;
        Self::inspect(to).await
    }

    /// Checks every page and every foreign key in a database that no process has open, and counts its rows.
    ///
    /// # Errors
    /// Returns an error if the file is damaged, is not a Jump-In database, or was written by a newer version.
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

    /// Locks a database file so that no other process can open it. The file does not have to exist yet.
    ///
    /// # Errors
    /// Returns an error if another process has the database open.
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
        Err(OpenError::Damaged(format!("a row in {table} refers to a missing row in {of}")))
    })
}

pub(super) fn file_error(file: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let file: PathBuf = file.to_owned();
    move |error| OpenError::File { file, error }
}

fn not_usable(file: &Path, why: &'static str) -> OpenError {
    file_error(file)(io::Error::new(io::ErrorKind::InvalidInput, why))
}
