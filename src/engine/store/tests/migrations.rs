//! Tests for upgrades: an upgrade that is interrupted at any statement changes nothing, and the next start completes
//! it.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use sqlx::{
    AssertSqlSafe, Connection as _, SqlSafeStr as _, SqliteConnection,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::*;
use crate::store::open_database::{check_integrity, migrator, migrator_of};

/// Examples of future migrations: adding a column, adding a trigger, and rebuilding a table.
const UPGRADES: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/1_first.sql")),
    (2, "second", include_str!("migrations/2_second.sql")),
    (3, "third", include_str!("migrations/3_third.sql")),
];
/// More rows than fit in a connection's cache, so that uncommitted data reaches the disk too.
const CUSTOMERS: u32 = 500;

/// Splits a migration into statements, each including its semicolon. Comments, strings, and trigger bodies may also
/// contain semicolons.
fn statements(sql: &str) -> Vec<String> {
    let (mut all, mut one, mut rest) = (Vec::new(), String::new(), sql);
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '\'' => rest[1..].find('\'').expect("every string literal is terminated") + 2,
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
    assert_eq!(one.trim(), "", "every statement ends with a semicolon");
    all
}

async fn connect(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        // A tiny cache forces uncommitted data onto the disk, where it must not affect the next start.
        .pragma("cache_size", "1");
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn execute(db: &mut SqliteConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(db).await.unwrap();
}

/// The contents of a database: the schema, the applied migrations, and every row in every table.
#[derive(Debug, PartialEq)]
struct DatabaseContents {
    schema: Vec<(String, String, Option<String>)>,
    applied: Vec<(i64, Vec<u8>)>,
    rows: Vec<String>,
}

impl DatabaseContents {
    async fn of(file: &Path) -> Self {
        let mut db = connect(file).await;
        check_integrity(&mut db).await.unwrap();
        let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut db).await.unwrap();
        assert!(dangling.is_empty(), "no foreign key refers to a missing row");
        let schema = sqlx::query_as("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
        let schema: Vec<(String, String, Option<String>)> = schema.fetch_all(&mut db).await.unwrap();
        let applied = sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version");
        let applied = applied.fetch_all(&mut db).await.unwrap();
        let mut rows = Vec::new();
        for (kind, table, _) in &schema {
            // The time at which a migration was applied differs from run to run.
            if kind != "table" || table == "_sqlx_migrations" {
                continue;
            }
            let columns: Vec<String> =
                sqlx::query_scalar("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info($1) ORDER BY cid")
                    .bind(table)
                    .fetch_all(&mut db)
                    .await
                    .unwrap();
            let all = format!(
                "SELECT '{table}: ' || {} AS line FROM \"{table}\" ORDER BY line",
                columns.join(" || ', ' || ")
            );
            rows.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(all)).fetch_all(&mut db).await.unwrap());
        }
        db.close().await.unwrap();
        Self { schema, applied, rows }
    }
}

/// Copies everything that has reached the files, which is what a killed process would leave behind.
fn copy_files(file: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("jumpin.db");
    for ending in ["", "-wal"] {
        let beside = |path: &Path| format!("{}{ending}", path.display());
        if Path::new(&beside(file)).exists() {
            std::fs::copy(beside(file), beside(&copy)).unwrap();
        }
    }
    copy
}

/// Returns a migrator that contains only the first `number` migrations.
fn first_migrations(all: &Migrator, number: usize) -> Migrator {
    Migrator { migrations: Cow::Owned(all.iter().take(number).cloned().collect()), ..migrator_of(&[]) }
}

/// Returns a migrator that contains the first `number` migrations and the given statements of the next one, followed by
/// a statement that fails.
fn failing_migrator(all: &Migrator, number: usize, statements: &[String]) -> Migrator {
    let next = all.iter().nth(number).unwrap();
    let sql = statements.join("\n") + "\nSELECT * FROM a_table_that_is_not_there;";
    let cut = Migration::new(
        next.version,
        next.description.clone(),
        MigrationType::Simple,
        AssertSqlSafe(sql).into_sql_str(),
        false,
    );
    let migrations: Vec<_> = all.iter().take(number).cloned().chain([cut]).collect();
    Migrator { migrations: Cow::Owned(migrations), ..migrator_of(&[]) }
}

async fn upgrade(file: &Path, to: &Migrator) -> Result<(), OpenError> {
    Store::open_file(file, to).await?.close().await;
    Ok(())
}

