//! Windows of measurement.

use super::flush::Flushes;
use super::proc::{self, Usage};
use super::server::Server;
use super::{Args, Failure, say};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Longer latencies count as this long: ten minutes.
const LONGEST_US: u64 = 600_000_000;

/// A longer window tells how it is going this often.
const PROGRESS: Duration = Duration::from_secs(5);
/// How long a server may take to notice that everybody has hung up.
const GOODBYE: Duration = Duration::from_millis(500);

/// One scenario being played: who is measured, and what its tasks count.
pub(super) struct Round<'a> {
    pub(super) server: &'a Server,
    pub(super) tally: Rc<Tally>,
    args: &'a Args,
    /// Process ids.
    of_server: Vec<u32>,
    /// What the disk does meanwhile.
    flushes: Flushes,
}

/// What the tasks of a scenario count.
#[derive(Debug)]
pub(super) struct Tally {
    /// Deliveries or bids.
    units: Cell<u64>,
    /// Frames or answers that carried them.
    frames: Cell<u64>,
    latency_us: RefCell<Histogram<u64>>,
    /// How long after its instant a thing was really sent: what of the latency is the generator's own.
    late_us: RefCell<Histogram<u64>>,
    failure: RefCell<Option<Failure>>,
    tasks: RefCell<JoinSet<()>>,
}

/// One window.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Window {
    pub(super) seconds: f64,
    pub(super) units: u64,
    pub(super) units_per_s: f64,
    pub(super) units_per_frame: f64,
    /// CPU of the server for one unit; the same figure is CPU seconds for a million.
    pub(super) server_us: f64,
    pub(super) database_us: f64,
    /// Cores in use.
    pub(super) server_cores: f64,
    pub(super) generator_cores: f64,
    pub(super) server_rss_mb: f64,
    pub(super) p50_ms: f64,
    pub(super) p90_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) p999_ms: f64,
    pub(super) max_ms: f64,
    /// Of what was sent at a rate: how late the generator was.
    pub(super) late_p99_ms: f64,
    /// One write of 4 KiB and its flush, on the disk the server is on.
    pub(super) flush_p50_ms: f64,
    pub(super) flush_p99_ms: f64,
}

/// Where everything stands at an instant.
pub(super) struct Edge {
    at: Instant,
    units: u64,
    frames: u64,
    server: Usage,
    database: Usage,
    own: Usage,
}

impl<'a> Round<'a> {
    pub(super) fn new(server: &'a Server, args: &'a Args) -> Result<Self, Failure> {
        let flushes = Flushes::begin(&server.folder())?;
        Ok(Self { server, tally: Rc::new(Tally::new()?), args, of_server: server.pids(args), flushes })
    }

    /// Process ids of the server.
    pub(super) fn pids(&self) -> &[u32] {
        &self.of_server
    }

    /// Memory of the server, in KB.
    pub(super) fn memory(&self) -> u64 {
        proc::usage(&self.of_server).rss_kb
    }

    /// Warms up, then measures window by window, while the scenario's tasks run.
    pub(super) async fn windows(&self) -> Result<Vec<Window>, Failure> {
        self.warm_up().await?;
        let mut windows = Vec::new();
        for n in 1..=self.args.repeat {
            windows.push(self.window(&format!("window {n}")).await?);
        }
        Ok(windows)
    }

    pub(super) async fn warm_up(&self) -> Result<(), Failure> {
        sleep(self.args.warmup(), &self.tally).await
    }

    /// Measures one.
    pub(super) async fn window(&self, name: &str) -> Result<Window, Failure> {
        let begin = self.begin();
        self.wait(&begin).await?;
        let window = self.since(&begin)?;
        say(&format!("{name}: {:.0}/s, {:.2} µs of the server each", window.units_per_s, window.server_us));
        Ok(window)
    }

