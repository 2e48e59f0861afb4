//! Tests for PostgreSQL databases: exclusive access, the same schema as SQLite, and correct results after a lost
//! connection. These tests require a server in `DATABASE_URL` and are skipped without one.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use protocol::chat::{Author, Body};
use sqlx::{AssertSqlSafe, Connection as _};

use super::*;

#[tokio::test]
async fn postgres_database_is_opened_by_one_process_only() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let store = Store::open(database.address()).await.unwrap();
    let second = Store::open(database.address()).await;
    assert!(matches!(second, Err(OpenError::AlreadyOpen(_))), "{:?}", second.err());
    store.close().await;
    Store::open(database.address()).await.unwrap();
}

/// A column: its name, its type, whether it is NOT NULL, and whether it has a default.
type Column = (String, String, bool, bool);

/// Makes sure that the migrations for both databases stay in sync: both produce the same tables, columns, and unique
/// indexes.
#[tokio::test]
async fn postgres_and_sqlite_have_the_same_schema() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jumpin.db");
    Store::open(&file).await.unwrap().close().await;
    Store::open(database.address()).await.unwrap().close().await;

    let mut of_file: BTreeMap<String, BTreeSet<Column>> = BTreeMap::new();
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let columns = "SELECT whole.name, part.name, part.type, part.\"notnull\" = 1 OR part.pk > 0, part.dflt_value IS NOT NULL \
                   FROM sqlite_schema AS whole, pragma_table_info(whole.name) AS part WHERE whole.type = 'table' \
                   AND whole.name NOT LIKE 'message_search%' AND whole.name NOT LIKE 'sqlite_%'";
    let rows: Vec<(String, String, String, bool, bool)> = sqlx::query_as(columns).fetch_all(&mut db).await.unwrap();
    for (table, name, kind, needed, filled) in rows {
        of_file.entry(table).or_default().insert((name, kind, needed, filled));
    }
    let unique = "SELECT whole.name || ': ' || (SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_index_info(one.name) ORDER BY name)) \
                  FROM sqlite_schema AS whole, pragma_index_list(whole.name) AS one WHERE whole.type = 'table' AND one.\"unique\" = 1 \
                  AND whole.name NOT LIKE 'message_search%'";
    let mut unique_in_file: Vec<String> = sqlx::query_scalar(unique).fetch_all(&mut db).await.unwrap();
    let last = "SELECT max(version) FROM _sqlx_migrations";
    let version_of_file: i64 = sqlx::query_scalar(last).fetch_one(&mut db).await.unwrap();

    let mut of_server: BTreeMap<String, BTreeSet<Column>> = BTreeMap::new();
    let mut db = database.connect().await.unwrap();
    let columns = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'NO', column_default IS NOT NULL, \
                   data_type = 'text' AND coalesce(collation_name, '') <> 'C' FROM information_schema.columns WHERE table_schema = 'public'";
    let rows: Vec<(String, String, String, bool, bool, bool)> =
        sqlx::query_as(columns).fetch_all(&mut db).await.unwrap();
    for (table, name, kind, needed, filled, foreign_order) in rows {
        let kind = match kind.as_str() {
            "bigint" => "INTEGER",
            "text" => "TEXT",
            "bytea" => "BLOB",
            other => other,
        };
        assert!(!foreign_order || table == "_sqlx_migrations", "{table}.{name} is sorted by the server's locale");
        of_server.entry(table).or_default().insert((name, kind.to_owned(), needed, filled));
    }
    let unique = "SELECT whole.relname || ': ' || (SELECT string_agg(attname, ' ' ORDER BY attname COLLATE \"C\") FROM pg_attribute \
                  WHERE attrelid = one.indexrelid) FROM pg_index AS one JOIN pg_class AS whole ON whole.oid = one.indrelid \
                  WHERE one.indisunique AND whole.relnamespace = 'public'::regnamespace";
    let mut unique_on_server: Vec<String> = sqlx::query_scalar(unique).fetch_all(&mut db).await.unwrap();
    let version_of_server: i64 = sqlx::query_scalar(last).fetch_one(&mut db).await.unwrap();

    for tables in [&mut of_file, &mut of_server] {
        // The columns of `_sqlx_migrations` are defined by sqlx.
        tables.remove("_sqlx_migrations");
        assert!(tables.len() > 25, "{tables:?}");
    }
    // In SQLite, only messages have a `search_rowid`, but PostgreSQL assigns one to every entry, so the columns differ.
    let without_search_rowid = |table: &mut BTreeMap<String, BTreeSet<Column>>| {
        table.get_mut("entry").unwrap().retain(|(name, ..)| name != "search_rowid");
    };
    without_search_rowid(&mut of_file);
    without_search_rowid(&mut of_server);
    assert_eq!(of_server, of_file);
    let counts_by_itself = ["page_view: id", "visitor_note: id", "audit: id", "_sqlx_migrations: version"];
    unique_on_server.retain(|index| !counts_by_itself.contains(&index.as_str()));
    unique_in_file.retain(|index| !counts_by_itself.contains(&index.as_str()));
    unique_on_server.sort();
    unique_in_file.sort();
    assert_eq!(unique_on_server, unique_in_file);
    assert_eq!(version_of_server, version_of_file);
}

