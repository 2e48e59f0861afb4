//! Tests for copying one database into another: either the copy is complete and usable, or nothing is copied.

use protocol::chat::EndReason;

use super::*;
use crate::read_scope::ReadScope;

/// Opens a shop in a SQLite file and adds rows to many of its tables.
async fn seeded_shop() -> (Shop, ChatId) {
    let shop = Shop::open_in_a_file().await;
    let by = Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() };
    let guest = Guest::new();
    let sent = shop.store.invite(shop.invitation(&guest, shop.ann)).await.unwrap();
    shop.answer(&guest, sent.id, Answer::Deny).await.unwrap();
    let chat = shop.chat(&guest).await;
    for number in 0..450 {
        shop.send_message(chat, Author::Visitor, client_id(), &format!("Crème number {number}")).await.unwrap();
    }
    shop.claim(chat, shop.ann).await.unwrap();
    shop.store.add_tag(shop.organization, chat, "returns".into()).await.unwrap();
    shop.store.note_on_visitor(by.clone(), guest.visitor, "Likes boots".into(), NOW).await.unwrap();
    shop.store.add_session([9; 32], shop.ann, NOW, "Firefox").await.unwrap();
    for number in 0..3 {
        shop.store.note(by.clone(), "agent.changed", format!("{number}"), String::new(), NOW + number).await.unwrap();
    }
    let ended = shop.chat(&Guest::new()).await;
    shop.store.end_chat(ended, shop.organization, EndReason::Agent, NOW).await.unwrap();
    (shop, chat)
}

/// Returns the contents of a store as text, so that they can be compared before and after copying.
async fn dump(store: &Store, organization: OrganizationId, chat: ChatId) -> String {
    let everything = HistoryFilter::all(organization, ReadScope::All);
    let words = HistoryFilter { words: "creme 449".into(), ..everything.clone() };
    let mut report = store.report().await.unwrap();
    report.database = String::new();
    format!(
        "{report:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.directory(organization).await.unwrap(),
        store.entries(chat, 0, 1_000).await.unwrap(),
        store.live_chats().await.unwrap(),
        store.history(everything, None, 9).await.unwrap(),
        store.history(words, None, 9).await.unwrap(),
        store.audit(organization, AuditFilter::default(), 9).await.unwrap(),
        store.session([9; 32], NOW + 1).await.unwrap().map(|principal| principal.agent),
    )
}

#[tokio::test]
async fn copied_database_is_complete_writable_and_can_be_copied_back() {
    let (shop, chat) = seeded_shop().await;
    let before = dump(&shop.store, shop.organization, chat).await;
    assert!(before.contains("Crème number 449"));
    shop.store.close().await;

    let folder = tempfile::tempdir().unwrap();
    // Without a PostgreSQL server, the target is another SQLite file.
    let target = TestDatabase::create(folder.path()).await;
    let at: Address = target.url().parse().unwrap();
    let moved = Store::copy_tables(shop.database.address(), &at).await.unwrap();
    let rows = |table: &str| moved.iter().find(|moved| moved.table == table).unwrap().rows;
    assert_eq!((rows("entry"), rows("agent"), rows("audit"), rows("chat_tag")), (454, 2, 3, 1));
    let store = Store::open(&at).await.unwrap();
    assert_eq!(dump(&store, shop.organization, chat).await, before);

    // Newly generated ids must continue where the copied ones end.
    let by = Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() };
    store.note(by, "agent.changed", "after".into(), String::new(), NOW + 9).await.unwrap();
    let new = NewMessage {
        organization: shop.organization,
        chat,
        author: Author::Visitor,
        client_id: client_id(),
        body: Body::Text("Afterwards".into()),
        now: NOW,
    };
    store.send_message(new).await.unwrap();
    let after = dump(&store, shop.organization, chat).await;
    store.close().await;

    let back = Address::File(folder.path().join("back.db"));
    Store::copy_tables(&at, &back).await.unwrap();
    let store = Store::open(&back).await.unwrap();
    assert_eq!(dump(&store, shop.organization, chat).await, after);
    store.close().await;
}

#[tokio::test]
async fn copy_refuses_a_target_that_is_not_empty_and_a_missing_source() {
    let (shop, _) = seeded_shop().await;
    shop.store.close().await;
    let from = shop.database.address();
    let folder = tempfile::tempdir().unwrap();
    let target = TestDatabase::create(folder.path()).await;
    let occupied = Store::open(target.address()).await.unwrap();
    occupied.add_organization("Here first").await.unwrap();
    let held = Store::copy_tables(from, target.address()).await;
    assert!(matches!(held, Err(CopyError::Open(OpenError::AlreadyOpen(_)))), "{held:?}");
    occupied.close().await;
    for onto in [target.address(), from] {
        let refused = Store::copy_tables(from, onto).await;
        assert!(matches!(refused, Err(CopyError::NotEmpty(_))), "{refused:?}");
    }
    let nothing = Address::File(folder.path().join("nothing.db"));
    let refused = Store::copy_tables(&nothing, target.address()).await;
    assert!(matches!(refused, Err(CopyError::Open(OpenError::File { .. }))), "{refused:?}");
    assert!(!folder.path().join("nothing.db").exists());

    // Another program's tables are left untouched, even if they are empty.
    let Some(foreign) = TestDatabase::postgres().await else { return };
    let mut db = foreign.connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE theirs (id BIGINT)").execute(&mut db).await.unwrap();
    let refused = Store::copy_tables(from, foreign.address()).await;
    assert!(matches!(refused, Err(CopyError::NotEmpty(_))), "{refused:?}");
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(sqlx::query_scalar::<_, i64>(tables).fetch_one(&mut db).await.unwrap(), 1);
}
