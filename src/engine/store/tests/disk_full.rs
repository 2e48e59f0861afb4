//! Tests for a full disk: writes that cannot be stored are refused for that reason, and stored data is preserved.

use protocol::{chat::Author, refusal::Refusal};

use super::*;

impl Store {
    /// Limits the database to this many additional pages, as if the disk were nearly full.
    pub(crate) async fn limit_free_pages(&self, pages: u32) {
        self.write(move |db| {
            Box::pin(async move {
                let used: u32 = sql::query_scalar("PRAGMA page_count").fetch_one(&mut *db).await?;
                // This pragma does not accept bind parameters.
                let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", used + pages));
                sql::query(limit).execute(db).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn full_disk_refuses_every_affected_write_and_loses_none() {
    if skip_on_postgres("a SQLite pragma simulates the full disk") {
        return;
    }
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let stored = shop.send_message(chat, Author::Visitor, client_id(), "before").await.unwrap();
    shop.store.limit_free_pages(2).await;
    let long = "x".repeat(3_000);
    let names: Vec<_> = (0..40).map(|_| client_id()).collect();
    let all = names.iter().map(|name| shop.send_message(chat, Author::Visitor, *name, &long));
    let said = futures::future::join_all(all).await;
    let refused: Vec<_> = said.iter().filter_map(|said| said.as_ref().err()).collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|error| error.refusal() == Refusal::StorageFull), "{refused:?}");

    // Only acknowledged messages are stored. Once there is space again, the others can be resent.
    let acknowledged = said.iter().filter(|said| said.is_ok()).count();
    let entries = shop.store.entries(chat, 0, 1_000).await.unwrap();
    assert_eq!(entries.len(), 2 + acknowledged);
    assert_eq!(entries[1], stored.entry);
    shop.store.limit_free_pages(10_000).await;
    for name in names {
        shop.send_message(chat, Author::Visitor, name, &long).await.unwrap();
    }
    let seqs: Vec<_> = shop.store.entries(chat, 0, 1_000).await.unwrap().iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (1..=42).collect::<Vec<_>>());
}
