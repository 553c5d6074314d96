//! How long a commit takes, to be read and not to be judged by a machine:
//! `cargo test --release -p bulq-storage --test contract timing -- --ignored --nocapture --test-threads 1`

use crate::scribe::Scribe;
use crate::world::World;
use bulq_storage::journal;
use bulq_testkit::Kind;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a while and judges nothing"]
async fn bids_per_commit() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let mut scribes: Vec<_> = (0..20).map(|_| Scribe::new(&world)).collect();
        for scribe in &mut scribes {
            journal::commit(&world.db, &[scribe.create(world.leader)]).await.unwrap();
        }
        for size in [1, 10, 100] {
            let mut times = Vec::new();
            for round in 0..200 {
                times.push(timed_commit(&world, &mut scribes, size, round).await);
            }
            times.sort();
            let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
            eprintln!(
                "{kind:?}: {size:>3} bids per commit: p50 {p50:?}, p99 {p99:?}, {:?} per bid",
                p50 / size as u32
            );
        }
    }
}

/// Changed bids, spread over the runs.
async fn timed_commit(world: &World, scribes: &mut [Scribe], size: usize, round: usize) -> Duration {
    let runs = scribes.len();
    let changes: Vec<_> = (0..size)
        .map(|n| {
            let scribe = &mut scribes[(round * size + n) % runs];
            scribe.bid(world.members[n % 3], world.products[n / 3 % 3], 1 + (round % 9) as u64)
        })
        .collect();
    let start = Instant::now();
    journal::commit(&world.db, &changes).await.unwrap();
    start.elapsed()
}
