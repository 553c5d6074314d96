//! Runs from their first bid to their end, many at a time, over and over. What people do falls due at a steady rate; every
//! screen must see every event of its run, in order, each once, also across going away and coming back.

mod seat;
mod story;

use super::args::{Life, Scenario, Soak};
use super::cast::Cast;
use super::meter::{Round, Tally};
use super::pace::Due;
use super::report::Report;
use super::server::Server;
use super::wire::Scratch;
use super::{Args, Failure, proc, say, wire};
use bulq_domain::{GroupId, StoreId};
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A group takes a hundred live runs, and the cast's own is one of them.
const MOST_RUNS: usize = 90;
/// The first part of a soak, which memory may need to find its level.
const WARM_UP: f64 = 0.2;
const SAMPLE: Duration = Duration::from_secs(1);
/// A soak tells how it is going, and forms a window, this often.
const CHAPTER: Duration = Duration::from_secs(60);
const LONGEST_US: u64 = 600_000_000;

/// What all runs share.
struct World {
    options: Life,
    address: String,
    scratch: Scratch,
    cast: Cast,
    group: GroupId,
    store: StoreId,
    tally: Rc<Tally>,
    counts: Counts,
}

/// What happened so far.
struct Counts {
    completed: Cell<u64>,
    cancelled: Cell<u64>,
    committed: Cell<u64>,
    unknown: Cell<u64>,
    /// By code.
    rejected: RefCell<BTreeMap<String, u64>>,
    /// Events on screens.
    delivered: Cell<u64>,
    left: Cell<u64>,
    came_back: Cell<u64>,
    /// Events that somebody had missed and was given.
    caught_up: Cell<u64>,
    snapshots: Cell<u64>,
    payments: Cell<u64>,
    /// From when a command was due until its events were on every screen that was there.
    on_screens_us: RefCell<Histogram<u64>>,
}

/// One more.
fn more(count: &Cell<u64>) {
    count.set(count.get() + 1);
}

pub(super) async fn play(options: &Life, round: &Round<'_>) -> Result<Report, Failure> {
    let world = begin(options, round).await?;
    let windows = round.windows().await?;
    let report = Report::new(&Scenario::Life(options.clone()), "durable command", windows);
    Ok(world.tell(report))
}

/// Plays for long, and replays every log when it is over.
pub(super) async fn soak(options: &Soak, server: &mut Server, args: &Args) -> Result<Report, Failure> {
    let round = Round::new(server, args)?;
    let played = endure(options, &round).await;
    round.end().await;
    let report = played?;
    let verified = server.verify(args).await?;
    say(&verified);
    Ok(report.with("verified", 1.0))
}

async fn begin(options: &Life, round: &Round<'_>) -> Result<Rc<World>, Failure> {
    if options.runs > MOST_RUNS || options.people < 2 || options.people > options.users {
        return Err(format!("at most {MOST_RUNS} runs, of two people or more, of --users").into());
    }
    let client = round.server.client();
    let cast = Cast::hire(&client, options.users, 1, options.products).await?;
    let view = cast.people[0].run(cast.runs[0]).await?;
    let world = Rc::new(World {
        options: options.clone(),
        address: round.server.address().to_owned(),
        scratch: wire::scratch(),
        cast,
        group: view.group_id,
        store: view.store_id,
        tally: round.tally.clone(),
        counts: Counts::new()?,
    });
    let dues = Due::for_senders(options.runs, Some(options.rate), &round.tally);
    for (slot, due) in dues.into_iter().enumerate() {
        round.tally.spawn(story::keep_living(world.clone(), slot, due));
    }
    Ok(world)
}

