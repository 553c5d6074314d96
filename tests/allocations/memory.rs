//! What a run takes while it is in memory.

use super::stage::Stage;
use super::{HEAP, serve};
use bulq_client::commands;
use bulq_client::domain::RunId;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PEOPLE: usize = 20;
const PRODUCTS: usize = 30;
/// What the server allocates once is not their fault.
const RUNS_BEFORE: usize = 2;
const RUNS: usize = 4;
/// Of the heap, for a run with so many people and products, a bid of everybody on everything, while nobody changes it.
const A_RUN_MAY_TAKE: isize = 100 * 1000;
/// While it is changed it is kept twice, with room for more. It was 200 KB when it was counted.
const A_MOVING_RUN_MAY_TAKE: isize = 220 * 1000;
/// A run rests after twenty seconds at the latest, and leaves memory a minute after it was used.
const PATIENCE: Duration = Duration::from_secs(45);

#[test]
fn a_run_takes_no_more_room_than_it_may() {
    let folder = std::env::temp_dir().join(format!("bulq-memory-{}", Uuid::new_v4().simple()));
    let (each_moving, each_resting) = play(&serve(&folder));
    let _ = std::fs::remove_dir_all(&folder);
    eprintln!(
        "a run of {PEOPLE} people and {PRODUCTS} products: {each_moving} bytes, {each_resting} when it rests"
    );
    assert!(each_resting < A_RUN_MAY_TAKE, "a run takes {each_resting} bytes while nobody changes it");
    assert!(each_moving < A_MOVING_RUN_MAY_TAKE, "a run takes {each_moving} bytes while it is changed");
}

/// Bytes of a run: just changed, and at rest.
#[tokio::main(flavor = "current_thread")]
async fn play(address: &str) -> (isize, isize) {
    let stage = Stage::set(address, PEOPLE, PRODUCTS).await;
    for _ in 0..RUNS_BEFORE {
        a_run_full_of_bids(&stage).await;
    }
    let before = level().await;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(a_run_full_of_bids(&stage).await);
    }
    let moving = in_use() - before;
    let resting = level().await - before;
    for run in runs {
        // They are still there to be looked at.
        assert_eq!(stage.people[1].run(run).await.unwrap().products.len(), PRODUCTS);
    }
    (moving / RUNS as isize, resting / RUNS as isize)
}

/// Bytes of the heap in use.
fn in_use() -> isize {
    let stats = HEAP.stats();
    stats.bytes_allocated.cast_signed() - stats.bytes_deallocated.cast_signed()
}

/// The same when it has not sunk any more for longer than a run takes to rest.
async fn level() -> isize {
    const STILL: Duration = Duration::from_secs(21);
    let (begin, mut lowest, mut since) = (Instant::now(), in_use(), Instant::now());
    while since.elapsed() < STILL && begin.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = in_use();
        if now < lowest - 1024 {
            (lowest, since) = (now, Instant::now());
        }
    }
    lowest
}

/// Everybody bids on everything.
async fn a_run_full_of_bids(stage: &Stage) -> RunId {
    let run = stage.new_run().await;
    for (n, person) in stage.people.iter().enumerate() {
        for product in &stage.products {
            let bid = commands::bid(*product, format!("{}", n + 1).parse().unwrap());
            person.command(run, &bid).await.committed();
        }
    }
    run
}