/// Interrupts a database upgrade after every statement of every missing migration, then runs the upgrade again. The
/// first `applied` migrations have already been applied to the file `filled`. If `applied` is 0, the database is new.
async fn interrupt_everywhere(filled: &Path, applied: usize, all: &Migrator) {
    let folder = tempfile::tempdir().unwrap();
    let whole = copy_files(filled, folder.path());
    upgrade(&whole, all).await.unwrap();
    let upgraded = DatabaseContents::of(&whole).await;

    let (mut cuts, mut reached_the_disk) = (0, 0);
    for number in applied..all.iter().count() {
        let migration = all.iter().nth(number).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = copy_files(filled, folder.path());
        let mut db = connect(&file).await;
        first_migrations(all, number).run(&mut db).await.unwrap();
        let statements = statements(migration.sql.as_str());
        // This includes the point between two migrations, before the first statement.
        for made in 0..=statements.len() {
            let which = format!("migration {}, after statement {made}", migration.version);
            let log = || std::fs::metadata(format!("{}-wal", file.display())).map_or(0, |log| log.len());
            let log_before = log();
            execute(&mut db, "BEGIN IMMEDIATE").await;
            for statement in &statements[..made] {
                execute(&mut db, statement).await;
            }
            let elsewhere = tempfile::tempdir().unwrap();
            let killed = copy_files(&file, elsewhere.path());
            reached_the_disk += usize::from(log() > log_before);
            execute(&mut db, "ROLLBACK").await;
            upgrade(&killed, all).await.unwrap();
            assert_eq!(DatabaseContents::of(&killed).await, upgraded, "killed: {which}");

            // Does the same with a failing statement, in which case sqlx itself rolls back.
            let elsewhere = tempfile::tempdir().unwrap();
            let failed = copy_files(&file, elsewhere.path());
            let before = DatabaseContents::of(&failed).await;
            let error = upgrade(&failed, &failing_migrator(all, number, &statements[..made])).await.unwrap_err();
            assert!(error.to_string().contains("a_table_that_is_not_there"), "{which}: {error}");
            assert_eq!(DatabaseContents::of(&failed).await, before, "failed: {which}");
            upgrade(&failed, all).await.unwrap();
            assert_eq!(DatabaseContents::of(&failed).await, upgraded, "failed: {which}");
            cuts += 1;
        }
        db.close().await.unwrap();
    }
    assert!(cuts > 10 && reached_the_disk > 0, "{reached_the_disk} of {cuts} interrupted upgrades wrote to the disk");
}

/// Covers promise 13: after an interrupted upgrade, every row from before the upgrade exists exactly once, in its
/// upgraded form.
#[tokio::test]
async fn an_upgrade_of_a_filled_database_may_be_interrupted_at_any_statement_and_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let filled = folder.path().join("filled.db");
    let all = migrator_of(UPGRADES);
    let mut db = connect(&filled).await;
    first_migrations(&all, 1).run(&mut db).await.unwrap();
    for customer in 1..=CUSTOMERS {
        execute(&mut db, &format!("INSERT INTO customer (id, name) VALUES ({customer}, 'Customer {customer}')")).await;
        execute(&mut db, &format!("INSERT INTO purchase (customer_id, price) VALUES ({customer}, '{customer}')")).await;
    }
    db.close().await.unwrap();
    interrupt_everywhere(&filled, 1, &all).await;

    // The upgraded rows are checked too, since otherwise two equally wrong results would pass.
    upgrade(&filled, &all).await.unwrap();
    let upgraded = DatabaseContents::of(&filled).await;
    let holds = |line: &str| upgraded.rows.iter().any(|row| row == line);
    assert!(holds("customer: 7, 'Customer 7; -- a customer''s name', 2"), "{:.300}", upgraded.rows.join("\n"));
    assert!(holds("purchase: 7, 7, 750") && holds(&format!("purchase: {}, 7, 50", CUSTOMERS + 7)));
    assert_eq!(upgraded.rows.len(), 3 * CUSTOMERS as usize);
    assert_eq!(upgraded.applied.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [1, 2, 3]);
}

/// Runs the program's own migrations on a new database.
#[tokio::test]
async fn the_first_start_may_be_interrupted_at_any_statement_and_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing.db");
    interrupt_everywhere(&nothing, 0, &migrator()).await;

    upgrade(&nothing, &migrator()).await.unwrap();
    let whole = DatabaseContents::of(&nothing).await;
    assert!(whole.schema.iter().any(|(_, name, _)| name == "message_search"), "{:?}", whole.schema);
    assert!(Store::inspect(&nothing).await.is_ok());
}
