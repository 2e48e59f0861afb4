//! Tests for reads that could occupy the database for a long time: exports, searches, and lists that grow.

use std::time::Duration;

use protocol::{
    canned_reply::Scope,
    id::ReplyId,
    page::{Page, PageView},
};
use tokio::time::{interval, timeout};

use super::*;
use crate::{
    read_scope::ReadScope,
    settings::{ExportLimits, SearchLimits},
};

const ONE_EACH: ReadLimits = ReadLimits {
    exports: ExportLimits {
        at_once: 2,
        per_organization: 1,
        grace: 300,
        least_bytes_per_second: 1_000_000,
        longest: 600_000,
    },
    searches: SearchLimits { at_once: 2, per_organization: 1, waiting_per_organization: 2 },
};
/// Longer than any wait in these tests.
const LONG: Duration = Duration::from_secs(30);

impl Shop {
    async fn with_limits(limits: ReadLimits) -> Self {
        let Self { folder, store, database, organization, concierge, ann, bob } = Self::open().await;
        store.close().await;
        let store = Store::open_with(database.address(), limits).await.unwrap();
        Self { folder, store, database, organization, concierge, ann, bob }
    }

    /// Stores more entries than may wait for an export's reader.
    async fn with_long_chat(limits: ReadLimits) -> Self {
        let shop = Self::with_limits(limits).await;
        let chat = shop.chat(&Guest::new()).await;
        let text = "x".repeat(100);
        let entries = (0..600).map(|_| shop.send_message(chat, Author::Visitor, client_id(), &text));
        futures::future::try_join_all(entries).await.unwrap();
        shop
    }

    fn export(&self, organization: OrganizationId) -> Result<tokio::sync::mpsc::Receiver<Result<ExportItem>>> {
        self.store.export(HistoryFilter::all(organization, ReadScope::All))
    }

    /// Waits until the organization may export again.
    async fn next_export(&self) -> tokio::sync::mpsc::Receiver<Result<ExportItem>> {
        let admitted = async {
            loop {
                match self.export(self.organization) {
                    Ok(taken) => return taken,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        timeout(LONG, admitted).await.expect("the slow export has ended")
    }
}

#[tokio::test]
async fn one_organizations_export_leaves_room_for_another_and_a_reader_who_stops_loses_it() {
    let shop = Shop::with_long_chat(ONE_EACH).await;
    let other = shop.store.add_organization("Other").await.unwrap();
    let stuck = shop.export(shop.organization).unwrap();
    assert!(matches!(refusal(shop.export(shop.organization)), Refusal::TooMany { .. }), "one per organization");
    let mut others = shop.export(other).unwrap();
    assert!(matches!(others.recv().await, Some(Ok(ExportItem::End))));
    // Nobody is reading. The place is free again, although the receiver still exists.
    drop(shop.next_export().await);
    drop(stuck);
}

#[tokio::test]
async fn reader_below_the_least_rate_is_cut_off_and_a_fast_one_gets_everything() {
    let shop = Shop::with_long_chat(ONE_EACH).await;
    let mut slow = shop.export(shop.organization).unwrap();
    let read_slowly = async {
        // 200 bytes at a time are 10,000 bytes per second.
        let mut pace = interval(Duration::from_millis(20));
        let mut items = 0;
        loop {
            pace.tick().await;
            match slow.recv().await {
                Some(Ok(ExportItem::End)) => panic!("the export is complete"),
                Some(Ok(_)) => items += 1,
                Some(Err(_)) | None => return items,
            }
        }
    };
    let items = timeout(LONG, read_slowly).await.expect("the export is cut off");
    assert!(items < 600, "{items}");
    let mut fast = shop.next_export().await;
    let mut items = 0;
    while let Some(item) = fast.recv().await {
        item.unwrap();
        items += 1;
    }
    assert_eq!(items, 603, "the chat, its first event, 600 messages, and the end");
}

#[tokio::test]
async fn export_that_takes_too_long_ends() {
    let exports = ExportLimits { grace: 600_000, longest: 100, ..ONE_EACH.exports };
    let shop = Shop::with_long_chat(ReadLimits { exports, ..ONE_EACH }).await;
    let _stuck = shop.export(shop.organization).unwrap();
    drop(shop.next_export().await);
}

#[tokio::test]
async fn one_organizations_searches_leave_turns_to_another() {
    let shop = Shop::with_limits(ONE_EACH).await;
    let other = shop.store.add_organization("Other").await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let look = || {
        shop.store.query_with_timeout(shop.organization, move |db| {
            Box::pin(async move { Ok(sql::query(endless).fetch_all(db).await?.len()) })
        })
    };
    let search = shop.store.history(HistoryFilter::all(other, ReadScope::All), None, 10);
    let beside = async {
        // The four searches below begin first.
        tokio::task::yield_now().await;
        timeout(Duration::from_secs(1), search).await.expect("it waits for nobody").unwrap()
    };
    let (one, two, three, four, found) = tokio::join!(look(), look(), look(), look(), beside);
    for slow in [one, two, three] {
        assert_eq!(refusal(slow), Refusal::TookTooLong);
    }
    assert!(matches!(refusal(four), Refusal::Busy { .. }), "only two may wait");
    assert_eq!(found, []);
}

#[tokio::test]
async fn long_visit_shows_its_newest_page_views() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    shop.chat(&guest).await;
    let view = |at| PageView { page: Page { url: format!("https://shop.test/{at}"), title: String::new() }, at };
    shop.store.add_pages((0..1_000).map(|at| (guest.visit, view(at))).collect()).await.unwrap();
    let shown = shop.store.page_views(shop.organization, guest.visit).await.unwrap();
    let expected: Vec<PageView> = (800..1_000).map(view).collect();
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn tags_and_replies_are_limited_per_organization() {
    let (shop, guest) = (Shop::open().await, Guest::new());
    let tag = async |chat, name: usize| shop.store.add_tag(shop.organization, chat, format!("tag {name}")).await;
    let mut chat = shop.chat(&guest).await;
    for name in 0..1_000 {
        if name % 20 == 0 {
            chat = shop.chat(&Guest::new()).await;
        }
        tag(chat, name).await.unwrap();
    }
    let chat = shop.chat(&Guest::new()).await;
    assert_eq!(refusal(tag(chat, 1_000).await), Refusal::TooLarge);
    tag(chat, 7).await.expect("a tag that is already used");
    assert_eq!(shop.store.tags(shop.organization).await.unwrap().len(), 1_000);

    let reply = |scope| NewReply {
        id: ReplyId(Uuid::now_v7()),
        scope,
        name: "hello".into(),
        text: "Hello!".into(),
        is_new: true,
    };
    let put = async |me, new| {
        let actor = Actor { organization: shop.organization, agent: Some(me), name: "Ann Lee".into() };
        shop.store.put_reply(actor, me, new, NOW).await
    };
    let last = reply(Scope::Mine);
    for _ in 1..500 {
        put(shop.ann, reply(Scope::Mine)).await.unwrap();
    }
    put(shop.ann, last.clone()).await.unwrap();
    assert_eq!(refusal(put(shop.ann, reply(Scope::Mine)).await), Refusal::TooLarge);
    put(shop.ann, NewReply { is_new: false, ..last }).await.expect("a reply may still be changed");
    put(shop.bob, reply(Scope::Mine)).await.expect("a colleague has their own");
    put(shop.ann, reply(Scope::Everyone)).await.expect("shared replies are counted separately");
    assert_eq!(shop.store.replies(shop.organization, shop.ann, true).await.unwrap().len(), 501);
}
