//! Exports every row of a visitor's data. The tables are read from the schema in the same way as for erasing a visitor,
//! so whatever is erased is exported too, including tables that are added later.

use std::collections::BTreeMap;

use futures::{TryStreamExt as _, future::BoxFuture};
use protocol::id::VisitorId;
use sqlx::AssertSqlSafe;

use super::{
    ExportItem, ExportedRow, ExportedValue, Result,
    database_copy::{Column, Kind, columns},
    erasure::references,
    export::PacedSender,
    sql::{self, Db, Row},
};

/// The conditions that select the visitor's rows in each table.
pub(super) type Conditions = BTreeMap<String, Vec<String>>;

/// Streams the rows of a visitor, table by table.
pub(super) async fn stream_visitor(db: &mut Db, visitor: VisitorId, pieces: &mut PacedSender) -> Result<()> {
    for (table, conditions) in conditions_of(db, visitor).await? {
        let columns = exported_columns(db, &table).await?;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        // The first two columns are the row's id, or its parent's id and its number.
        let sql = format!("SELECT {} FROM {table} WHERE {} ORDER BY 1, 2", names.join(", "), conditions.join(" OR "));
        let mut rows = sql::query(AssertSqlSafe(sql)).fetch(db);
        while let Some(row) = rows.try_next().await? {
            let row = Box::new(ExportedRow { table: table.clone(), columns: read(&row, &columns)? });
            pieces.send(ExportItem::Row(row)).await?;
        }
    }
    Ok(())
}

/// Returns the tables with a visitor's data, and which of their rows belong to the visitor.
pub(super) async fn conditions_of(db: &mut Db, visitor: VisitorId) -> Result<Conditions> {
    let mut conditions = Conditions::new();
    collect(db, "visitor", format!("id = '{visitor}'"), &mut conditions).await?;
    // The audit log outlives the visitor, so it does not refer to the visitor's row.
    conditions.entry("audit".into()).or_default().push(format!("visitor_id = '{visitor}'"));
    Ok(conditions)
}

fn collect<'c>(db: &'c mut Db, table: &'c str, which: String, all: &'c mut Conditions) -> BoxFuture<'c, Result<()>> {
    Box::pin(async move {
        for reference in references(db, table).await? {
            collect(&mut *db, &reference.child, reference.hanging(table, &which), &mut *all).await?;
        }
        all.entry(table.to_owned()).or_default().push(which);
        Ok(())
    })
}

/// Returns a table's columns, except those with bytes, which are hashes of the visitor's tokens.
async fn exported_columns(db: &mut Db, table: &str) -> Result<Vec<Column>> {
    let columns = columns(db, table).await?;
    Ok(columns.into_iter().filter(|column| !matches!(column.kind, Kind::Bytes)).collect())
}

fn read(row: &Row, columns: &[Column]) -> Result<Vec<(String, Option<ExportedValue>)>> {
    let value = |(at, column): (usize, &Column)| {
        let value = match column.kind {
            Kind::Number => row.try_get::<Option<i64>, _>(at)?.map(ExportedValue::Number),
            Kind::Text | Kind::Bytes => row.try_get::<Option<String>, _>(at)?.map(ExportedValue::Text),
        };
        Ok((column.name.clone(), value))
    };
    columns.iter().enumerate().map(value).collect()
}
