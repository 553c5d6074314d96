//! The command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Load on a Bulq server over sockets, and what it costs the server.
///
/// The server must run with BULQ_RATE_LIMITS=off.
#[derive(Clone, Debug, Parser)]
#[command(name = "bulq-load", version)]
pub struct Args {
    /// A server that runs already, such as http://127.0.0.1:8080
    #[arg(long, global = true, value_name = "URL", conflicts_with = "start")]
    pub url: Option<String>,
    /// Start this server binary on a free port, and end it afterwards
    #[arg(long, global = true, value_name = "PATH")]
    pub start: Option<PathBuf>,
    /// For --start: a PostgreSQL database instead of SQLite in a temporary folder
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// For --start: pin the server to this core (with taskset)
    #[arg(long, global = true, value_name = "CORE")]
    pub server_core: Option<u32>,
    /// Process ids of the server; with their children [default: the started server]
    #[arg(long, global = true, value_name = "PID", value_delimiter = ',')]
    pub pids: Vec<u32>,
    /// Process ids of the database; with their children
    #[arg(long, global = true, value_name = "PID", value_delimiter = ',')]
    pub db_pids: Vec<u32>,
    /// Seconds of each window of measurement
    #[arg(long, global = true, default_value_t = 5.0, value_name = "SECONDS")]
    pub secs: f64,
    /// Seconds of load before the first window
    #[arg(long, global = true, default_value_t = 2.0, value_name = "SECONDS")]
    pub warmup: f64,
    /// How many windows
    #[arg(long, global = true, default_value_t = 3, value_name = "N")]
    pub repeat: u32,
    /// Write the results here
    #[arg(long, global = true, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// What to play [default: a short round of everything]
    #[command(subcommand)]
    pub scenario: Option<Scenario>,
    /// `cargo bench` says this
    #[arg(long, hide = true)]
    pub bench: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Scenario {
    /// Many screens on one run: CPU per event delivery
    Fanout(Fanout),
    /// Bids over the live connection: durable bids per second, CPU per bid, latency
    Bids(Bids),
    /// Bids over HTTP, one at a time on each keep-alive connection
    HttpBids(HttpBids),
    /// One run on which everybody bids while all of them, and others, look on
    HotRun(HotRun),
    /// Runs from their first bid to their end, all over: people come and go, bid, shop, hand out and settle
    Life(Life),
    /// The same for long: what memory and files do meanwhile, and `bulq verify` behind it (needs --start)
    Soak(Soak),
    /// Joined sockets on which nothing happens: memory per socket
    Idle(Idle),
    /// Runs that sleep: starting on them, waking each, and what one takes in memory (needs --start)
    Waking(Waking),
    /// Many runs with a few screens each, every run at the same slow pace: CPU per event delivery
    Rooms(Rooms),
    /// All sockets cut at once; they come back for what they missed: how long until all have it, and no gap
    Storm(Storm),
    /// A run on which one screen in ten stops reading: what the others feel, and what memory does
    SlowReaders(SlowReaders),
    /// More bids than the server takes: what is still committed, measured against its peak
    Overload(Overload),
    /// Wrong logins one by one: whether their time tells a name nobody has from a wrong password
    Guessing(Guessing),
    /// Many who log in at once: what becomes of the bids of those who are inside
    Logins(Logins),
    /// Rooms on a server that passes frames on and keeps nothing, for comparison (needs --url and --pids)
    Plain(Plain),
    /// Bids over HTTP on a server that stores each in a transaction of its own, for comparison (needs --url and --pids)
    PlainBids(HttpBids),
    /// One run, larger and larger: CPU per bid
    GrowthBids(GrowthBids),
    /// One run on more and more screens: CPU per event delivery
    GrowthScreens(GrowthScreens),
    /// A database with more and more in it: start, lists, waking a run (needs --start)
    GrowthLists(GrowthLists),
}

#[derive(Clone, Debug, clap::Args)]
pub struct HotRun {
    /// Sockets that bid; each of them sees the run, too
    #[arg(long, default_value_t = 64)]
    pub clients: usize,
    /// Bids a socket has outstanding
    #[arg(long, default_value_t = 16)]
    pub pipeline: usize,
    /// Sockets that only look on
    #[arg(long, default_value_t = 200)]
    pub screens: usize,
    /// Products of the run
    #[arg(long, default_value_t = 20)]
    pub products: usize,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 32)]
    pub users: usize,
    /// Bids per second over all sockets, instead of as many as are taken
    #[arg(long)]
    pub rate: Option<f64>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Life {
    /// Runs that are alive at a time
    #[arg(long, default_value_t = 40)]
    pub runs: usize,
    /// People of each run
    #[arg(long, default_value_t = 6)]
    pub people: usize,
    /// Products of each run
    #[arg(long, default_value_t = 10)]
    pub products: usize,
    /// Commands per second over all runs; latency counts from when each was due
    #[arg(long, default_value_t = 200.0)]
    pub rate: f64,
    /// Of a hundred runs so many are cancelled on the way
    #[arg(long, default_value_t = 15)]
    pub cancelled: u32,
    /// Of a hundred steps so many are somebody whose screen goes away or comes back
    #[arg(long, default_value_t = 15)]
    pub coming_and_going: u32,
    /// Accounts that share the runs
    #[arg(long, default_value_t = 40)]
    pub users: usize,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Soak {
    #[command(flatten)]
    pub life: Life,
    /// How long
    #[arg(long, default_value_t = 30.0)]
    pub minutes: f64,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Waking {
    /// Runs
    #[arg(long, default_value_t = 50)]
    pub runs: usize,
    /// Products of each; everybody bids on all of them
    #[arg(long, default_value_t = 30)]
    pub products: usize,
    /// People of each
    #[arg(long, default_value_t = 20)]
    pub people: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Guessing {
    /// Logins of each kind
    #[arg(long, default_value_t = 1000)]
    pub tries: u32,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Logins {
    /// People who log in at once, and again
    #[arg(long, default_value_t = 1000)]
    pub parallel: usize,
    /// Bids per second of the others
    #[arg(long, default_value_t = 100.0)]
    pub rate: f64,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Plain {
    /// Rooms
    #[arg(long, default_value_t = 1)]
    pub rooms: usize,
    /// Screens in each room
    #[arg(long, default_value_t = 1000)]
    pub screens: usize,
    /// With one room and no rate: frames outstanding until every screen has them
    #[arg(long, default_value_t = 16)]
    pub window: usize,
    /// Frames per second over all rooms
    #[arg(long)]
    pub rate: Option<f64>,
    /// Sockets that share the publishing
    #[arg(long, default_value_t = 1)]
    pub publishers: usize,
    /// Size of a frame
    #[arg(long, default_value_t = 200)]
    pub bytes: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct GrowthBids {
    /// Products of the run
    #[arg(long, default_value = "1,10,100", value_delimiter = ',')]
    pub products: Vec<usize>,
    /// People who bid
    #[arg(long, default_value = "1,10,100", value_delimiter = ',')]
    pub people: Vec<usize>,
    /// Draw the result here
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct GrowthScreens {
    /// Screens on the run
    #[arg(long, default_value = "10,100,1000,5000,10000", value_delimiter = ',')]
    pub sockets: Vec<usize>,
    /// Draw the result here
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct GrowthLists {
    /// Runs in the database, ascending
    #[arg(long, default_value = "1000,10000,100000,1000000", value_delimiter = ',')]
    pub runs: Vec<u64>,
    /// How often each thing is asked for
    #[arg(long, default_value_t = 200)]
    pub times: u32,
    /// Draw the result here
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Rooms {
    /// Runs
    #[arg(long, default_value_t = 2000)]
    pub runs: usize,
    /// Screens on each run
    #[arg(long, default_value_t = 6)]
    pub screens: usize,
    /// Bids on each run every second
    #[arg(long, default_value_t = 1.0)]
    pub per_second: f64,
    /// Sockets that share the bidding
    #[arg(long, default_value_t = 20)]
    pub publishers: usize,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 7)]
    pub users: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Storm {
    /// Sockets that are cut
    #[arg(long, default_value_t = 10_000)]
    pub sockets: usize,
    /// Events each of them misses
    #[arg(long, default_value_t = 100)]
    pub missed: u64,
    /// Runs that share the sockets
    #[arg(long, default_value_t = 100)]
    pub runs: usize,
    /// Sockets that are on their way back at a time; the clock runs for those that wait, too
    #[arg(long, default_value_t = 256)]
    pub at_once: usize,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 20)]
    pub users: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct SlowReaders {
    /// Screens on the run
    #[arg(long, default_value_t = 500)]
    pub sockets: usize,
    /// Bids per second
    #[arg(long, default_value_t = 100.0)]
    pub rate: f64,
    /// One screen in so many stops reading
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..))]
    pub one_in: u64,
    /// Characters of comment on each bid: the more, the sooner buffers are full
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(..=500))]
    pub comment: u64,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 20)]
    pub users: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Overload {
    /// Times the peak
    #[arg(long, default_value_t = 3.0)]
    pub times: f64,
    /// Runs that are bid on
    #[arg(long, default_value_t = 200)]
    pub runs: usize,
    /// Products of each run
    #[arg(long, default_value_t = 20)]
    pub products: usize,
    /// Sockets that bid
    #[arg(long, default_value_t = 64)]
    pub clients: usize,
    /// Bids a socket has outstanding while the peak is measured
    #[arg(long, default_value_t = 16)]
    pub pipeline: usize,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 32)]
    pub users: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Fanout {
    /// Screens on the run
    #[arg(long, default_value_t = 1000)]
    pub sockets: usize,
    /// Bids outstanding until every screen has them
    #[arg(long, default_value_t = 16)]
    pub window: usize,
    /// Bids per second instead of as many as the screens take; then latency counts from the intended instant
    #[arg(long)]
    pub rate: Option<f64>,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 20)]
    pub users: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Bids {
    #[command(flatten)]
    pub field: Field,
    /// Sockets that bid
    #[arg(long, default_value_t = 64)]
    pub clients: usize,
    /// Bids a socket has outstanding
    #[arg(long, default_value_t = 16)]
    pub pipeline: usize,
}

