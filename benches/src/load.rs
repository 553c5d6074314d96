//! Load over sockets, and what it costs the server.
//!
//! | file | what it holds |
//! |---|---|
//! | [`args`] | the command line |
//! | `server` | a server of our own, started and ended here |
//! | `cast` | accounts, groups, products and runs, made through the SDK |
//! | `wire`, `scan` | sockets without a library: handshake, frames, events counted without reading JSON |
//! | `pace` | when to send: as fast as answers come, or at a rate |
//! | `proc`, `flush`, `meter` | CPU and memory of process trees; the disk; windows of measurement |
//! | `fanout`, `bids`, `http_bids`, `idle` | the scenarios of every day |
//! | `hot_run` | one run, bid on and looked at by everybody |
//! | `life` | runs from their first bid to their end, for a while or for long |
//! | `logins` | what logins tell by their time, and what many at once cost |
//! | `waking` | runs that sleep: starting on them, waking them, what they take |
//! | `plain` | the same on a server that only passes frames on |
//! | `growth` | what a thing costs by how much there is already |
//! | `rooms`, `storm`, `slow_readers`, `overload` | many rooms, and what goes wrong |
//! | `report` | a table for people, JSON for programs |
//!
//! Everything runs on one thread, so that the generator has one core and the server the other. A latency counts
//! from the instant a thing was meant to be sent.

pub mod args;
mod bids;
mod cast;
mod fanout;
mod flush;
mod growth;
mod hot_run;
mod http_bids;
mod idle;
mod life;
mod logins;
mod meter;
mod overload;
mod pace;
mod plain;
mod proc;
mod report;
mod rooms;
mod scan;
mod server;
mod slow_readers;
mod storm;
mod waking;
mod wire;

pub use args::Args;

use args::Scenario;
use meter::Round;
use report::Report;
use server::Server;
use tokio::signal::unix::{SignalKind, signal};

/// Anything that ends a measurement.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Open files that are no screens: publishers, requests, the server's database and log.
const SPARE_FILES: usize = 300;
/// What a socket takes of them at the server.
const FILES_PER_SOCKET: usize = 2;

/// Runs what the command line says, prints the results and writes them to `--json`.
///
/// # Errors
/// Whatever kept it from measuring: no server, a refusal, a gap in a stream.
pub fn run(args: &Args) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    // What is dropped ends what it has started.
    let measured = async {
        tokio::select! {
            measured = measure(args) => measured,
            signal = interrupted() => Err(format!("ended by {}", signal?).into()),
        }
    };
    tasks.block_on(&runtime, measured)
}

/// The signal that somebody has sent.
async fn interrupted() -> Result<&'static str, Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    })
}

async fn measure(args: &Args) -> Result<(), Failure> {
    let mut server = Server::reach(args).await?;
    let mut reports = Vec::new();
    for scenario in args.scenarios() {
        say(&format!("{scenario}"));
        let report = play(&scenario, &mut server, args).await?;
        report::print(&report)?;
        reports.push(report);
    }
    if let Some(file) = &args.json {
        std::fs::write(file, serde_json::to_string_pretty(&reports)?)?;
    }
    server.end().await
}

async fn play(scenario: &Scenario, server: &mut Server, args: &Args) -> Result<Report, Failure> {
    match scenario {
        Scenario::GrowthBids(growth) => growth::bids(growth, server, args).await,
        Scenario::GrowthScreens(growth) => growth::screens(growth, server, args).await,
        Scenario::GrowthLists(growth) => growth::lists(growth, server, args).await,
        Scenario::Soak(soak) => life::soak(soak, server, args).await,
        Scenario::Waking(waking) => waking::play(waking, server, args).await,
        _ => play_once(scenario, server, args).await,
    }
}

async fn play_once(scenario: &Scenario, server: &Server, args: &Args) -> Result<Report, Failure> {
    let round = Round::new(server, args)?;
    let report = match scenario {
        Scenario::Fanout(fanout) => fanout::play(fanout, &round).await,
        Scenario::Bids(bids) => bids::play(bids, &round).await,
        Scenario::HttpBids(bids) => http_bids::play(bids, &round).await,
        Scenario::Guessing(guessing) => logins::guess(guessing, &round).await,
        Scenario::Logins(logins) => logins::flood(logins, &round).await,
        Scenario::HotRun(run) => hot_run::play(run, &round).await,
        Scenario::Life(life) => life::play(life, &round).await,
        Scenario::Idle(idle) => idle::play(idle, &round).await,
        Scenario::Rooms(rooms) => rooms::play(rooms, &round).await,
        Scenario::Storm(storm) => storm::play(storm, &round).await,
        Scenario::SlowReaders(slow) => slow_readers::play(slow, &round).await,
        Scenario::Overload(overload) => overload::play(overload, &round).await,
        Scenario::Plain(plain) => plain::play(plain, &round).await,
        Scenario::PlainBids(bids) => http_bids::play_plain(bids, &round).await,
        Scenario::GrowthBids(_)
        | Scenario::GrowthScreens(_)
        | Scenario::GrowthLists(_)
        | Scenario::Soak(_)
        | Scenario::Waking(_) => Err("this is played in rounds of its own".into()),
    };
    round.end().await;
    report
}

/// As many sockets as may be open here and at the server, and a line if that is fewer than asked for. A server that has
/// no file left for the next socket leaves it waiting until another one ends.
fn affordable(sockets: usize, server: &[u32]) -> usize {
    let here = proc::open_files(std::process::id()).saturating_sub(SPARE_FILES);
    let there =
        server.iter().map(|pid| proc::open_files(*pid).saturating_sub(SPARE_FILES) / FILES_PER_SOCKET);
    let most = there.fold(here, usize::min);
    if sockets > most {
        say(&format!("SCALED DOWN from {sockets} to {most} sockets: `ulimit -n` allows no more"));
    }
    sockets.min(most)
}

/// Progress goes to standard error; standard output is for results.
fn say(text: &str) {
    eprintln!("bulq-load: {text}");
}