#[tokio::test]
async fn lost_connection_is_reestablished() {
    let shop = Shop::open().await;
    let chat = shop.chat(&Guest::new()).await;
    for number in 0..3 {
        if !shop.database.terminate_connections().await {
            return;
        }
        shop.send_message(chat, Author::Visitor, client_id(), &number.to_string()).await.expect("no write was pending");
        assert_eq!(shop.store.entries(chat, 0, 9).await.unwrap().len(), 2 + number);
    }
    let second = Store::open(shop.database.address()).await;
    assert!(matches!(second, Err(OpenError::AlreadyOpen(_))), "the lock was not reacquired: {:?}", second.err());
}

/// Covers O8: a message sent while the connection breaks is either acknowledged and stored, or it fails and can be sent
/// again.
#[tokio::test(flavor = "multi_thread")]
async fn writes_during_failover_are_stored_or_refused_and_retryable() {
    let shop = Shop::open().await;
    let chat = shop.chat(&Guest::new()).await;
    let names: Vec<_> = (0..1_000).map(|_| client_id()).collect();
    let (mut acknowledged, mut failed) = (BTreeSet::new(), Vec::new());
    for (round, some) in names.chunks(100).enumerate() {
        let sends = some.iter().map(|name| shop.send_message(chat, Author::Visitor, *name, "Hello"));
        let sends = futures::future::join_all(sends);
        let (said, broken) = tokio::join!(sends, shop.database.terminate_connections());
        if !broken {
            return;
        }
        for (name, said) in some.iter().zip(said) {
            match said {
                Ok(said) => drop(acknowledged.insert((said.entry.seq, *name))),
                Err(StoreError::NotCommitted(_) | StoreError::Unknown(_) | StoreError::Sqlx(_)) => failed.push(*name),
                Err(other) => panic!("round {round}: {other}"),
            }
        }
    }
    let kept = async || {
        let mut entries = Vec::new();
        while let Ok(more) = shop.store.entries(chat, entries.len() as u32, 500).await {
            match more.is_empty() {
                true => break,
                false => entries.extend(more),
            }
        }
        let named = entries.iter().filter(|entry| matches!(entry.body, Body::Text(_)));
        named.map(|entry| (entry.seq, entry.client_id.unwrap())).collect::<Vec<_>>()
    };
    let there: BTreeSet<_> = kept().await.into_iter().collect();
    assert!(acknowledged.is_subset(&there), "every acknowledged message is stored");
    for name in failed {
        let mut said = shop.send_message(chat, Author::Visitor, name, "Hello").await;
        while said.is_err() {
            said = shop.send_message(chat, Author::Visitor, name, "Hello").await;
        }
        acknowledged.insert((said.unwrap().entry.seq, name));
    }
    let there = kept().await;
    assert_eq!(there.len(), 1_000, "every message is stored once");
    assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), acknowledged, "sequence numbers match the acknowledgments");
}

/// PostgreSQL cannot store NUL characters in text.
#[tokio::test]
async fn nul_character_becomes_the_replacement_character_in_postgres() {
    let shop = Shop::open().await;
    let chat = shop.chat(&Guest::new()).await;
    let said = shop.send_message(chat, Author::Visitor, client_id(), "a\0b").await.unwrap();
    let kept = shop.store.entries(chat, 1, 9).await.unwrap();
    let as_kept = if shop.database.address().file().is_some() { "a\0b" } else { "a\u{fffd}b" };
    assert_eq!(kept[0].body, Body::Text(as_kept.into()));
    assert_eq!(kept[0].seq, said.entry.seq);
}

/// Because reader connections are read-only, only the writer can change data.
#[tokio::test]
async fn reader_connections_cannot_write() {
    let shop = Shop::open().await;
    let write = AssertSqlSafe("UPDATE organization SET name = 'Other'".to_owned());
    let written = sql::query(write).execute(&shop.store.inner.readers).await;
    assert!(written.is_err());
    assert_eq!(shop.store.directory(shop.organization).await.unwrap().organization_name, "Shop");
}

/// If the server's certificate must be verified, neither the writer nor the readers connect without TLS.
#[tokio::test]
async fn every_connection_to_a_verified_server_uses_tls() {
    let Some(database) = TestDatabase::postgres().await else { return };
    let mut db = database.connect().await.unwrap();
    let settings = "SELECT current_setting('ssl'), current_setting('ssl_cert_file')";
    let (ssl, file): (String, String) = sqlx::query_as(settings).fetch_one(&mut db).await.unwrap();
    let skip = |why: &str| {
        writeln!(std::io::stderr(), "SKIPPED: every_connection_to_a_verified_server_uses_tls, because {why}").unwrap();
    };
    if ssl != "on" || std::fs::read(&file).is_err() {
        return skip("the server has no TLS, or its certificate cannot be read");
    }
    let Address::Server(options) = database.address().clone() else { panic!("a PostgreSQL server") };
    // Debian's self-signed certificate is for this name.
    let options = options.host("localhost").ssl_mode(sqlx::postgres::PgSslMode::VerifyFull);
    let unknown = Store::open(Address::Server(Box::new(options.clone()))).await.map(drop).unwrap_err().to_string();
    assert!(unknown.contains("certificate"), "{unknown}");
    let store = match Store::open(Address::Server(Box::new(options.ssl_root_cert(&file)))).await {
        Err(OpenError::Unusable { why, .. }) if why.contains("certificate") => return skip(&why),
        opened => opened.unwrap(),
    };
    assert!(store.is_empty().await.unwrap(), "a reader is connected");
    let connections = "SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl \
                       JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND application_name = 'jumpin'";
    let (private, open): (i64, i64) = sqlx::query_as(connections).fetch_one(&mut db).await.unwrap();
    assert!(private >= 2 && open == 0, "{private} with TLS, {open} without");
    store.close().await;
}
