//! Runs that are in the database and not in memory: how long a server takes to start on them, how long it takes to wake
//! each, and what it takes to keep them awake.

use super::args::{Scenario, Waking};
use super::bids::commit_all;
use super::cast::Cast;
use super::fanout::turn_text;
use super::report::Report;
use super::server::Server;
use super::wire::{self, Scratch};
use super::{Args, Failure, proc, say};
use std::time::{Duration, Instant};

const STARTS: usize = 5;
/// How long memory may take to find its level: a run rests after twenty seconds at the latest.
const SETTLE: Duration = Duration::from_secs(25);
/// Woken one after the other at this pace, for what a run takes in its first moments, before it rests, is there again for the
/// next. All of them must be awake before the first leaves memory again, a minute after it was looked at last.
const PACE: Duration = Duration::from_millis(50);
/// Bids outstanding.
const PIPELINE: u64 = 100;

pub(super) async fn play(options: &Waking, server: &mut Server, args: &Args) -> Result<Report, Failure> {
    let cast = Cast::hire(&server.client(), options.people, options.runs, options.products).await?;
    let scratch = wire::scratch();
    for person in 0..options.people {
        everything_bid(&cast, person, server.address(), &scratch).await?;
    }
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(server.restart().await?.as_secs_f64() * 1e3);
    }
    let reader = cast.person(0);
    // Some of them first: what the server allocates once is not their fault.
    let (some, mut took, mut before) = (cast.runs.len() / 10, Vec::new(), 0.0);
    let mut turn = tokio::time::interval(PACE);
    for (n, run) in cast.runs.iter().enumerate() {
        if n == some {
            before = memory(server, args).await;
            turn.reset();
        }
        turn.tick().await;
        let begin = Instant::now();
        let answer = reader.raw("GET", &format!("/api/v1/runs/{run}"), None, &[]).await?;
        took.push(begin.elapsed().as_secs_f64() * 1e3);
        if answer.status != 200 {
            return Err(format!("a sleeping run was answered {}", answer.status).into());
        }
    }
    let grown = memory(server, args).await - before;
    let each = grown / (cast.runs.len() - some).max(1) as f64;
    say(&format!("awake, a run takes {each:.0} KB"));
    let at = |all: &mut Vec<f64>, share: f64| {
        all.sort_by(f64::total_cmp);
        all.get(((all.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or(0.0)
    };
    Ok(Report::new(&Scenario::Waking(options.clone()), "run", Vec::new())
        .with("start_min_ms", at(&mut starts, 0.0))
        .with("start_p50_ms", at(&mut starts, 0.5))
        .with("start_max_ms", at(&mut starts, 1.0))
        .with("wake_p50_ms", at(&mut took, 0.5))
        .with("wake_p99_ms", at(&mut took, 0.99))
        .with("wake_max_ms", at(&mut took, 1.0))
        .with("kb_per_run", each))
}

/// This person bids on every product of every run.
async fn everything_bid(cast: &Cast, person: usize, address: &str, scratch: &Scratch) -> Result<(), Failure> {
    let socket = wire::connect(address, &cast.token(person)?, scratch).await?;
    let all = cast.runs.iter().flat_map(|run| cast.products.iter().map(move |product| (*run, *product)));
    let texts = (1..).zip(all).map(|(n, (run, product))| turn_text(n, run, product, n));
    commit_all(socket, texts, PIPELINE).await
}

/// Resident, in KB, once it has had time to settle.
async fn memory(server: &Server, args: &Args) -> f64 {
    tokio::time::sleep(SETTLE).await;
    proc::usage(&server.pids(args)).rss_kb as f64
}
