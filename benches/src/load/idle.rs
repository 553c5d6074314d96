//! Joined sockets on which nothing happens.

use super::args::{Idle, Scenario};
use super::cast::Cast;
use super::fanout::join;
use super::meter::Round;
use super::report::Report;
use super::{Failure, wire};
use std::time::{Duration, Instant};

/// So many sockets share a run.
const SOCKETS_OF_A_RUN: usize = 100;
/// How long memory that was freed may take to go back to the system.
const SETTLE: Duration = Duration::from_secs(15);

pub(super) async fn play(options: &Idle, round: &Round<'_>) -> Result<Report, Failure> {
    let server = round.server;
    let runs = options.sockets.div_ceil(SOCKETS_OF_A_RUN);
    let cast = Cast::hire(&server.client(), options.users, runs, 1).await?;
    // Half of them first: what the server allocates once, and what it has still to give back, is not their fault.
    let scratch = wire::scratch();
    let some = options.sockets / 2;
    let first = join(server, &cast, some, &scratch).await?;
    let before = settled(round).await;

    let rest = join(server, &cast, options.sockets - some, &scratch).await?;
    let after = settled(round).await;
    let windows = round.windows().await?;

    // Below zero: the server had more to give back than the sockets took. Measure on a fresh one.
    let grown = after as f64 - before as f64;
    let each = grown / rest.len().max(1) as f64;
    drop((first, rest));
    Ok(Report::new(&Scenario::Idle(options.clone()), "nothing", windows).with("kb_per_socket", each))
}

/// Resident memory once it has stopped changing.
async fn settled(round: &Round<'_>) -> u64 {
    let begin = Instant::now();
    let mut last = round.memory();
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = round.memory();
        if now.abs_diff(last) < now / 200 || begin.elapsed() > SETTLE {
            return now;
        }
        last = now;
    }
}