async fn endure(options: &Soak, round: &Round<'_>) -> Result<Report, Failure> {
    let world = begin(&options.life, round).await?;
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(options.minutes.max(0.1) * 60.0);
    let (mut windows, mut memory, mut files) = (Vec::new(), Vec::new(), Vec::new());
    while Instant::now() < end {
        let (edge, chapter) = (round.begin(), end.min(Instant::now() + CHAPTER));
        while Instant::now() < chapter {
            tokio::time::sleep(SAMPLE).await;
            round.check()?;
            let at = start.elapsed().as_secs_f64() / 60.0;
            memory.push((at, round.memory() as f64));
            files.push((at, round.pids().iter().map(|pid| proc::handles(*pid)).sum::<usize>() as f64));
        }
        let window = round.since(&edge)?;
        say(&format!(
            "minute {:.0} of {}: {:.0}/s, p99 {:.1} ms, {:.1} MB, {} runs lived",
            start.elapsed().as_secs_f64() / 60.0,
            options.minutes,
            window.units_per_s,
            window.p99_ms,
            window.server_rss_mb,
            world.counts.completed.get() + world.counts.cancelled.get()
        ));
        windows.push(window);
    }
    let report = Report::new(&Scenario::Soak(options.clone()), "durable command", windows);
    Ok(world.tell(with_slopes(report, options.minutes, &memory, &files)))
}

fn with_slopes(report: Report, minutes: f64, memory: &[(f64, f64)], files: &[(f64, f64)]) -> Report {
    let warm = |samples: &[(f64, f64)]| -> Vec<(f64, f64)> {
        samples.iter().copied().filter(|(at, _)| *at >= minutes * WARM_UP).collect()
    };
    let (memory, files) = (warm(memory), warm(files));
    let end_of = |samples: &[(f64, f64)]| samples.last().map_or(0.0, |(_, value)| *value);
    let (rss, first) = (end_of(&memory), memory.first().map_or(0.0, |(_, value)| *value));
    let slope = slope(&memory);
    say(&format!("memory goes {slope:+.1} KB a minute: {:+.2} % an hour", slope * 60.0 / rss * 100.0));
    report
        .with("rss_kb_per_minute", slope)
        .with("rss_percent_per_hour", slope * 60.0 / rss * 100.0)
        .with("rss_warm_mb", first / 1024.0)
        .with("rss_last_mb", rss / 1024.0)
        .with("files_per_minute", self::slope(&files))
        .with("files_last", end_of(&files))
}

/// Of the straight line that is nearest to all points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let across = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>();
    let spread = points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>();
    if spread == 0.0 { 0.0 } else { across / spread }
}

impl World {
    fn tell(&self, report: Report) -> Report {
        let counts = &self.counts;
        let on_screens = counts.on_screens_us.borrow();
        let ms = |quantile| on_screens.value_at_quantile(quantile) as f64 / 1e3;
        let figures = [
            ("runs_completed", counts.completed.get() as f64),
            ("runs_cancelled", counts.cancelled.get() as f64),
            ("commands_committed", counts.committed.get() as f64),
            ("commands_unknown", counts.unknown.get() as f64),
            ("events_on_screens", counts.delivered.get() as f64),
            ("screens_left", counts.left.get() as f64),
            ("screens_came_back", counts.came_back.get() as f64),
            ("events_caught_up", counts.caught_up.get() as f64),
            ("snapshots", counts.snapshots.get() as f64),
            ("payments", counts.payments.get() as f64),
            ("on_every_screen_p50_ms", ms(0.5)),
            ("on_every_screen_p99_ms", ms(0.99)),
            ("on_every_screen_max_ms", on_screens.max() as f64 / 1e3),
            ("gaps", 0.0),
        ];
        let rejected = counts.rejected.borrow();
        let rejected = rejected.iter().map(|(code, count)| (format!("rejected_{code}"), *count as f64));
        let figures = figures.into_iter().map(|(name, figure)| (name.to_owned(), figure));
        figures.chain(rejected).fold(report, |report, (name, figure)| report.with(&name, figure))
    }
}

impl Counts {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            completed: Cell::default(),
            cancelled: Cell::default(),
            committed: Cell::default(),
            unknown: Cell::default(),
            rejected: RefCell::default(),
            delivered: Cell::default(),
            left: Cell::default(),
            came_back: Cell::default(),
            caught_up: Cell::default(),
            snapshots: Cell::default(),
            payments: Cell::default(),
            on_screens_us: RefCell::new(Histogram::new_with_max(LONGEST_US, 3)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_the_nearest_line() {
        assert!((slope(&[(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]) - 2.0).abs() < 1e-9);
        assert!((slope(&[(0.0, 1.0), (1.0, 0.0), (2.0, 1.0), (3.0, 0.0)]) + 0.2).abs() < 1e-9);
        assert_eq!(slope(&[(1.0, 5.0)]), 0.0);
    }
}
