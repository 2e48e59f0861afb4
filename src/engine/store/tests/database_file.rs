//! Tests for the database file: acknowledged writes survive, and only one process can have the file open.

use protocol::{
    chat::{Author, ChatEvent},
    page::{Page, PageView},
};

use super::*;

#[tokio::test]
async fn acknowledged_writes_survive_a_dropped_store() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let chat = shop.chat(&guest).await;
    let view = PageView { page: Page { url: "https://shop.test/boots".into(), title: "Boots".into() }, at: NOW };
    let nobody = VisitId(Uuid::now_v7());
    shop.store.add_pages(vec![(guest.visit, view.clone()), (nobody, view.clone())]).await.unwrap();
    let send_message = (0..300).map(|number| {
        let text = number.to_string();
        let shop = &shop;
        async move { shop.send_message(chat, Author::Visitor, client_id(), &text).await }
    });
    let said = futures::future::try_join_all(send_message).await.unwrap();
    let mut acknowledged: Vec<_> = said.into_iter().map(|said| said.entry).collect();
    acknowledged.sort_by_key(|entry| entry.seq);
    let Shop { folder, store, database, organization, .. } = shop;
    drop(store);

    let store = Store::open(database.address()).await.unwrap();
    let entries = store.entries(chat, 1, 1_000).await.unwrap();
    assert!(entries == acknowledged);
    assert_eq!(store.page_views(organization, guest.visit).await.unwrap(), std::slice::from_ref(&view));
    let live = store.live_chats().await.unwrap();
    assert_eq!((live[0].chat.id, live[0].chat.last_seq, &live[0].visit.page), (chat, 301, &view.page));
    store.close().await;
    assert!(matches!(store.append_event(chat, ChatEvent::VisitorLeft, NOW).await, Err(StoreError::Closed)));
    assert!(!folder.path().join("jumpin.db.open").exists());
}

#[tokio::test]
async fn database_file_is_opened_by_one_process_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jumpin.db");
    let store = Store::open(&file).await.unwrap();
    tokio::time::pause();
    assert!(matches!(Store::open(&file).await, Err(OpenError::AlreadyOpen(_))));
    tokio::time::resume();
    store.close().await;
    Store::open(&file).await.unwrap();
}

/// Overwrites a page that contains agents and is not read on startup.
fn damage(file: &std::path::Path) {
    const PAGE: usize = 4_096;
    let mut bytes = std::fs::read(file).unwrap();
    let at = bytes.windows(13).position(|some| some == b"ann@shop.test").unwrap() / PAGE * PAGE;
    bytes[at..at + PAGE].fill(0xA5);
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn damage_is_detected_after_an_unclean_shutdown() {
    if skip_on_postgres("PostgreSQL checks its own files") {
        return;
    }
    let Shop { folder, store, .. } = Shop::open().await;
    let (file, marker) = (folder.path().join("jumpin.db"), folder.path().join("jumpin.db.open"));
    // The long name fills the last pages of the file, which are not read on startup.
    store.add_organization(&"x".repeat(50_000)).await.unwrap();
    store.close().await;
    // Simulates a crash: the marker file exists, and all data has been written.
    std::fs::write(&marker, "").unwrap();
    Store::open(&file).await.unwrap().close().await;
    assert!(!marker.exists());
    damage(&file);
    Store::open(&file).await.expect("the integrity check is skipped after a clean shutdown").close().await;
    std::fs::write(&marker, "").unwrap();
    let opened = Store::open(&file).await;
    assert!(matches!(opened, Err(OpenError::Damaged(_))), "{:?}", opened.err());
    assert!(marker.exists(), "the file will be checked again on the next startup");
}

/// Simulates a server that was killed. Nothing is closed properly, but all data is there on the next startup.
#[tokio::test]
async fn database_opens_after_an_unclean_shutdown() {
    if skip_on_postgres("PostgreSQL checks its own files") {
        return;
    }
    let Shop { folder, store, organization, .. } = Shop::open().await;
    let file = folder.path().join("jumpin.db");
    drop(store);
    assert!(folder.path().join("jumpin.db.open").exists());
    let store = Store::open(&file).await.unwrap();
    assert_eq!(store.first_organization().await.unwrap(), Some(organization));
}
