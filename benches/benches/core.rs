//! The core without IO: what one bid, one plan and one snapshot cost at products × people.

use bulq_benches::stage::{SIZES, Stage};
use bulq_protocol::RunView;
use bulq_protocol::view::PlanView;
use criterion::{BenchmarkId, Criterion, Throughput};
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    decide(&mut criterion);
    bid(&mut criterion);
    plan(&mut criterion);
    extras(&mut criterion);
    snapshot(&mut criterion);
    criterion.final_summary();
}

/// `Run::decide` of one `place_bid`.
fn decide(criterion: &mut Criterion) {
    each_size(criterion, "decide", Stage::decide);
}

/// Everything a server does with a bid before it writes: decide, apply, event body, envelope, frame.
fn bid(criterion: &mut Criterion) {
    each_size(criterion, "bid", Stage::place);
}

/// The plan of every product of the run.
fn plan(criterion: &mut Criterion) {
    each_size(criterion, "plan", |stage| {
        stage.run.lines.iter().map(|line| line.plan().planned.thousandths()).sum::<u64>()
    });
}

/// Who gets the extras, over the whole run; and the same as a view.
fn extras(criterion: &mut Criterion) {
    each_size(criterion, "extras", |stage| stage.run.extras());
    each_size(criterion, "plan_view", |stage| PlanView::of(&stage.run));
}

/// The run as everybody sees it, and as text.
fn snapshot(criterion: &mut Criterion) {
    each_size(criterion, "view", |stage| RunView::of(&stage.run));
    each_size(criterion, "view_json", |stage| {
        serde_json::to_string(&RunView::of(&stage.run)).expect("views are plain data")
    });
}

fn each_size<T>(criterion: &mut Criterion, name: &str, mut what: impl FnMut(&mut Stage) -> T) {
    let mut group = criterion.benchmark_group(name);
    for (products, people) in SIZES {
        let mut stage = Stage::new(products, people);
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::from_parameter(format!("{products}x{people}")), |bencher| {
            bencher.iter(|| what(&mut stage));
        });
    }
    group.finish();
}
