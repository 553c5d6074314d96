//! PostgreSQL goes away in the middle of it.

use crate::kills::write_until;
use crate::support::{App, Cast, Launch, judge, q};
use bulq_client::domain::CommandId;
use bulq_client::protocol::live::ServerFrame;
use bulq_client::{LiveRun, LiveSocket, commands};
use bulq_testkit::{Kind, PgServer};
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

/// A transaction of somebody else holds the run for longer than a socket waits. Behind `unknown` comes no second answer to the same
/// question; the same command id, asked again, tells what became of it. Meanwhile the run takes nothing more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_too_long_is_answered_once() {
    let database = bulq_testkit::database(Kind::Postgres).await;
    let url = database.url().to_owned();
    let app = App::start_on(database, Launch::default()).await;
    let cast = Cast::assemble(&app).await;
    let run = cast.run().await;
    let mut socket = LiveSocket::connect(&cast.a).await.unwrap();
    let mut watching = LiveSocket::connect(&cast.b).await.unwrap();
    watching.subscribe(run, None).await.unwrap();
    watching.next_where(|frame| matches!(frame, ServerFrame::Subscribed { .. })).await.unwrap();
    let held = bulq_testkit::hold(&url, "select 1 from runs for update").await;

    let (command_id, bid) = (CommandId(uuid::Uuid::now_v7()), commands::bid(cast.p1, q("2")));
    let first = socket.command(run, Some(command_id), bid.clone()).await.unwrap();
    let answer = socket.next_where(|frame| !matches!(frame, ServerFrame::Welcome { .. })).await.unwrap();
    assert!(matches!(answer, ServerFrame::Unknown { id, code: None, .. } if id == first), "{answer:?}");
    let (later_id, later) = (CommandId(uuid::Uuid::now_v7()), commands::bid(cast.p2, q("1")));
    let refused = socket.command(run, Some(later_id), later.clone()).await.unwrap();
    let answer = socket.next().await.unwrap();
    let ServerFrame::Unknown { id, code, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((id, code.as_deref()), (refused, Some("BUSY")), "behind what waits nothing more is let in");
    held.release().await;
    // It is durable, and was shown.
    watching.next_where(|frame| matches!(frame, ServerFrame::Events { .. })).await.unwrap();
    let again = socket.command(run, Some(command_id), bid).await.unwrap();
    let answer = socket.next().await.unwrap();

    assert!(matches!(answer, ServerFrame::Committed { id, .. } if id == again), "{answer:?}");
    let later = socket.command(run, Some(later_id), later).await.unwrap();
    let answer = socket.next().await.unwrap();
    assert!(matches!(answer, ServerFrame::Committed { id, .. } if id == later), "{answer:?}");
    app.finish().await;
}
