//! One text of SQL for two databases: what is asked, of a connection that is SQLite's or PostgreSQL's, and what comes back.
//!
//! It has the shape of sqlx, whose drivers do the work: [`query()`], [`query_scalar`], [`QueryBuilder`], [`Row::try_get`]. It is
//! not sqlx's own `Any`, for that hides the connection behind it: a look-up that takes too long could not be broken off in
//! SQLite (`set_progress_handler`). It also reads no number smaller than the database's own, and a truth only where the
//! column has that type, which SQLite has not; and it copies every text that is bound once more.
//!
//! Three types are all that is kept: whole numbers (`INTEGER`, `BIGINT`), texts, and bytes. A truth is 0 or 1 in a row, and
//! bound as such: `WHERE $1 = 1`. What a database computes (`EXISTS`, `a IS NULL`) is read as a truth whatever its type.

mod bound;
mod failure;
mod query;
mod row;

use std::{
    ops::DerefMut,
    time::{Duration, Instant},
};

use sqlx::{PgConnection, PgPool, SqliteConnection, SqlitePool};

pub(super) use failure::{is_corrupt, is_full, is_interrupted, is_lost};
pub(super) use query::{QueryBuilder, query, query_scalar};
pub(super) use row::Row;

/// After so many steps of SQLite's machine it is looked at the clock.
const STEPS: i32 = 10_000;

/// A connection, one's own or lent from a pool.
pub(super) struct Db {
    to: To,
    /// What is to be done before anything else is asked.
    before: Option<&'static str>,
}

enum To {
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
        Self { to: To::Sqlite(Box::new(connection)), before: None }
    }

    /// A connection to a PostgreSQL server.
    pub(super) fn postgres(connection: impl DerefMut<Target = PgConnection> + Send + 'static) -> Self {
        Self { to: To::Postgres(Box::new(connection)), before: None }
    }

    /// Whether it is PostgreSQL's, where one text is not enough for both.
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.to, To::Postgres(_))
    }

    /// Makes several statements, in one trip.
    pub(super) async fn batch(&mut self, statements: &'static str) -> sqlx::Result<()> {
        if let Some(before) = self.before.take() {
            self.to.batch(before).await?;
        }
        self.to.batch(statements).await
    }

    /// Makes these statements before whatever is asked next, and where that can be, on the same trip. None: nothing any more.
    pub(super) fn before_the_next(&mut self, statements: Option<&'static str>) {
        self.before = statements;
    }

    /// From now on whatever takes longer is broken off: of SQLite all that is asked together, of PostgreSQL each statement.
    pub(super) async fn break_off_after(&mut self, longest: Duration) -> sqlx::Result<()> {
        match &mut self.to {
            To::Sqlite(db) => {
                let begun = Instant::now();
                db.lock_handle().await?.set_progress_handler(STEPS, move || begun.elapsed() < longest);
            }
            To::Postgres(db) => {
                let milliseconds = longest.as_millis().to_string();
                let limit = sqlx::query("SELECT set_config('statement_timeout', $1, false)").bind(milliseconds);
                limit.execute(&mut ***db).await?;
            }
        }
        Ok(())
    }

    /// From now on nothing is broken off.
    pub(super) async fn take_its_time(&mut self) -> sqlx::Result<()> {
        match &mut self.to {
            To::Sqlite(db) => {
                db.lock_handle().await?.remove_progress_handler();
                Ok(())
            }
            To::Postgres(_) => self.batch("RESET statement_timeout").await,
        }
    }
}

impl To {
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
    pub(super) async fn one_moment(&self) -> sqlx::Result<Db> {
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
pub(super) enum On<'a> {
    This(&'a mut Db),
    AnyOf(&'a Pool),
}

impl<'a> From<&'a mut Db> for On<'a> {
    fn from(db: &'a mut Db) -> Self {
        Self::This(db)
    }
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::AnyOf(pool)
    }
}
