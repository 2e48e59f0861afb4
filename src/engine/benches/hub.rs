//! Measures how long the hub takes to apply a page change, and how long it takes to build, encode, and decode a batch
//! of page changes.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::bench_support::BenchHub;
use protocol::{agent::ToAgent, codec, page::Page, visitor::FromVisitor};

/// The number of page changes in a 16 ms batch at 20,000 page changes per second.
const MOVES_PER_BATCH: u32 = 320;

fn apply(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("State::apply, a page change");
    for visitors in [1_000, 5_000, 19_000] {
        let mut hub = BenchHub::with(visitors);
        group.bench_function(BenchmarkId::new("visitors", visitors), |bencher| bencher.iter(|| hub.moves()));
    }
    group.finish();
}

fn batch(criterion: &mut Criterion) {
    let mut hub = BenchHub::with(19_000);
    let mut group = criterion.benchmark_group("a batch");
    group.throughput(Throughput::Elements(MOVES_PER_BATCH.into()));
    let gather = |hub: &mut BenchHub| (0..MOVES_PER_BATCH).for_each(|_| hub.moves());
    group.bench_function("gathered and encoded", |bencher| {
        bencher.iter(|| {
            gather(&mut hub);
            hub.batch()
        });
    });
    gather(&mut hub);
    let frame = hub.batch().expect("visitors have moved since the last batch");
    group.bench_function("decoded", |bencher| bencher.iter(|| codec::decode::<ToAgent>(&frame)));
    let decoded = codec::decode::<ToAgent>(&frame).expect("the frame was just encoded");
    group.bench_function("encoded", |bencher| {
        bencher.iter(|| codec::encode(&decoded));
    });
    group.finish();
}

fn frame(criterion: &mut Criterion) {
    let page = Page { url: "https://shop.test/boots/ridgeline".into(), title: "Ridgeline boots".into() };
    let said = FromVisitor::Page(page);
    let bytes = codec::encode(&said);
    let mut group = criterion.benchmark_group("a visitor's frame");
    group.bench_function("encoded", |bencher| bencher.iter(|| codec::encode(&said)));
    group.bench_function("decoded", |bencher| bencher.iter(|| codec::decode::<FromVisitor>(&bytes)));
    group.finish();
}

criterion_group!(benches, apply, batch, frame);
criterion_main!(benches);
