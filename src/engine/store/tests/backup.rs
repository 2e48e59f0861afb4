//! Tests for backups: the database file is copied while it is in use.

use protocol::chat::{Author, Seq};
use sqlx::Connection as _;

use super::*;

#[tokio::test]
async fn backup_is_consistent_during_concurrent_writes() {
    if skip_on_postgres("PostgreSQL databases are backed up with pg_dump") {
        return;
    }
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let from = shop.folder.path().join("jumpin.db");
    let to = shop.folder.path().join("copy.db");
    let writes = async {
        for number in 0..200 {
            shop.send_message(chat, Author::Visitor, client_id(), &number.to_string()).await.unwrap();
        }
    };
    shop.send_message(chat, Author::Visitor, client_id(), "acknowledged before").await.unwrap();
    let (copied, ()) = tokio::join!(Store::copy(&from, &to), writes);
    let copied = copied.unwrap();
    assert_eq!((copied.report.organizations, copied.report.agents, copied.report.chats), (1, 2, 1));

    let store = Store::open(&to).await.unwrap();
    let entries = store.entries(chat, 0, 1_000).await.unwrap();
    let messages = entries.len() as u64 - 1;
    assert_eq!(copied.report.messages, messages);
    assert!(messages >= 1, "the copy contains everything acknowledged before it started");
    assert!(entries.iter().zip(1..).all(|(entry, seq): (_, Seq)| entry.seq == seq));
    store.close().await;
    let again = Store::copy(&from, &to).await;
    assert!(again.is_err(), "a file that is not empty is not overwritten");
}

#[tokio::test]
async fn backup_reports_a_damaged_or_newer_database() {
    if skip_on_postgres("PostgreSQL databases are backed up with pg_dump") {
        return;
    }
    let shop = Shop::open().await;
    let (file, copy) = (shop.folder.path().join("jumpin.db"), shop.folder.path().join("copy.db"));
    let missing = Store::copy(&shop.folder.path().join("nothing.db"), &copy).await;
    assert!(matches!(missing, Err(OpenError::File { .. })), "{missing:?}");
    shop.store
        .write(|db| {
            Box::pin(async move {
                sql::query(
                    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (9999, 'of tomorrow', 1, x'00', 0)",
                )
                .execute(db)
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let newer = Store::copy(&file, &copy).await;
    assert!(matches!(newer, Err(OpenError::Newer { found: 9999, .. })), "{newer:?}");
    shop.store.close().await;

    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::raw_sql(
        "DELETE FROM _sqlx_migrations WHERE version = 9999; PRAGMA foreign_keys = OFF; \
         INSERT INTO team_agent (team_id, agent_id) VALUES ('no team', 'nobody')",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    let astray = Store::inspect(&file).await;
    assert!(matches!(&astray, Err(OpenError::Damaged(why)) if why.contains("team_agent")), "{astray:?}");
}

#[tokio::test]
async fn open_database_cannot_be_locked() {
    if skip_on_postgres("there is no file to lock") {
        return;
    }
    let shop = Shop::open().await;
    let file = shop.folder.path().join("jumpin.db");
    tokio::time::pause();
    assert!(matches!(Store::lock_database(&file).await, Err(OpenError::AlreadyOpen(_))));
    tokio::time::resume();
    shop.store.close().await;
    let kept = Store::lock_database(&file).await.unwrap();
    tokio::time::pause();
    assert!(matches!(Store::open(&file).await, Err(OpenError::AlreadyOpen(_))));
    tokio::time::resume();
    drop(kept);
    assert!(Store::open(&file).await.is_ok());
}
