//! Joined sockets on which nothing happens.

use super::args::{Args, Idle, Scenario};
use super::cast::Cast;
use super::fanout::join;
use super::meter::{Probe, Tally};
use super::report::Report;
use super::server::Server;
use super::{Failure, wire};

/// So many sockets share a run.
const SOCKETS_OF_A_RUN: usize = 100;

pub(super) async fn play(
    options: &Idle,
    server: &Server,
    probe: Probe,
    args: &Args,
) -> Result<Report, Failure> {
    let runs = options.sockets.div_ceil(SOCKETS_OF_A_RUN);
    let cast = Cast::hire(&server.client(), options.users, runs, 1).await?;
    // One of each first: what the server allocates once is not the sockets' fault.
    let scratch = wire::scratch();
    let first = join(server, &cast, runs, &scratch).await?;
    let before = probe.server();

    let screens = join(server, &cast, options.sockets, &scratch).await?;
    let after = probe.server();
    let windows = probe.windows(&Tally::new()?, args).await?;
    drop((first, screens));

    let mb = |kb: u64| kb as f64 / 1024.0;
    let grown = after.rss_kb.saturating_sub(before.rss_kb);
    Ok(Report::new(&Scenario::Idle(options.clone()), "nothing", windows)
        .with("rss_before_mb", mb(before.rss_kb))
        .with("rss_after_mb", mb(after.rss_kb))
        .with("kb_per_socket", grown as f64 / options.sockets as f64))
}
