//! The server is killed at random moments while sixteen clients write.

use crate::support::{App, Cast, History, Launch, judge, q};
use bulq_client::domain::RunId;
use bulq_client::{LiveRun, commands};
use bulq_testkit::Kind;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WRITERS: usize = 16;

/// Bids and retracts until told to stop; every outcome is written down. Taking back what is not there is rejected.
pub(crate) async fn write_until(
    stop: Arc<AtomicBool>,
    screen: LiveRun,
    cast: Arc<Cast>,
    seed: u64,
) -> History {
    let mut random = StdRng::seed_from_u64(seed);
    let mut history = History::default();
    while !stop.load(Ordering::Relaxed) {
        let product = [cast.p2, cast.p3][random.random_range(0..2)];
        let command = match random.random_range(0..10) {
            0 => commands::retract(product),
            _ => commands::bid(product, q(&random.random_range(1..50u32).to_string())),
        };
        history.ask(&screen, command).await;
    }
    history
}

async fn survive(kind: Kind, kills: u32) {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let app = App::start_with(kind, Launch::default()).await;
    let cast = Arc::new(Cast::assemble(&app).await);
    let members = cast.more(&app, WRITERS).await;
    let runs: Vec<RunId> = vec![cast.run().await, cast.run().await];
    let mut screens = Vec::new();
    for (i, member) in members.iter().enumerate() {
        screens.push((i % runs.len(), LiveRun::open(member, runs[i % runs.len()]).await.unwrap()));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = screens
        .iter()
        .enumerate()
        .map(|(i, (_, screen))| {
            tokio::spawn(write_until(stop.clone(), screen.clone(), cast.clone(), seed.wrapping_add(i as u64)))
        })
        .collect();

    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(random.random_range(20..400))).await;
        app.kill().await;
        app.launch().await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut histories = Vec::new();
    for writer in writers {
        histories.push(writer.await.unwrap());
    }

    let committed = histories
        .iter()
        .flat_map(|h| &h.asked)
        .filter(|asked| asked.answers.iter().any(|answer| answer.seq().is_some()))
        .count();
    eprintln!("{committed} commands were acknowledged across {kills} kills");
    assert!(committed > 4 * kills as usize, "hardly anything was written: this shows nothing");

    for (r, run) in runs.iter().enumerate() {
        let mine = |i: &usize| i % runs.len() == r;
        let asked = (0..WRITERS).filter(mine).map(|i| std::mem::take(&mut histories[i])).collect::<Vec<_>>();
        let shown: Vec<_> =
            screens.iter().filter(|(of, _)| *of == r).map(|(_, screen)| screen.clone()).collect();
        judge(&cast.leader, *run, &asked, &shown).await;
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_on_sqlite() {
    survive(Kind::Sqlite, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_on_postgres() {
    survive(Kind::Postgres, 50).await;
}