#[derive(Clone, Debug, clap::Args)]
pub struct HttpBids {
    #[command(flatten)]
    pub field: Field,
    /// Keep-alive connections, one bid at a time on each
    #[arg(long, default_value_t = 32)]
    pub connections: usize,
}

/// What is bid on, and how fast.
#[derive(Clone, Debug, clap::Args)]
pub struct Field {
    /// Runs that are bid on; 1 is one hot run
    #[arg(long, default_value_t = 200)]
    pub runs: usize,
    /// Products of each run
    #[arg(long, default_value_t = 20)]
    pub products: usize,
    /// Accounts that share the connections
    #[arg(long, default_value_t = 32)]
    pub users: usize,
    /// Bids per second over all connections, instead of as many as are taken
    #[arg(long)]
    pub rate: Option<f64>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Idle {
    /// Joined sockets
    #[arg(long, default_value_t = 5000)]
    pub sockets: usize,
    /// Accounts that share the sockets
    #[arg(long, default_value_t = 50)]
    pub users: usize,
}

impl Args {
    /// What was asked for, or a short round of everything.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Scenario> {
        let fanout = |window, rate| Scenario::Fanout(Fanout { sockets: 300, window, rate, users: 10 });
        let field = |runs, rate| Field { runs, products: 20, users: 16, rate };
        let bids = |runs| Scenario::Bids(Bids { field: field(runs, None), clients: 32, pipeline: 16 });
        match &self.scenario {
            Some(scenario) => vec![scenario.clone()],
            // Memory first, while the server is fresh.
            None => vec![
                Scenario::Idle(Idle { sockets: 1000, users: 10 }),
                fanout(16, None),
                fanout(1, None),
                fanout(16, Some(50.0)),
                bids(100),
                bids(1),
                Scenario::HttpBids(HttpBids { field: field(100, None), connections: 16 }),
            ],
        }
    }

    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs_f64(self.secs.max(0.1))
    }

    pub(crate) fn warmup(&self) -> Duration {
        Duration::from_secs_f64(self.warmup.max(0.0))
    }
}

