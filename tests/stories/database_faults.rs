//! PostgreSQL goes away in the middle of it.

use crate::kills::write_until;
use crate::support::{App, Cast, Launch, judge};
use bulq_client::LiveRun;
use bulq_testkit::PgServer;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WRITERS: usize = 16;

/// `pg_ctl stop -m immediate`, ten times, under sixteen writers: the server stays, nothing acknowledged is missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_crashes_of_the_database() {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let postgres = Arc::new(PgServer::private().await);
    let app = App::start_on(postgres.clone().database().await, Launch::default()).await;
    let cast = Arc::new(Cast::assemble(&app).await);
    let run = cast.run().await;
    let mut screens = Vec::new();
    for member in cast.more(&app, WRITERS).await {
        screens.push(LiveRun::open(&member, run).await.unwrap());
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = screens
        .iter()
        .enumerate()
        .map(|(i, screen)| {
            tokio::spawn(write_until(stop.clone(), screen.clone(), cast.clone(), seed.wrapping_add(i as u64)))
        })
        .collect();

    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(random.random_range(100..600))).await;
        postgres.stop_immediate().await;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..300))).await;
        postgres.start().await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    let mut histories = Vec::new();
    for writer in writers {
        histories.push(writer.await.unwrap());
    }

    judge(&cast.leader, run, &histories, &screens).await;
    app.finish().await;
}
