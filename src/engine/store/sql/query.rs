//! Questions and orders to the database.

use std::marker::PhantomData;

use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream::BoxStream};
use sqlx::{AssertSqlSafe, Database, Encode, Postgres, SqlSafeStr, SqlStr, Sqlite, Type};

use super::{
    Backend, Db, Executor, Row,
    parameter::{Bind, Value},
    row::FromColumn,
};

/// A statement, and what stands in its places.
pub(in super::super) struct Query {
    sql: SqlStr,
    values: Vec<Value>,
}

/// A statement whose first column is all that matters.
pub(in super::super) struct Scalar<T> {
    query: Query,
    of: PhantomData<fn() -> T>,
}

/// What a statement has done.
pub(in super::super) struct QueryResult(u64);

impl QueryResult {
    /// How many rows it has added, changed or deleted.
    pub(in super::super) fn rows_affected(&self) -> u64 {
        self.0
    }
}

/// A statement; `$1` is the first of its places.
pub(in super::super) fn query(sql: impl SqlSafeStr) -> Query {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// A statement whose first column is all that matters.
pub(in super::super) fn query_scalar<T: for<'r> FromColumn<'r>>(sql: impl SqlSafeStr) -> Scalar<T> {
    Scalar { query: query(sql), of: PhantomData }
}

impl Query {
    /// What stands in the next place.
    pub(in super::super) fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// Gives the order.
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

    /// The one row that there must be.
    ///
    /// # Errors
    /// [`sqlx::Error::RowNotFound`] when there is none.
    pub(in super::super) fn fetch_one<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<Row>> {
        let found = self.fetch_optional(on);
        Box::pin(async move { found.await?.ok_or(sqlx::Error::RowNotFound) })
    }

    /// The first row, when there is one.
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

    /// Every row.
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

    /// Every row, one after the other: no more of them are held than are on their way. Not for a connection that writes.
    pub(in super::super) fn fetch(self, db: &mut Db) -> BoxStream<'_, sqlx::Result<Row>> {
        debug_assert!(db.prefix.is_none(), "what is to be done before would come after");
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

    /// Takes what is to be done before along. What counts the rows that it has changed cannot: SQLite would count those of
    /// the statement before once more.
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

    /// PostgreSQL keeps no NUL in a text: there stands the sign for what cannot be read.
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

    /// As the driver of a database wants it.
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
    /// What stands in the next place.
    pub(in super::super) fn bind(mut self, value: impl Bind) -> Self {
        self.query = self.query.bind(value);
        self
    }

    /// Of the one row that there must be.
    ///
    /// # Errors
    /// [`sqlx::Error::RowNotFound`] when there is none.
    pub(in super::super) fn fetch_one<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<T>> {
        let found = self.query.fetch_one(on);
        Box::pin(async move { found.await?.try_get(0) })
    }

    /// Of the first row, when there is one.
    pub(in super::super) fn fetch_optional<'a>(
        self,
        on: impl Into<Executor<'a>>,
    ) -> BoxFuture<'a, sqlx::Result<Option<T>>> {
        let found = self.query.fetch_optional(on);
        Box::pin(async move { found.await?.map(|row| row.try_get(0)).transpose() })
    }

    /// Of every row.
    pub(in super::super) fn fetch_all<'a>(self, on: impl Into<Executor<'a>>) -> BoxFuture<'a, sqlx::Result<Vec<T>>> {
        let found = self.query.fetch_all(on);
        Box::pin(async move { found.await?.iter().map(|row| row.try_get(0)).collect() })
    }
}

/// A statement that is put together as it is needed: words of our own, and values in their places.
pub(in super::super) struct QueryBuilder {
    sql: String,
    values: Vec<Value>,
}

impl QueryBuilder {
    /// Begins with these words.
    pub(in super::super) fn new(words: &'static str) -> Self {
        Self { sql: words.to_owned(), values: Vec::new() }
    }

    /// Goes on with these words.
    pub(in super::super) fn push(&mut self, words: &'static str) -> &mut Self {
        self.sql.push_str(words);
        self
    }

    /// Goes on with a place, and what stands in it.
    pub(in super::super) fn push_bind(&mut self, value: impl Bind) -> &mut Self {
        self.values.push(value.value());
        self.sql.push_str(&format!("${}", self.values.len()));
        self
    }

    /// Goes on with a list of places; of nothing, with one in which nothing is.
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

    /// The statement.
    pub(in super::super) fn build(self) -> Query {
        Query { sql: AssertSqlSafe(self.sql).into_sql_str(), values: self.values }
    }
}
