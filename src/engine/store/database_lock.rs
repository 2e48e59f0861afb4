//! What the writer holds of a database beside its connection: that nobody else has it, and the way back when it is lost.

use std::{fs::File, path::PathBuf, sync::Arc, time::Duration};

use super::{
    OpenError, Result,
    postgres_server::Server,
    sql::{Db, Pool, is_lost, query, query_scalar},
};

/// How soon it is tried again to reach a server that is gone, and how seldom at last.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where the writer's connection comes from.
pub(super) enum ConnectionSource {
    /// From a pool of one, to a file.
    File {
        /// The pool.
        pool: Pool,
        /// That nobody else has the file.
        hold: FileLock,
    },
    /// From a server, whose lock the connection itself holds.
    Server(Box<Server>),
}

/// That this process, and no other, has the file open.
pub(super) struct FileLock {
    /// Locked as long as it is open.
    pub(super) lock: File,
    /// Stands beside the database from the opening to the orderly end.
    pub(super) marker: PathBuf,
}

impl ConnectionSource {
    /// Begins a transaction that writes, with a savepoint for its first write. What the connection has lost since the last one
    /// is mended: nothing is in hand yet.
    pub(super) async fn begin(&self, db: &mut Db) -> Result<(), Arc<sqlx::Error>> {
        match self {
            Self::File { .. } => db.batch("BEGIN IMMEDIATE; SAVEPOINT job").await?,
            Self::Server(_) => match db.batch("BEGIN; SAVEPOINT job").await {
                Err(error) if self.is_connection_lost(&error) => {
                    tracing::warn!(%error, "the connection to the database is lost");
                    self.connect(db).await.map_err(|_| error)?;
                    db.batch("BEGIN; SAVEPOINT job").await?;
                }
                begun => begun?,
            },
        }
        Ok(())
    }

    /// The number of the transaction under way, by which its server knows it later. Of a file nobody needs it.
    pub(super) async fn transaction_id(&self, db: &mut Db) -> sqlx::Result<Option<String>> {
        match self {
            Self::File { .. } => Ok(None),
            Self::Server(_) => query_scalar("SELECT pg_current_xact_id()::text").fetch_one(db).await.map(Some),
        }
    }

    /// Whether a transaction was committed though its answer never came; none when nobody can say. The connection is made anew
    /// for that: once it holds the database, the one before has ended, and so has what it did.
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

    /// Whether the connection is gone, and must be made anew.
    pub(super) fn is_connection_lost(&self, error: &sqlx::Error) -> bool {
        matches!(self, Self::Server(_)) && is_lost(error)
    }

    /// Makes the connection anew, and holds the database by it.
    pub(super) async fn connect(&self, db: &mut Db) -> Result<(), OpenError> {
        if let Self::Server(server) = self {
            *db = Db::postgres(Box::new(server.connect().await?));
            tracing::info!("connected to the database again");
        }
        Ok(())
    }

    /// Brings everything that was written into the file itself: whether its log is empty now. A server's log is its own.
    pub(super) async fn truncate_wal(&self, db: &mut Db) -> Result<bool> {
        if matches!(self, Self::Server(_)) {
            return Ok(true);
        }
        let row = query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(db).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Lets go of the database; `in_order`: as whoever had it wanted.
    pub(super) async fn release(self, mut db: Db, in_order: bool) {
        match self {
            Self::Server(_) => {
                // The server would notice by itself, a moment later.
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
                        tracing::warn!(%error, "the database was not closed in order; it is checked at the next start");
                    }
                }
                drop(hold.lock);
            }
        }
    }
}
