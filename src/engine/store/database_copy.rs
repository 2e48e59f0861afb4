//! Copies all data from one database into an empty one, such as from a SQLite file to a PostgreSQL server or the other
//! way around. The source keeps its data, and the target receives either everything or nothing.

use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use super::{
    Address, OpenError, Result, Store, StoreError, backup,
    erasure::references,
    postgres_server::Server,
    sql::{self, Db, Row},
};

/// The maximum number of parameters in a statement. SQLite allows 32,766.
const PLACES: usize = 8_000;
/// The maximum number of rows in a statement, which limits memory use.
const ROWS: usize = 200;

/// Why a copy failed. After a failure, the target contains none of the data.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source or the target cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The target already contains data.
    #[error("{0} is not empty, and existing data is never overwritten")]
    NotEmpty(Address),
    /// Reading from the source or writing to the target failed, or the two do not match.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// The table's name.
    pub table: String,
    /// The number of rows, which is the same in the source and the target.
    pub rows: u64,
}

impl Store {
    /// Copies everything from one database into another in a single transaction. No server may have either of them
    /// open. The source is migrated to the current version first, as on any startup.
    ///
    /// # Errors
    /// Returns an error if the source does not exist, if the target is not empty, or if either database fails.
    pub async fn copy_tables(from: &Address, to: &Address) -> Result<Vec<CopiedTable>, CopyError> {
        if let Some(file) = from.file() {
            std::fs::metadata(file).map_err(backup::file_error(file))?;
        }
        if from == to || !is_empty_target(to).await? {
            return Err(CopyError::NotEmpty(to.clone()));
        }
        let source = Store::open(from).await?;
        let moved = async {
            let target = Store::open(to).await?;
            let moved = source.copy_into_empty(&target).await;
            target.close().await;
            match moved {
                Ok(Some(moved)) => Ok(moved),
                Ok(None) => Err(CopyError::NotEmpty(to.clone())),
                Err(error) => Err(error.into()),
            }
        };
        let moved = moved.await;
        source.close().await;
        moved
    }

    /// Copies all tables. Returns `None` if the target already contains rows.
    async fn copy_into_empty(&self, target: &Store) -> Result<Option<Vec<CopiedTable>>> {
        let mut source = self.inner.readers.begin_read_transaction().await?;
        target
            .write(move |db| {
                Box::pin(async move {
                    let tables = tables_in_dependency_order(&mut *db).await?;
                    if tables.iter().collect::<BTreeSet<_>>() != table_names(&mut source).await?.iter().collect() {
                        return Err(mismatch("the source and the target have different tables"));
                    }
                    for table in &tables {
                        if count_rows(&mut *db, table).await? > 0 {
                            return Ok(None);
                        }
                    }
                    let mut moved = Vec::with_capacity(tables.len());
                    for table in tables {
                        copy_table(&mut source, &mut *db, &table).await?;
                        let rows = count_rows(&mut *db, &table).await?;
                        if rows != count_rows(&mut source, &table).await? {
                            return Err(mismatch(&format!("not every row in {table} was copied")));
                        }
                        moved.push(CopiedTable { table, rows });
                    }
                    Ok(Some(moved))
                })
            })
            .await
    }
}

fn mismatch(why: &str) -> StoreError {
    StoreError::Unreadable(format!("the copy failed because {why}"))
}

/// Returns whether a database may be used as a target, meaning that it does not exist, has no tables, or has our
/// tables.
async fn is_empty_target(at: &Address) -> Result<bool, CopyError> {
    let mut db = match at {
        Address::File(file) if !file.exists() => return Ok(true),
        Address::File(file) => Db::sqlite(Box::new(backup::open_read_only(file).await?)),
        Address::Server(options) => Db::postgres(Box::new(Server::new((**options).clone()).connect().await?)),
    };
    let tables: Vec<String> = sql::query_scalar(tables_of(&db)).fetch_all(&mut db).await.map_err(OpenError::from)?;
    Ok(tables.is_empty() || tables.iter().any(|table| table == "_sqlx_migrations"))
}

fn tables_of(db: &Db) -> &'static str {
    match db.is_postgres() {
        true => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()",
        // The search index is maintained by triggers, so it is not copied.
        false => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE 'message_search%'"
        }
    }
}