impl std::fmt::Display for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pace = |rate: Option<f64>| rate.map_or_else(String::new, |rate| format!(", {rate}/s"));
        match self {
            Self::Fanout(s) => {
                write!(f, "fanout: {} screens, window {}{}", s.sockets, s.window, pace(s.rate))
            }
            Self::Bids(s) => {
                let (runs, pace) = (s.field.runs, pace(s.field.rate));
                write!(f, "bids: {runs} runs, {} sockets × {} outstanding{pace}", s.clients, s.pipeline)
            }
            Self::HttpBids(s) | Self::PlainBids(s) => {
                let plain = if matches!(self, Self::PlainBids(_)) { "plain-bids" } else { "http-bids" };
                let (runs, pace) = (s.field.runs, pace(s.field.rate));
                write!(f, "{plain}: {runs} runs, {} connections{pace}", s.connections)
            }
            Self::Guessing(s) => write!(f, "guessing: {} logins of each kind", s.tries),
            Self::Logins(s) => write!(f, "logins: {} at once beside {} bids/s", s.parallel, s.rate),
            Self::HotRun(s) => {
                let (sockets, screens, pace) = (s.clients, s.screens, pace(s.rate));
                write!(
                    f,
                    "hot-run: {sockets} sockets × {} outstanding, {screens} more look on{pace}",
                    s.pipeline
                )
            }
            Self::Life(s) => write!(f, "life: {} runs of {} people, {}/s", s.runs, s.people, s.rate),
            Self::Soak(s) => {
                let Life { runs, people, rate, .. } = s.life;
                write!(f, "soak: {} minutes, {runs} runs of {people} people, {rate}/s", s.minutes)
            }
            Self::Idle(s) => write!(f, "idle: {} sockets", s.sockets),
            Self::Waking(s) => {
                write!(f, "waking: {} runs of {} people × {} products", s.runs, s.people, s.products)
            }
            Self::Rooms(s) => {
                write!(f, "rooms: {} runs × {} screens, {}/s each", s.runs, s.screens, s.per_second)
            }
            Self::Storm(s) => {
                write!(f, "storm: {} sockets on {} runs, {} events missed", s.sockets, s.runs, s.missed)
            }
            Self::SlowReaders(s) => {
                write!(f, "slow-readers: {} screens, one in {}, {}/s", s.sockets, s.one_in, s.rate)
            }
            Self::Plain(s) => {
                write!(
                    f,
                    "plain: {} rooms × {} screens, window {}{}",
                    s.rooms,
                    s.screens,
                    s.window,
                    pace(s.rate)
                )
            }
            Self::GrowthBids(s) => {
                write!(f, "growth-bids: {:?} products × {:?} people", s.products, s.people)
            }
            Self::GrowthScreens(s) => write!(f, "growth-screens: {:?} screens", s.sockets),
            Self::GrowthLists(s) => write!(f, "growth-lists: {:?} runs", s.runs),
            Self::Overload(s) => {
                write!(f, "overload: {} × the peak, {} runs, {} sockets", s.times, s.runs, s.clients)
            }
        }
    }
}
