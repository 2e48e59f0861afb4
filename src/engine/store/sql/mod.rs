//! One text of SQL for two databases: what is asked, of a connection that is SQLite's or PostgreSQL's, and what comes back.
//!
//! It has the shape of sqlx, whose drivers do the work: [`query()`], [`query_scalar`], [`QueryBuilder`], [`Row::try_get`]. It is
//! not sqlx's own `Any`, for that hides the connection behind it: a look-up that takes too long could not be broken off in
//! SQLite (`set_progress_handler`). It also reads no number smaller than the database's own, and a truth only where the
//! column has that type, which SQLite has not; and it copies every text that is bound once more.
//!
//! Three types are all that is kept: whole numbers (`INTEGER`, `BIGINT`), texts, and bytes. A truth is 0 or 1 in a row, and
//! bound as such: `WHERE $1 = 1`. What a database computes (`EXISTS`, `a IS NULL`) is read as a truth whatever its type.

mod database_error;
mod parameter;
mod query;
mod row;

use std::{
    ops::DerefMut,
    time::{Duration, Instant},
};

use sqlx::{PgConnection, PgPool, SqliteConnection, SqlitePool};

pub(super) use database_error::{is_corrupt, is_full, is_interrupted, is_lost};
pub(super) use query::{QueryBuilder, query, query_scalar};
pub(super) use row::Row;

/// After so many steps of SQLite's machine it is looked at the clock.
const STEPS: i32 = 10_000;

/// A connection, one's own or lent from a pool.
pub(super) struct Db {
    backend: Backend,
    /// What is to be done before anything else is asked.
    prefix: Option<&'static str>,
}

enum Backend {
    Sqlite(Box<dyn DerefMut<Target = SqliteConnection> + Send>),
    Postgres(Box<dyn DerefMut<Target = PgConnection> + Send>),
}

/// Connections to one database, lent one at a time.
#[derive(Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Db {
    /// A connection to a SQLite file.
    pub(super) fn sqlite(connection: impl DerefMut<Target = SqliteConnection> + Send + 'static) -> Self {
        Self { backend: Backend::Sqlite(Box::new(connection)), prefix: None }
    }

    /// A connection to a PostgreSQL server.
    pub(super) fn postgres(connection: impl DerefMut<Target = PgConnection> + Send + 'static) -> Self {
        Self { backend: Backend::Postgres(Box::new(connection)), prefix: None }
    }

    /// Whether it is PostgreSQL's, where one text is not enough for both.
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Makes several statements, in one trip.
    pub(super) async fn batch(&mut self, statements: &'static str) -> sqlx::Result<()> {
        if let Some(before) = self.prefix.take() {
            self.backend.batch(before).await?;
        }
        self.backend.batch(statements).await
    }

    /// Makes these statements before whatever is asked next, and where that can be, on the same trip. None: nothing any more.
    pub(super) fn set_next_prefix(&mut self, statements: Option<&'static str>) {
        self.prefix = statements;
    }

    /// From now on whatever takes longer is broken off: of SQLite all that is asked together, of PostgreSQL each statement.
    pub(super) async fn set_query_timeout(&mut self, longest: Duration) -> sqlx::Result<()> {
        match &mut self.backend {
            Backend::Sqlite(db) => {
                let begun = Instant::now();
                db.lock_handle().await?.set_progress_handler(STEPS, move || begun.elapsed() < longest);
            }
            Backend::Postgres(db) => {
                let milliseconds = longest.as_millis().to_string();
                let limit = sqlx::query("SELECT set_config('statement_timeout', $1, false)").bind(milliseconds);
                limit.execute(&mut ***db).await?;
            }
        }
        Ok(())
    }

    /// From now on nothing is broken off.
    pub(super) async fn clear_query_timeout(&mut self) -> sqlx::Result<()> {
        match &mut self.backend {
            Backend::Sqlite(db) => {
                db.lock_handle().await?.remove_progress_handler();
                Ok(())
            }
            Backend::Postgres(_) => self.batch("RESET statement_timeout").await,
        }
    }
}

impl Backend {
    async fn batch(&mut self, statements: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(db) => sqlx::raw_sql(statements).execute(&mut ***db).await.map(drop),
            Self::Postgres(db) => sqlx::raw_sql(statements).execute(&mut ***db).await.map(drop),
        }
    }
}

impl Pool {
    /// Lends a connection.
    pub(super) async fn acquire(&self) -> sqlx::Result<Db> {
        Ok(match self {
            Self::Sqlite(pool) => Db::sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Db::postgres(pool.acquire().await?),
        })
    }

    /// Lends a connection that sees everything as it was when first something is asked of it.
    pub(super) async fn begin_read_transaction(&self) -> sqlx::Result<Db> {
        Ok(match self {
            Self::Sqlite(pool) => Db::sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                Db::postgres(pool.begin_with("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
        })
    }

    /// Closes every connection, those that are lent as soon as they come back.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Of whom something is asked: a connection, or whichever of a pool is free.
pub(super) enum Executor<'a> {
    Db(&'a mut Db),
    Pool(&'a Pool),
}

impl<'a> From<&'a mut Db> for Executor<'a> {
    fn from(db: &'a mut Db) -> Self {
        Self::Db(db)
    }
}

impl<'a> From<&'a Pool> for Executor<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}
