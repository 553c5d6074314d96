//! The core without IO, by the clock: every path of `bulq_bench_core::paths`.

use bulq_bench_core::paths;
use criterion::Criterion;
use std::time::Duration;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1000))
        .configure_from_args();
    for path in paths::all() {
        // Made when it is its turn: a filter may leave it out.
        let mut step = None;
        criterion.bench_function(&path.name, |bencher| {
            bencher.iter(step.get_or_insert_with(|| path.step()));
        });
    }
    criterion.final_summary();
}
