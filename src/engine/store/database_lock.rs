//! The writer's connection and its exclusive lock on the database. Also reconnects to a server.

use std::{fs::File, path::PathBuf, sync::Arc, time::Duration};

use super::{
    OpenError, Result,
    postgres_server::Server,
    sql::{Db, Pool, is_lost, query, query_scalar},
};

/// The shortest and longest pauses between attempts to reconnect to a server.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where the writer's connection comes from.
pub(super) enum ConnectionSource {
    /// A pool with a single connection to a file.
    File {
        pool: Pool,
        /// The lock that keeps out other processes.
        hold: FileLock,
    },
    /// A server. The connection itself holds the lock.
    Server(Box<Server>),
}

/// Proof that only this process has the file open.
pub(super) struct FileLock {
    /// The lock lasts as long as this file is open.
    pub(super) lock: File,
    /// A file next to the database that exists from the time the database is opened until it is shut down cleanly.
    pub(super) marker: PathBuf,
}

impl ConnectionSource {
    /// Begins a write transaction with a savepoint for its first write. If the connection has been lost since the last
    /// transaction, reconnects first, which is safe because nothing is pending at this point.
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

    /// Returns the id of the current transaction, which can be used to ask a server for its status later. Returns
    /// `None` for a file, which does not need this check.
    pub(super) async fn transaction_id(&self, db: &mut Db) -> sqlx::Result<Option<String>> {
        match self {
            Self::File { .. } => Ok(None),
            Self::Server(_) => query_scalar("SELECT pg_current_xact_id()::text").fetch_one(db).await.map(Some),
        }
    }

    /// Returns whether a transaction was committed even though its response was lost, or `None` if that cannot be
    /// determined. Reconnects first, because once the new connection holds the lock, the old one and its transaction
    /// are certain to have ended.
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

    /// Moves all writes from the WAL into the file. Returns whether the WAL is now empty. Does nothing for a server,
    /// which manages its own log.
    pub(super) async fn truncate_wal(&self, db: &mut Db) -> Result<bool> {
        if matches!(self, Self::Server(_)) {
            return Ok(true);
        }
        let row = query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(db).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Releases the database. `in_order` indicates a clean shutdown, after which the next startup skips the integrity
    /// check.
    pub(super) async fn release(self, mut db: Db, in_order: bool) {
        match self {
            Self::Server(_) => {
                // The server would release the lock on its own, but only a moment later.
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
                        tracing::warn!(%error, "failed to close the database cleanly; it will be checked on startup");
                    }
                }
                drop(hold.lock);
            }
        }
    }
}