    /// Until the window is over.
    async fn wait(&self, begin: &Edge) -> Result<(), Failure> {
        let end = begin.at + self.args.window();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            sleep(left.min(PROGRESS), &self.tally).await?;
            let (units, gone) = (self.tally.units.get() - begin.units, begin.at.elapsed().as_secs_f64());
            if Instant::now() < end {
                say(&format!("{gone:.0} s of {:.0}: {:.0}/s", self.args.secs, units as f64 / gone));
            }
        }
    }

    /// A window begins here.
    pub(super) fn begin(&self) -> Edge {
        self.flushes.forget();
        self.tally.latency_us.borrow_mut().reset();
        self.tally.late_us.borrow_mut().reset();
        self.edge()
    }

    /// The window that began there and ends here, unless a task has failed meanwhile.
    pub(super) fn since(&self, begin: &Edge) -> Result<Window, Failure> {
        self.tally.check()?;
        Ok(between(begin, &self.edge(), &self.tally, &self.flushes))
    }

    /// How many windows are asked for.
    pub(super) fn repeat(&self) -> u32 {
        self.args.repeat
    }

    /// # Errors
    /// What a task has failed of.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.tally.check()
    }

    /// Ends all tasks of the scenario, so that they do not load what comes next.
    pub(super) async fn end(&self) {
        let mut tasks = self.tally.tasks.take();
        tasks.shutdown().await;
        tokio::time::sleep(GOODBYE).await;
    }

    fn edge(&self) -> Edge {
        Edge {
            at: Instant::now(),
            units: self.tally.units.get(),
            frames: self.tally.frames.get(),
            server: proc::usage(&self.of_server),
            database: proc::usage(&self.args.db_pids),
            own: proc::of_process(std::process::id()),
        }
    }
}

/// For microseconds.
pub(super) fn latencies() -> Result<Histogram<u64>, Failure> {
    Ok(Histogram::new_with_max(LONGEST_US, 3)?)
}

pub(super) fn micros_since(instant: Instant) -> u64 {
    u64::try_from(instant.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Sleeps, unless a task has failed meanwhile.
async fn sleep(time: Duration, tally: &Tally) -> Result<(), Failure> {
    tokio::time::sleep(time).await;
    tally.check()
}

fn between(begin: &Edge, end: &Edge, tally: &Tally, flushes: &Flushes) -> Window {
    let (latency, late) = (tally.latency_us.borrow(), tally.late_us.borrow());
    let seconds = (end.at - begin.at).as_secs_f64();
    let units = end.units - begin.units;
    let each =
        |from: Usage, to: Usage| if units == 0 { 0.0 } else { (to.cpu_s - from.cpu_s) * 1e6 / units as f64 };
    let cores = |from: Usage, to: Usage| (to.cpu_s - from.cpu_s) / seconds;
    let ms = |us: u64| us as f64 / 1e3;
    Window {
        seconds,
        units,
        units_per_s: units as f64 / seconds,
        units_per_frame: units as f64 / ((end.frames - begin.frames).max(1) as f64),
        server_us: each(begin.server, end.server),
        database_us: each(begin.database, end.database),
        server_cores: cores(begin.server, end.server),
        generator_cores: cores(begin.own, end.own),
        server_rss_mb: end.server.rss_kb as f64 / 1024.0,
        p50_ms: ms(latency.value_at_quantile(0.5)),
        p90_ms: ms(latency.value_at_quantile(0.9)),
        p99_ms: ms(latency.value_at_quantile(0.99)),
        p999_ms: ms(latency.value_at_quantile(0.999)),
        max_ms: ms(latency.max()),
        late_p99_ms: ms(late.value_at_quantile(0.99)),
        flush_p50_ms: flushes.quantile_ms(0.5),
        flush_p99_ms: flushes.quantile_ms(0.99),
    }
}

impl Tally {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self {
            units: Cell::new(0),
            frames: Cell::new(0),
            latency_us: RefCell::new(latencies()?),
            late_us: RefCell::new(latencies()?),
            failure: RefCell::new(None),
            tasks: RefCell::default(),
        })
    }

    /// Runs this until the scenario ends; if it fails, so does the measurement.
    pub(super) fn spawn(self: &Rc<Self>, task: impl Future<Output = Result<(), Failure>> + 'static) {
        let tally = self.clone();
        self.tasks.borrow_mut().spawn_local(async move {
            if let Err(failure) = task.await {
                tally.failure.borrow_mut().get_or_insert(failure);
            }
        });
    }

    pub(super) fn count(&self, units: u64) {
        self.units.set(self.units.get() + units);
        self.frames.set(self.frames.get() + 1);
    }

    fn check(&self) -> Result<(), Failure> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }

    pub(super) fn took(&self, since: Instant) {
        self.latency_us.borrow_mut().saturating_record(micros_since(since));
    }

    /// What was meant for this instant is sent now.
    pub(super) fn sent(&self, at: Instant) {
        self.late_us.borrow_mut().saturating_record(micros_since(at));
    }
}
