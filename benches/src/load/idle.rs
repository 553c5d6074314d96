//! Joined sockets on which nothing happens.

use super::args::{Args, Idle, Scenario};
use super::cast::Cast;
use super::fanout::join;
use super::meter::{Probe, Tally};
use super::report::Report;
use super::server::Server;
use super::{Failure, wire};
use std::time::{Duration, Instant};

/// So many sockets share a run.
const SOCKETS_OF_A_RUN: usize = 100;
/// How long memory that was freed may take to go back to the system.
const SETTLE: Duration = Duration::from_secs(15);

pub(super) async fn play(
    options: &Idle,
    server: &Server,
    probe: Probe,
    args: &Args,
) -> Result<Report, Failure> {
    let runs = options.sockets.div_ceil(SOCKETS_OF_A_RUN);
    let cast = Cast::hire(&server.client(), options.users, runs, 1).await?;
    // A tenth first: what the server allocates once, and what it has freed since, is not the sockets' fault.
    let scratch = wire::scratch();
    let some = options.sockets / 10;
    let first = join(server, &cast, some, &scratch).await?;
    let before = settled(&probe).await;

    let rest = join(server, &cast, options.sockets - some, &scratch).await?;
    let after = settled(&probe).await;
    let windows = probe.windows(&Tally::new()?, args).await?;

    let grown = after.saturating_sub(before) as f64;
    let each = grown / rest.len().max(1) as f64;
    drop((first, rest));
    Ok(Report::new(&Scenario::Idle(options.clone()), "nothing", windows).with("kb_per_socket", each))
}

/// Resident memory once it has stopped changing.
async fn settled(probe: &Probe) -> u64 {
    let begin = Instant::now();
    let mut last = probe.server().rss_kb;
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = probe.server().rss_kb;
        if now.abs_diff(last) < now / 200 || begin.elapsed() > SETTLE {
            return now;
        }
        last = now;
    }
}