/// Returns the names of the data tables, sorted.
pub(super) async fn table_names(db: &mut Db) -> Result<Vec<String>> {
    let mut tables: Vec<String> = sql::query_scalar(tables_of(db)).fetch_all(db).await?;
    tables.retain(|table| table != "_sqlx_migrations");
    tables.sort();
    Ok(tables)
}

/// Returns the tables, sorted so that each one follows all tables that it refers to.
async fn tables_in_dependency_order(db: &mut Db) -> Result<Vec<String>> {
    let mut waiting = table_names(&mut *db).await?;
    let mut pairs = Vec::new();
    for parent in &waiting {
        let children = references(&mut *db, parent).await?;
        pairs.extend(children.into_iter().map(|reference| (parent.clone(), reference.child)));
    }
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let waits = |table: &String| pairs.iter().any(|(parent, child)| child == table && waiting.contains(parent));
        let (later, now): (Vec<_>, Vec<_>) = waiting.iter().cloned().partition(waits);
        if now.is_empty() {
            return Err(mismatch("the tables refer to each other in a cycle"));
        }
        ordered.extend(now);
        waiting = later;
    }
    Ok(ordered)
}

async fn count_rows(db: &mut Db, table: &str) -> Result<u64> {
    Ok(sql::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(db).await?)
}

pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A column's type.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Number,
    Text,
    Bytes,
}

/// Returns a table's columns, except for `entry.search_rowid`, which each database assigns on its own.
pub(super) async fn columns(db: &mut Db, table: &str) -> Result<Vec<Column>> {
    let columns = match db.is_postgres() {
        true => {
            "SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
        false => "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid",
    };
    let rows = sql::query(columns).bind(table).fetch_all(db).await?;
    let column = |row: &Row| {
        let kind = match row.try_get("kind")? {
            "INTEGER" | "bigint" => Kind::Number,
            "TEXT" | "text" => Kind::Text,
            "BLOB" | "bytea" => Kind::Bytes,
            other => return Err(mismatch(&format!("{table} has a column of the unsupported type {other}"))),
        };
        Ok(Column { name: row.try_get("name")?, kind })
    };
    let columns = rows.iter().map(column).collect::<Result<Vec<_>>>()?;
    Ok(columns.into_iter().filter(|column| (table, column.name.as_str()) != ("entry", "search_rowid")).collect())
}

/// Copies every row of a table.
async fn copy_table(source: &mut Db, target: &mut Db, table: &str) -> Result<()> {
    let columns = columns(&mut *target, table).await?;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let names = names.join(", ");
    // Search row ids must follow the order of the messages in a chat.
    let order = if table == "entry" { " ORDER BY chat_id, seq" } else { "" };
    let all = sql::query(AssertSqlSafe(format!("SELECT {names} FROM {table}{order}")));
    let at_once = (PLACES / columns.len()).min(ROWS);
    let mut rows = all.fetch(source).try_chunks(at_once);
    while let Some(some) = rows.try_next().await.map_err(|error| error.1)? {
        insert_rows(target, table, &names, &columns, &some).await?;
    }
    if target.is_postgres() && names.starts_with("id,") && matches!(columns[0].kind, Kind::Number) {
        // The sequence must continue after the copied ids.
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
        );
        sql::query(AssertSqlSafe(next)).execute(target).await?;
    }
    Ok(())
}

async fn insert_rows(target: &mut Db, table: &str, names: &str, columns: &[Column], rows: &[Row]) -> Result<()> {
    let places = |row: usize| {
        let places: Vec<String> =
            (1..=columns.len()).map(|place| format!("${}", row * columns.len() + place)).collect();
        format!("({})", places.join(", "))
    };
    let places: Vec<String> = (0..rows.len()).map(places).collect();
    let sql = format!("INSERT INTO {table} ({names}) VALUES {}", places.join(", "));
    let mut insert = sql::query(AssertSqlSafe(sql));
    for row in rows {
        for (at, column) in columns.iter().enumerate() {
            insert = match column.kind {
                Kind::Number => insert.bind(row.try_get::<Option<i64>, _>(at)?),
                Kind::Text => insert.bind(row.try_get::<Option<&str>, _>(at)?),
                Kind::Bytes => insert.bind(row.try_get::<Option<Vec<u8>>, _>(at)?),
            };
        }
    }
    insert.execute(target).await?;
    Ok(())
}
