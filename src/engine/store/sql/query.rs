//! Builds and executes SQL statements with parameters.

use std::marker::PhantomData;

use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream::BoxStream};
use sqlx::{AssertSqlSafe, Database, Encode, Postgres, SqlSafeStr, SqlStr, Sqlite, Type};

use super::{
    Backend, Db, Executor, Row,
    parameter::{Bind, Value},
    row::FromColumn,
};

/// A statement with its parameter values.
pub(in super::super) struct Query {
    sql: SqlStr,
    values: Vec<Value>,
}

/// A statement from which only the first column is read.
pub(in super::super) struct Scalar<T> {
    query: Query,
    of: PhantomData<fn() -> T>,
}

/// The result of a statement.
pub(in super::super) struct QueryResult(u64);

impl QueryResult {
    /// Returns the number of rows added, changed, or deleted.
    pub(in super::super) fn rows_affected(&self) -> u64 {
        self.0
    }
}

/// Creates a statement. `$1` is its first parameter.
pub(in super::super) fn query(sql: impl SqlSafeStr) -> Query {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// Creates a statement from which only the first column is read.
pub(in super::super) fn query_scalar<T: for<'r> FromColumn<'r>>(sql: impl SqlSafeStr) -> Scalar<T> {
    Scalar { query: query(sql), of: PhantomData }
}

impl Query {
    /// Binds the next parameter.
    pub(in super::super) fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// Executes the statement.
    pub(in super::super) fn execute<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<QueryResult>> {
        self.run_on(on.into(), |query, to| {
            Box::pin(async move {
                Ok(QueryResult(match to {
                    Backend::Sqlite(db) => query.into_sqlx::<Sqlite>().execute(&mut ***db).await?.rows_affected(),
                    Backend::Postgres(db) => {
                        query.without_nul().into_sqlx::<Postgres>().execute(&mut ***db).await?.rows_affected()
                    }
                }))
            })
        })
    }

    /// Returns the only row.
    ///
    /// # Errors
    /// Returns [`sqlx::Error::RowNotFound`] if there is no row.
    pub(in super::super) fn fetch_one<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<Row>> {
        let found = self.fetch_optional(on);
        Box::pin(async move { found.await?.ok_or(sqlx::Error::RowNotFound) })
    }

    /// Returns the first row, if any.
    pub(in super::super) fn fetch_optional<'a>(
        self,
        on: impl Into<Executor<'a>>,
    ) -> BoxFuture<'a, sqlx::Result<Option<Row>>> {
        self.run_with_prefix(on.into(), |query, to| {
            Box::pin(async move {
                Ok(match to {
                    Backend::Sqlite(db) => {
                        query.into_sqlx::<Sqlite>().fetch_optional(&mut ***db).await?.map(Row::Sqlite)
                    }
                    Backend::Postgres(db) => {
                        query.without_nul().into_sqlx::<Postgres>().fetch_optional(&mut ***db).await?.map(Row::Postgres)
                    }
                })
            })
        })
    }

    /// Returns every row.
    pub(in super::super) fn fetch_all<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<Vec<Row>>> {
        self.run_with_prefix(on.into(), |query, to| {
            Box::pin(async move {
                Ok(match to {
                    Backend::Sqlite(db) => {
                        let rows = query.into_sqlx::<Sqlite>().fetch_all(&mut ***db).await?;
                        rows.into_iter().map(Row::Sqlite).collect()
                    }
                    Backend::Postgres(db) => {
                        let rows = query.without_nul().into_sqlx::<Postgres>().fetch_all(&mut ***db).await?;
                        rows.into_iter().map(Row::Postgres).collect()
                    }
                })
            })
        })
    }

    /// Streams the rows so that only a few of them are in memory at a time. Must not be called on a connection with a
    /// pending prefix.
    pub(in super::super) fn fetch(self, db: &mut Db) -> BoxStream<'_, sqlx::Result<Row>> {
        debug_assert!(db.prefix.is_none(), "a pending prefix must run before the query");
        match &mut db.backend {
            Backend::Sqlite(db) => self.into_sqlx::<Sqlite>().fetch(&mut ***db).map_ok(Row::Sqlite).boxed(),
            Backend::Postgres(db) => {
                self.without_nul().into_sqlx::<Postgres>().fetch(&mut ***db).map_ok(Row::Postgres).boxed()
            }
        }
    }

    fn run_on<'a, T, F>(self, on: Executor<'a>, ask: F) -> BoxFuture<'a, sqlx::Result<T>>
    where
        T: Send + 'a,
        F: for<'c> FnOnce(Self, &'c mut Backend) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'a,
    {
        match on {
            Executor::Db(db) => Box::pin(async move {
                if let Some(before) = db.prefix.take() {
                    db.backend.batch(before).await?;
                }
                ask(self, &mut db.backend).await
            }),
            Executor::Pool(pool) => Box::pin(async move { ask(self, &mut pool.acquire().await?.backend).await }),
        }
    }

    /// Runs the query with the pending prefix, in the same round trip where possible. [`Self::execute`] does not use
    /// this because, in SQLite, its row count would include the prefix's rows.
    fn run_with_prefix<'a, T, F>(mut self, on: Executor<'a>, ask: F) -> BoxFuture<'a, sqlx::Result<T>>
    where
        T: Send + 'a,
        F: for<'c> FnOnce(Self, &'c mut Backend) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'a,
    {
        match on {
            Executor::Db(Db { backend: to @ Backend::Sqlite(_), prefix: before }) => {
                if let Some(before) = before.take() {
                    self.sql = AssertSqlSafe([before, "; ", self.sql.as_str()].concat()).into_sql_str();
                }
                ask(self, to)
            }
            on => self.run_on(on, ask),
        }
    }

    /// Replaces NUL with U+FFFD in text, because PostgreSQL cannot store NUL.
    fn without_nul(mut self) -> Self {
        for value in &mut self.values {
            if let Value::Text(Some(text)) = value
                && text.contains('\0')
            {
                *text = text.replace('\0', "\u{fffd}");
            }
        }
        self
    }

    /// Converts the statement into a query for a database's driver.
    fn into_sqlx<D: Database>(self) -> sqlx::query::Query<'static, D, D::Arguments>
    where
        Option<i64>: Encode<'static, D> + Type<D>,
        Option<String>: Encode<'static, D> + Type<D>,
        Option<Vec<u8>>: Encode<'static, D> + Type<D>,
    {
        self.values.into_iter().fold(sqlx::query(self.sql), |query, value| match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        })
    }
}

