//! The writer's connection and its exclusive hold on the database, and reconnecting to a server.

use std::{fs::File, path::PathBuf, sync::Arc, time::Duration};

use super::{
    OpenError, Result,
    postgres_server::Server,
    sql::{Db, Pool, is_lost, query, query_scalar},
};

/// The first and the longest pause between attempts to reconnect to a server.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where the writer's connection comes from.
pub(super) enum ConnectionSource {
    /// A pool with one connection to a file.
    File {
        pool: Pool,
        /// The lock against other processes.
        hold: FileLock,
    },
    /// A server; the connection itself holds the lock.
    Server(Box<Server>),
}

/// The proof that only this process has the file open.
pub(super) struct FileLock {
    /// The lock lasts as long as this file is open.
    pub(super) lock: File,
    /// A file next to the database that exists from opening until a clean shutdown.
    pub(super) marker: PathBuf,
}

impl ConnectionSource {
    /// Begins a write transaction with a savepoint for its first write. If the connection was lost since the last
    /// transaction, reconnects first; nothing is pending at this point.
    pub(super) async fn begin(&self, db: &mut Db) -> Result<(), Arc<sqlx::Error>> {
        match self {
            Self::File { .. } => db.batch("BEGIN IMMEDIATE; SAVEPOINT job").await?,
            Self::Server(_) => match db.batch("BEGIN; SAVEPOINT job").await {
                Err(error) if self.is_connection_lost(&error) => {
                    tracing::warn!(%error, "lost the connection to the database");
                    self.connect(db).await.map_err(|_| error)?;
                    db.batch("BEGIN; SAVEPOINT job").await?;
                }
                begun => begun?,
            },
        }
        Ok(())
    }

    /// Returns the id of the current transaction, by which a server can report its status later. `None` for a file,
    /// which needs no such check.
    pub(super) async fn transaction_id(&self, db: &mut Db) -> sqlx::Result<Option<String>> {
        match self {
            Self::File { .. } => Ok(None),
            Self::Server(_) => query_scalar("SELECT pg_current_xact_id()::text").fetch_one(db).await.map(Some),
        }
    }

    /// Returns whether a transaction was committed although its response was lost; `None` if that cannot be determined.
    /// Reconnects first: once the new connection holds the lock, the old one and its transaction have ended.
    pub(super) async fn is_committed(&self, db: &mut Db, number: Option<String>) -> Option<bool> {
        self.connect(db).await.ok()?;
        let status: Option<String> =
            query_scalar("SELECT pg_xact_status(CAST($1 AS xid8))").bind(number?).fetch_one(db).await.ok()?;
        match status?.as_str() {
            "committed" => Some(true),
            "aborted" => Some(false),
            _ => None,
        }
    }

    /// Returns whether an error means that the connection is lost and must be reestablished.
    pub(super) fn is_connection_lost(&self, error: &sqlx::Error) -> bool {
        matches!(self, Self::Server(_)) && is_lost(error)
    }

    /// Reconnects and acquires the lock on the database.
    pub(super) async fn connect(&self, db: &mut Db) -> Result<(), OpenError> {
        if let Self::Server(server) = self {
            *db = Db::postgres(Box::new(server.connect().await?));
            tracing::info!("reconnected to the database");
        }
        Ok(())
    }

    /// Moves all writes from the WAL into the file. Returns whether the WAL is now empty. A server manages its own log.
    pub(super) async fn truncate_wal(&self, db: &mut Db) -> Result<bool> {
        if matches!(self, Self::Server(_)) {
            return Ok(true);
        }
        let row = query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(db).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Releases the database. `in_order` marks a clean shutdown, after which the next start skips the integrity check.
    pub(super) async fn release(self, mut db: Db, in_order: bool) {
        match self {
            Self::Server(_) => {
                // The server would release the lock by itself, but a moment later.
                db.batch("SELECT pg_advisory_unlock_all()").await.ok();
            }
            Self::File { pool, hold } => {
                let ended = db.batch("PRAGMA wal_checkpoint(TRUNCATE)").await;
                drop(db);
                pool.close().await;
                match ended {
                    Ok(()) if in_order => {
                        std::fs::remove_file(&hold.marker).ok();
                    }
                    Ok(()) => {}
                    Err(error) => {
                        tracing::warn!(%error, "failed to close the database cleanly; the next start will check it");
                    }
                }
                drop(hold.lock);
            }
        }
    }
}
