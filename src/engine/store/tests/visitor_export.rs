//! Tests for the export of a visitor: it contains every row of the visitor's data from every table.

use std::collections::{BTreeMap, BTreeSet};

use protocol::page::{Page, PageView};

use super::{super::visitor_export::conditions_of, *};

/// The tables without visitors' data. A new table must either be listed here or refer to one that is exported.
const WITHOUT_VISITORS: [&str; 17] = [
    "agent",
    "concierge",
    "file_deletion_queue",
    "invitation_template",
    "join_link",
    "join_link_team",
    "organization",
    "pending_sign_in",
    "preference",
    "recovery_code",
    "reply",
    "reset_link",
    "saved_view",
    "session",
    "tag",
    "team",
    "team_agent",
];

impl Shop {
    /// Returns the texts of the exported rows, by table.
    async fn exported(&self, visitor: VisitorId) -> BTreeMap<String, Vec<String>> {
        let mut items = self.store.export_visitor(self.organization, visitor).unwrap();
        let mut rows = BTreeMap::<String, Vec<String>>::new();
        loop {
            match items.recv().await.expect("an export ends with an item").unwrap() {
                ExportItem::Row(row) => rows.entry(row.table.clone()).or_default().push(format!("{:?}", row.columns)),
                ExportItem::End => return rows,
                other => panic!("unexpected {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn every_table_is_exported_or_holds_nothing_about_visitors() {
    let shop = Shop::open().await;
    let mut db = shop.store.inner.readers.acquire().await.unwrap();
    let exported = conditions_of(&mut db, Guest::new().visitor).await.unwrap();
    let all = super::super::database_copy::table_names(&mut db).await.unwrap();
    for table in &all {
        let is_exported = exported.contains_key(table);
        assert!(is_exported != WITHOUT_VISITORS.contains(&table.as_str()), "{table} is exported: {is_exported}");
        let columns = super::super::database_copy::columns(&mut db, table).await.unwrap();
        let names_visitor = columns.iter().any(|column| column.name == "visitor_id" || column.name == "chat_id");
        assert!(is_exported || !names_visitor, "{table} contains visitors' data");
    }
    let all: BTreeSet<_> = all.iter().map(String::as_str).collect();
    assert!(WITHOUT_VISITORS.iter().all(|table| all.contains(table)), "every name is a table");
}

#[tokio::test]
async fn export_of_a_visitor_is_complete_and_holds_no_secret() {
    let shop = Shop::open().await;
    let guest = Guest::new();
    for number in 0..60 {
        let invitation = NewInvitation { text: format!("invitation-{number}."), ..shop.invitation(&guest, shop.ann) };
        let sent = shop.store.invite(invitation).await.unwrap();
        shop.close(sent.id, InvitationState::Expired).await.unwrap();
    }
    let chat = shop.chat(&guest).await;
    for number in 0..60 {
        let visit = NewVisit {
            id: VisitId(Uuid::now_v7()),
            visitor: guest.visitor,
            concierge: shop.concierge,
            organization: shop.organization,
            browser: format!("browser-{number}."),
            source: Source::default(),
            started_at: NOW,
        };
        let view = |page| {
            let (url, title) = (format!("https://shop.test/{number}-{page}."), "Boots".into());
            (visit.id, PageView { page: Page { url, title }, at: NOW })
        };
        let views: Vec<_> = (0..if number == 0 { 150 } else { 2 }).map(view).collect();
        shop.store.persist_visit(visit).await.unwrap();
        shop.store.add_pages(views).await.unwrap();
    }
    let by = Actor { organization: shop.organization, agent: Some(shop.ann), name: "Ann Lee".into() };
    for number in 0..120 {
        shop.store.note_on_visitor(by.clone(), guest.visitor, format!("note-{number}."), NOW).await.unwrap();
    }
    shop.send_message(chat, Author::Visitor, client_id(), "message-1.").await.unwrap();
    shop.store.add_note(chat, shop.ann, "internal-1.".into(), false, NOW).await.unwrap();
    shop.store.add_tag(shop.organization, chat, "tag-1.".into()).await.unwrap();
    let name = (Some("name-1.".to_owned()), Some("vera-1@shop.test".to_owned()));
    shop.store.name_visitor(by.clone(), guest.visitor, name.0, name.1, NOW).await.unwrap();
    let block = NewBlock { visitor: guest.visitor, here: None, until: None, now: NOW };
    shop.store.block(by, block).await.unwrap();
    let other = Guest::new();
    let foreign = shop.chat(&other).await;
    shop.send_message(foreign, Author::Visitor, client_id(), "canary-of-somebody-else").await.unwrap();

    let rows = shop.exported(guest.visitor).await;
    let counts = |table: &str| rows.get(table).map_or(0, Vec::len);
    assert_eq!([counts("visitor"), counts("visit"), counts("page_view"), counts("visitor_note")], [1, 61, 268, 120]);
    assert_eq!([counts("invitation"), counts("chat"), counts("note"), counts("chat_tag")], [60, 1, 1, 1]);
    assert_eq!([counts("visitor_block"), counts("audit")], [1, 2]);
    assert!(counts("entry") >= 2);
    let text = format!("{rows:?}");
    for word in
        ["browser-0.", "browser-59.", "/0-149.", "/59-1.", "note-0.", "note-119.", "invitation-0.", "message-1."]
    {
        assert!(text.contains(word), "{word}");
    }
    for word in ["internal-1.", "tag-1.", "name-1.", "vera-1@shop.test", "visitor.blocked", "visitor.named"] {
        assert!(text.contains(word), "{word}");
    }
    for secret in ["token_hash", "token_salt", "canary", &other.visitor.to_string()] {
        assert!(!text.contains(secret), "{secret}");
    }
    let facts = shop.store.visitor_facts(shop.organization, guest.visitor).await.unwrap();
    let known = &facts.visitor;
    assert_eq!((known.visits, known.pages, known.invitations, known.notes, known.chats), (61, 268, 60, 120, 1));
    assert!(facts.visits.len() < 61 && facts.notes.len() < 120, "what is shown ends at a limit, and knows the numbers");
}
