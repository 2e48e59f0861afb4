//! Measures writes on a real disk: the page views of all visitors over five seconds in one transaction, and the
//! messages of one second sent concurrently, spread over many chats.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::{
    clock,
    store::{ConciergeSettings, NewChat, NewConcierge, NewMessage, NewVisit, NewVisitor, PersistVisitor, Store},
    traffic_source::Source,
};
use futures::future::join_all;
use protocol::{
    chat::{Author, Body},
    id::{ChatId, ClientId, ConciergeKey, OrganizationId, VisitId, VisitorId},
    language::Language,
    page::{Page, PageView},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Creates a store with one visit in a temporary folder.
async fn seeded_store(folder: &TempDir) -> (Store, VisitId) {
    let store = Store::open(&folder.path().join("jumpin.db")).await.expect("a new database opens");
    let organization = store.add_organization("Acme").await.expect("the organization is valid");
    let settings = ConciergeSettings::named("Acme", Language::En);
    let new = NewConcierge { organization, key: ConciergeKey("shop".into()), settings };
    let concierge = store.add_concierge(new).await.expect("the concierge is valid");
    let (visit, visitor, now) = (VisitId(Uuid::now_v7()), VisitorId(Uuid::now_v7()), clock::now());
    let new = NewVisitor { id: visitor, organization, token_hash: [7; 32], now };
    store.persist_visitor(new).await.expect("the visitor is valid");
    let (browser, source) = ("Firefox 143 · Linux".into(), Source::default());
    let new = NewVisit { id: visit, visitor, concierge, organization, browser, source, started_at: now };
    store.persist_visit(new).await.expect("the visit is valid");
    (store, visit)
}

fn page_views(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("the runtime starts");
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let (store, visit) = runtime.block_on(seeded_store(&folder));
    let line = |number: u32| {
        let page = Page { url: format!("https://shop.test/boots/{number}"), title: "Ridgeline boots".into() };
        (visit, PageView { page, at: clock::now() })
    };
    let mut group = criterion.benchmark_group("page views stored");
    group.sample_size(20);
    for pages in [1_u32, 100, 1_000] {
        group.throughput(Throughput::Elements(pages.into()));
        group.bench_function(BenchmarkId::new("pages", pages), |bencher| {
            bencher.iter(|| runtime.block_on(store.add_pages((0..pages).map(line).collect())));
        });
    }
    group.finish();
    runtime.block_on(store.close());
}

/// Creates a store with `count` unclaimed chats, each with its own visitor.
async fn with_chats(folder: &TempDir, count: usize) -> (Store, OrganizationId, Vec<ChatId>) {
    let store = Store::open(&folder.path().join("jumpin.db")).await.expect("a new database opens");
    let organization = store.add_organization("Acme").await.expect("the organization is valid");
    let settings = ConciergeSettings::named("Acme", Language::En);
    let new = NewConcierge { organization, key: ConciergeKey("shop".into()), settings };
    let concierge = store.add_concierge(new).await.expect("the concierge is valid");
    let asked = (0..count).map(|number| {
        let (id, visit, visitor) = (ChatId(Uuid::now_v7()), VisitId(Uuid::now_v7()), VisitorId(Uuid::now_v7()));
        let mut token_hash = [0; 32];
        token_hash[..8].copy_from_slice(&number.to_le_bytes());
        let (browser, now) = ("Firefox 143 · Linux".into(), clock::now());
        let remember = PersistVisitor { token_hash, concierge, browser, source: Source::default(), started_at: now };
        store.request_chat(NewChat { id, organization, visit, visitor, remember, team: None, now })
    });
    let chats = join_all(asked).await.into_iter().map(|asked| asked.expect("the chat request is valid").0.id).collect();
    (store, organization, chats)
}

fn messages(criterion: &mut Criterion) {
    const CHATS: usize = 2_000;
    const AT_ONCE: usize = 5_000;

    let runtime = Runtime::new().expect("the runtime starts");
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let (store, organization, chats) = runtime.block_on(with_chats(&folder, CHATS));
    let mut group = criterion.benchmark_group("messages stored");
    group.sample_size(20);
    group.throughput(Throughput::Elements(AT_ONCE as u64));
    group.bench_function(BenchmarkId::new("concurrent", AT_ONCE), |bencher| {
        bencher.iter(|| {
            let said = chats.iter().cycle().take(AT_ONCE).map(|chat| {
                let body = Body::Text("Do you have these in size 43, and by Friday?".into());
                let (author, client_id, now) = (Author::Visitor, ClientId(Uuid::now_v7()), clock::now());
                store.send_message(NewMessage { organization, chat: *chat, author, client_id, body, now })
            });
            let stored = runtime.block_on(join_all(said));
            assert!(stored.iter().all(Result::is_ok), "every message is stored");
        });
    });
    group.finish();
    runtime.block_on(store.close());
}

criterion_group!(benches, page_views, messages);
criterion_main!(benches);
