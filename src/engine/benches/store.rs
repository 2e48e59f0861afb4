//! What writing trails costs: the pages that all visitors of five seconds went to, in one transaction on a real disk.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::{
    clock,
    source::Source,
    store::{ConciergeSettings, NewConcierge, NewVisit, NewVisitor, Store},
};
use protocol::{
    id::{ConciergeKey, VisitId, VisitorId},
    page::{Page, PageView},
    words::Language,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// A store in a folder that goes away, with one visit.
async fn furnished(folder: &TempDir) -> (Store, VisitId) {
    let store = Store::open(&folder.path().join("jumpin.db")).await.expect("a database is made");
    let organization = store.add_organization("House").await.expect("an organization is added");
    let settings = ConciergeSettings::named("House", Language::En);
    let new = NewConcierge { organization, key: ConciergeKey("shop".into()), settings };
    let concierge = store.add_concierge(new).await.expect("a concierge is added");
    let (visit, visitor, now) = (VisitId(Uuid::now_v7()), VisitorId(Uuid::now_v7()), clock::now());
    let new = NewVisitor { id: visitor, organization, token_hash: [7; 32], now };
    store.remember_visitor(new).await.expect("a visitor is remembered");
    let (browser, source) = ("Firefox 143 · Linux".into(), Source::default());
    let new = NewVisit { id: visit, visitor, concierge, organization, browser, source, started_at: now };
    store.remember_visit(new).await.expect("a visit is remembered");
    (store, visit)
}

fn trails(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("a folder is made");
    let (store, visit) = runtime.block_on(furnished(&folder));
    let line = |number: u32| {
        let page = Page { url: format!("https://shop.test/boots/{number}"), title: "Ridgeline boots".into() };
        (visit, PageView { page, at: clock::now() })
    };
    let mut group = criterion.benchmark_group("trails written");
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

criterion_group!(benches, trails);
criterion_main!(benches);
