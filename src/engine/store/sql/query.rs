//! Questions and orders to the database.

use std::marker::PhantomData;

use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream::BoxStream};
use sqlx::{AssertSqlSafe, Database, Encode, Postgres, SqlSafeStr, SqlStr, Sqlite, Type};

use super::{
    Db, On, Row, To,
    bound::{Bind, Value},
    row::Read,
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
pub(in super::super) struct Done(u64);

impl Done {
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
pub(in super::super) fn query_scalar<T: for<'r> Read<'r>>(sql: impl SqlSafeStr) -> Scalar<T> {
    Scalar { query: query(sql), of: PhantomData }
}

impl Query {
    /// What stands in the next place.
    pub(in super::super) fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// Gives the order.
    pub(in super::super) fn execute<'a>(self, on: impl Into<On<'a>>) -> BoxFuture<'a, sqlx::Result<Done>> {
        self.on(on.into(), |query, to| {
            Box::pin(async move {
                Ok(Done(match to {
                    To::Sqlite(db) => query.of::<Sqlite>().execute(&mut ***db).await?.rows_affected(),
                    To::Postgres(db) => query.without_nul().of::<Postgres>().execute(&mut ***db).await?.rows_affected(),
                }))
            })
        })
    }

    /// The one row that there must be.
    ///
    /// # Errors
    /// [`sqlx::Error::RowNotFound`] when there is none.
    pub(in super::super) fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> BoxFuture<'a, sqlx::Result<Row>> {
        let found = self.fetch_optional(on);
        Box::pin(async move { found.await?.ok_or(sqlx::Error::RowNotFound) })
    }

    /// The first row, when there is one.
    pub(in super::super) fn fetch_optional<'a>(
        self,
        on: impl Into<On<'a>>,
    ) -> BoxFuture<'a, sqlx::Result<Option<Row>>> {
        self.along_with_what_is_before(on.into(), |query, to| {
            Box::pin(async move {
                Ok(match to {
                    To::Sqlite(db) => query.of::<Sqlite>().fetch_optional(&mut ***db).await?.map(Row::Sqlite),
                    To::Postgres(db) => {
                        query.without_nul().of::<Postgres>().fetch_optional(&mut ***db).await?.map(Row::Postgres)
                    }
                })
            })
        })
    }

    /// Every row.
    pub(in super::super) fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> BoxFuture<'a, sqlx::Result<Vec<Row>>> {
        self.along_with_what_is_before(on.into(), |query, to| {
            Box::pin(async move {
                Ok(match to {
                    To::Sqlite(db) => {
                        let rows = query.of::<Sqlite>().fetch_all(&mut ***db).await?;
                        rows.into_iter().map(Row::Sqlite).collect()
                    }
                    To::Postgres(db) => {
                        let rows = query.without_nul().of::<Postgres>().fetch_all(&mut ***db).await?;
                        rows.into_iter().map(Row::Postgres).collect()
                    }
                })
            })
        })
    }

    /// Every row, one after the other: no more of them are held than are on their way. Not for a connection that writes.
    pub(in super::super) fn fetch(self, db: &mut Db) -> BoxStream<'_, sqlx::Result<Row>> {
        debug_assert!(db.before.is_none(), "what is to be done before would come after");
        match &mut db.to {
            To::Sqlite(db) => self.of::<Sqlite>().fetch(&mut ***db).map_ok(Row::Sqlite).boxed(),
            To::Postgres(db) => self.without_nul().of::<Postgres>().fetch(&mut ***db).map_ok(Row::Postgres).boxed(),
        }
    }

    fn on<'a, T, F>(self, on: On<'a>, ask: F) -> BoxFuture<'a, sqlx::Result<T>>
    where
        T: Send + 'a,
        F: for<'c> FnOnce(Self, &'c mut To) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'a,
    {
        match on {
            On::This(db) => Box::pin(async move {
                if let Some(before) = db.before.take() {
                    db.to.batch(before).await?;
                }
                ask(self, &mut db.to).await
            }),
            On::AnyOf(pool) => Box::pin(async move { ask(self, &mut pool.acquire().await?.to).await }),
        }
    }

    /// Takes what is to be done before along. What counts the rows that it has changed cannot: SQLite would count those of
    /// the statement before once more.
    fn along_with_what_is_before<'a, T, F>(mut self, on: On<'a>, ask: F) -> BoxFuture<'a, sqlx::Result<T>>
    where
        T: Send + 'a,
        F: for<'c> FnOnce(Self, &'c mut To) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'a,
    {
        match on {
            On::This(Db { to: to @ To::Sqlite(_), before }) => {
                if let Some(before) = before.take() {
                    self.sql = AssertSqlSafe([before, "; ", self.sql.as_str()].concat()).into_sql_str();
                }
                ask(self, to)
            }
            on => self.on(on, ask),
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
    fn of<D: Database>(self) -> sqlx::query::Query<'static, D, D::Arguments>
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

impl<T: for<'r> Read<'r> + Send + 'static> Scalar<T> {
    /// What stands in the next place.
    pub(in super::super) fn bind(mut self, value: impl Bind) -> Self {
        self.query = self.query.bind(value);
        self
    }

    /// Of the one row that there must be.
    ///
    /// # Errors
    /// [`sqlx::Error::RowNotFound`] when there is none.
    pub(in super::super) fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> BoxFuture<'a, sqlx::Result<T>> {
        let found = self.query.fetch_one(on);
        Box::pin(async move { found.await?.try_get(0) })
    }

    /// Of the first row, when there is one.
    pub(in super::super) fn fetch_optional<'a>(self, on: impl Into<On<'a>>) -> BoxFuture<'a, sqlx::Result<Option<T>>> {
        let found = self.query.fetch_optional(on);
        Box::pin(async move { found.await?.map(|row| row.try_get(0)).transpose() })
    }

    /// Of every row.
    pub(in super::super) fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> BoxFuture<'a, sqlx::Result<Vec<T>>> {
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
