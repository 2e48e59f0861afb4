//! Deletes rows along with everything that refers to them.

use futures::future::BoxFuture;
use protocol::{
    Millis,
    id::{OrganizationId, VisitorId},
    refusal::Refusal,
};
use sqlx::AssertSqlSafe;

use super::{
    Actor, Result, Store, audit, files,
    sql::{self, Db},
};

impl Store {
    /// Deletes a visitor's data: visits, chats, messages, and notes. When this returns, the data is gone from both the
    /// database file and its WAL.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the visitor does not belong to the organization.
    pub async fn erase_visitor(&self, by: Actor, visitor: VisitorId, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                if !is_visitor_of(db, by.organization, visitor).await? {
                    return Err(Refusal::NotFound.into());
                }
                delete(db, "visitor", format!("id = '{visitor}'")).await?;
                audit::note(db, &by, "visitor.erased", "", "", now).await
            })
        })
        .await?;
        // Exports in progress may contain the deleted data and must stop.
        self.inner.erasures.send_modify(|erasures| *erasures += 1);
        self.inner.writer.truncate_wal().await
    }
}

/// Returns whether the visitor belongs to the organization.
pub(super) async fn is_visitor_of(db: &mut Db, organization: OrganizationId, visitor: VisitorId) -> Result<bool> {
    let is_of = sql::query_scalar("SELECT EXISTS (SELECT 1 FROM visitor WHERE id = $1 AND organization_id = $2)")
        .bind(visitor.to_string())
        .bind(organization.to_string())
        .fetch_one(db)
        .await?;
    Ok(is_of)
}

/// Deletes rows from a table, after deleting all rows that refer to them. The references are read from the schema, so
/// tables added later are included. `which` is a trusted SQL condition that contains only ids.
pub(super) fn delete<'c>(db: &'c mut Db, table: &'c str, which: String) -> BoxFuture<'c, Result<u64>> {
    Box::pin(async move {
        for reference in references(db, table).await? {
            let hanging = reference.hanging(table, &which);
            delete(&mut *db, &reference.child, hanging).await?;
        }
        if table == "file" {
            files::queue_file_deletions(&mut *db, &which).await?;
        }
        if table == "visitor" {
            audit::forget_visitors(&mut *db, &which).await?;
        }
        let deleted = sql::query(AssertSqlSafe(format!("DELETE FROM {table} WHERE {which}"))).execute(db).await?;
        Ok(deleted.rows_affected())
    })
}

/// A foreign key in another table, whose `from` columns refer to the `to` columns.
pub(super) struct Reference {
    pub(super) child: String,
    from: Vec<String>,
    to: Vec<String>,
}

impl Reference {
    /// Returns the condition for the child's rows that refer to the matching rows of `table`.
    pub(super) fn hanging(&self, table: &str, which: &str) -> String {
        format!("({}) IN (SELECT {} FROM {table} WHERE {which})", self.from.join(", "), self.to.join(", "))
    }
}

const REFERENCES_OF_SQLITE: &str = "SELECT child.name AS child, reference.id AS number, reference.\"from\" AS source, \
         coalesce(reference.\"to\", 'id') AS target FROM sqlite_schema AS child, \
         pragma_foreign_key_list(child.name) AS reference WHERE child.type = 'table' AND reference.\"table\" = $1 \
         AND child.name <> $1 ORDER BY child.name, reference.id, reference.seq";
const REFERENCES_OF_POSTGRES: &str = "SELECT child.relname AS child, reference.oid::bigint AS number, source.attname AS source, \
         target.attname AS target FROM pg_constraint AS reference JOIN pg_class AS child ON child.oid = reference.conrelid \
         CROSS JOIN LATERAL unnest(reference.conkey, reference.confkey) WITH ORDINALITY \
         AS pair(source, target, position) \
         JOIN pg_attribute AS source ON source.attrelid = reference.conrelid AND source.attnum = pair.source \
         JOIN pg_attribute AS target ON target.attrelid = reference.confrelid AND target.attnum = pair.target \
         WHERE reference.contype = 'f' AND reference.confrelid = to_regclass($1) AND reference.conrelid <> reference.confrelid \
         ORDER BY child.relname, reference.oid, pair.position";

/// Returns the foreign keys that refer to this table.
pub(super) async fn references(db: &mut Db, table: &str) -> Result<Vec<Reference>> {
    let which = if db.is_postgres() { REFERENCES_OF_POSTGRES } else { REFERENCES_OF_SQLITE };
    let rows = sql::query(which).bind(table).fetch_all(db).await?;
    let mut references: Vec<(i64, Reference)> = Vec::new();
    for row in rows {
        let (child, number): (String, i64) = (row.try_get("child")?, row.try_get("number")?);
        let (source, target): (String, String) = (row.try_get("source")?, row.try_get("target")?);
        match references.last_mut() {
            Some((last, reference)) if *last == number && reference.child == child => {
                reference.from.push(source);
                reference.to.push(target);
            }
            _ => references.push((number, Reference { child, from: vec![source], to: vec![target] })),
        }
    }
    Ok(references.into_iter().map(|(_, reference)| reference).collect())
}
