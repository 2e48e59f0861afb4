//! Runs the same SQL on SQLite and PostgreSQL connections.
//!
//! The API, which consists of [`query()`], [`query_scalar`], [`QueryBuilder`], and [`Row::try_get`], follows that of
//! sqlx, whose drivers do the work. sqlx's own `Any` is not used because it hides the connection, which makes it
//! impossible to interrupt a slow query in SQLite (`set_progress_handler`). It also cannot decode integers that are
//! narrower than the column, decodes booleans only from boolean columns, which SQLite does not have, and makes an extra
//! copy of all bound text.
//!
//! A column has one of three types: integer (`INTEGER` or `BIGINT`), text, or bytes. Booleans are stored and bound as 0
//! or 1, as in `WHERE $1 = 1`. Computed values, such as `EXISTS` or `a IS NULL`, can be read as booleans regardless of
//! their type.

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

/// The number of SQLite virtual machine steps between checks of the time limit.
const STEPS: i32 = 10_000;

/// A connection, either owned or borrowed from a pool.
pub(super) struct Db {
    backend: Backend,
    /// Statements to run before the next query.
    prefix: Option<&'static str>,
}

enum Backend {
    Sqlite(Box<dyn DerefMut<Target = SqliteConnection> + Send>),
    Postgres(Box<dyn DerefMut<Target = PgConnection> + Send>),
}

/// A pool of connections to one database.
#[derive(Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Db {
    /// Wraps a connection to a SQLite file.
    pub(super) fn sqlite(connection: impl DerefMut<Target = SqliteConnection> + Send + 'static) -> Self {
        Self { backend: Backend::Sqlite(Box::new(connection)), prefix: None }
    }

    /// Wraps a connection to a PostgreSQL server.
    pub(super) fn postgres(connection: impl DerefMut<Target = PgConnection> + Send + 'static) -> Self {
        Self { backend: Backend::Postgres(Box::new(connection)), prefix: None }
    }

    /// Returns whether this is a PostgreSQL connection, for the few cases that need different SQL.
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Runs several statements in one round trip.
    pub(super) async fn batch(&mut self, statements: &'static str) -> sqlx::Result<()> {
        if let Some(before) = self.prefix.take() {
            self.backend.batch(before).await?;
        }
        self.backend.batch(statements).await
    }

    /// Sets statements to run before the next query, in the same round trip where possible. `None` clears them.
    pub(super) fn set_next_prefix(&mut self, statements: Option<&'static str>) {
        self.prefix = statements;
    }

    /// Sets a time limit. In SQLite, it starts now and applies to all subsequent queries combined. In PostgreSQL, it
    /// applies to each statement.
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

    /// Removes the time limit.
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
    /// Borrows a connection.
    pub(super) async fn acquire(&self) -> sqlx::Result<Db> {
        Ok(match self {
            Self::Sqlite(pool) => Db::sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Db::postgres(pool.acquire().await?),
        })
    }

    /// Borrows a connection whose reads all see the same snapshot, which is taken by the first read.
    pub(super) async fn begin_read_transaction(&self) -> sqlx::Result<Db> {
        Ok(match self {
            Self::Sqlite(pool) => Db::sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                Db::postgres(pool.begin_with("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
        })
    }

    /// Closes all connections. Borrowed ones are closed when they are returned.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// What a query runs on: a connection, or any free connection from a pool.
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
