//! Bringing a file to this version, cut off wherever it may be: what was begun leaves no trace, and the next start ends it.

use std::{borrow::Cow, path::Path};

use sqlx::{
    AssertSqlSafe, Connection as _, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::*;
use crate::store::open::migrator;

/// The statements of a migration, each with its semicolon: comments and texts may hold one too, and so does a trigger's body.
fn statements(sql: &str) -> Vec<String> {
    let (mut all, mut one, mut rest) = (Vec::new(), String::new(), sql);
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '\'' => rest[1..].find('\'').expect("a text ends") + 2,
            _ => letter.len_utf8(),
        };
        let (piece, after) = rest.split_at(taken);
        one.push_str(if piece.starts_with("--") { "" } else { piece });
        rest = after;
        let is_trigger = one.trim_start().to_uppercase().starts_with("CREATE TRIGGER");
        if letter == ';' && (!is_trigger || one.to_uppercase().trim_end_matches([';', ' ', '\n']).ends_with("END")) {
            all.push(std::mem::take(&mut one).trim().to_owned());
        }
    }
    assert_eq!(one.trim(), "", "every statement has its semicolon");
    all
}

async fn connect(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        // What is not committed reaches the disk as well: a cut must not find it.
        .pragma("cache_size", "1");
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Everything that stands in the schema, and which migrations have been made.
async fn schema(file: &Path) -> (Vec<(String, String, Option<String>)>, Vec<i64>) {
    let mut db = connect(file).await;
    let tables = sqlx::query_as("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetch_all(&mut db);
    let tables = tables.await.unwrap();
    let made = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version");
    let made = made.fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    (tables, made)
}

/// What a killed process leaves: whatever has reached the files.
fn as_it_lies(file: &Path, folder: &Path) -> std::path::PathBuf {
    let copy = folder.join("jumpin.db");
    for ending in ["", "-wal"] {
        let beside = |path: &Path| format!("{}{ending}", path.display());
        std::fs::copy(beside(file), beside(&copy)).unwrap();
    }
    copy
}

#[tokio::test]
async fn a_migration_may_be_killed_at_any_statement_and_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh.db");
    Store::open(&fresh).await.unwrap().close().await;
    let fresh = schema(&fresh).await;

    let all: Vec<_> = migrator().iter().cloned().collect();
    for (number, migration) in all.iter().enumerate() {
        let file = folder.path().join(format!("before-{}.db", migration.version));
        let mut db = connect(&file).await;
        Migrator { migrations: Cow::Owned(all[..number].to_vec()), ..migrator() }.run(&mut db).await.unwrap();
        let statements = statements(migration.sql.as_str());
        for made in 1..=statements.len() {
            sqlx::query("BEGIN IMMEDIATE").execute(&mut db).await.unwrap();
            for statement in &statements[..made] {
                sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut db).await.unwrap();
            }
            let elsewhere = tempfile::tempdir().unwrap();
            let killed = as_it_lies(&file, elsewhere.path());
            sqlx::query("ROLLBACK").execute(&mut db).await.unwrap();

            let store = Store::open(&killed).await.unwrap();
            store.close().await;
            let which = format!("migration {}, after statement {made}", migration.version);
            assert_eq!(schema(&killed).await, fresh, "{which}");
            assert!(Store::look_into(&killed).await.is_ok(), "{which}");
        }
        db.close().await.unwrap();
    }
}