impl<T: for<'r> FromColumn<'r> + Send + 'static> Scalar<T> {
    /// Binds the next parameter.
    pub(in super::super) fn bind(mut self, value: impl Bind) -> Self {
        self.query = self.query.bind(value);
        self
    }

    /// Returns the value of the only row.
    ///
    /// # Errors
    /// Returns [`sqlx::Error::RowNotFound`] if there is no row.
    pub(in super::super) fn fetch_one<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<T>> {
        let found = self.query.fetch_one(on);
        Box::pin(async move { found.await?.try_get(0) })
    }

    /// Returns the value of the first row, if any.
    pub(in super::super) fn fetch_optional<'a>(
        self,
        on: impl Into<Executor<'a>>,
    ) -> BoxFuture<'a, sqlx::Result<Option<T>>> {
        let found = self.query.fetch_optional(on);
        Box::pin(async move { found.await?.map(|row| row.try_get(0)).transpose() })
    }

    /// Returns the value of every row.
    pub(in super::super) fn fetch_all<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<Vec<T>>> {
        let found = self.query.fetch_all(on);
        Box::pin(async move { found.await?.iter().map(|row| row.try_get(0)).collect() })
    }
}

/// A statement built at runtime from constant SQL and bound values.
pub(in super::super) struct QueryBuilder {
    sql: String,
    values: Vec<Value>,
}

impl QueryBuilder {
    /// Starts a statement with this SQL.
    pub(in super::super) fn new(words: &'static str) -> Self {
        Self { sql: words.to_owned(), values: Vec::new() }
    }

    /// Appends this SQL.
    pub(in super::super) fn push(&mut self, words: &'static str) -> &mut Self {
        self.sql.push_str(words);
        self
    }

    /// Appends a parameter and binds its value.
    pub(in super::super) fn push_bind(&mut self, value: impl Bind) -> &mut Self {
        self.values.push(value.value());
        self.sql.push_str(&format!("${}", self.values.len()));
        self
    }

    /// Appends a list of parameters, or `NULL` if there are none.
    pub(in super::super) fn push_list<T: Bind>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        let before = self.values.len();
        for value in values {
            if self.values.len() > before {
                self.push(", ");
            }
            self.push_bind(value);
        }
        if self.values.len() == before { self.push("NULL") } else { self }
    }

    /// Returns the finished statement.
    pub(in super::super) fn build(self) -> Query {
        Query { sql: AssertSqlSafe(self.sql).into_sql_str(), values: self.values }
    }
}
