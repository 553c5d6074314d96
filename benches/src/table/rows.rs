//! What the table holds, and what each row is held against.

use super::Beside;
use super::figures::{Folder, Series};
use serde_json::Value;

type Ours = fn(&Folder, &str) -> Result<Option<Series>, String>;
type BesideIt = fn(&Folder, &str) -> Result<Option<Beside>, String>;

pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) unit: &'static str,
    pub(super) target: &'static str,
    pub(super) judge: Judge,
    pub(super) ours: Ours,
    pub(super) beside: BesideIt,
    pub(super) needs_peer: bool,
    /// Measured on this database alone.
    pub(super) only: Option<&'static str>,
    /// The target is not meant for this database.
    pub(super) no_target_on: Option<&'static str>,
    /// No database takes part.
    pub(super) everywhere: bool,
}

/// When the target is reached.
#[derive(Clone, Copy)]
pub(super) enum Judge {
    /// Nobody has set one.
    Nothing,
    AtMost(f64),
    AtLeast(f64),
    RatioAtMost(f64),
    RatioAtLeast(f64),
    /// So many times what stands beside it, and so much more.
    Flush {
        times: f64,
        more: f64,
    },
}

const PLAIN: Row = Row {
    id: "",
    what: "",
    unit: "",
    target: "",
    judge: Judge::Nothing,
    ours: |_, _| Ok(None),
    beside: |_, _| Ok(None),
    needs_peer: false,
    only: None,
    no_target_on: None,
    everywhere: false,
};

pub(super) static ROWS: [Row; 24] = [
    Row {
        id: "P1",
        what: "one run on 1,000 screens, 16 bids outstanding: CPU of an event on a screen",
        unit: "µs",
        target: "≤ 1.0 ×",
        judge: Judge::RatioAtMost(1.0),
        ours: |folder, on| folder.windows(on, "fanout-16", cpu_us),
        beside: |folder, _| peer(folder, "fanout-16", cpu_us),
        needs_peer: true,
        ..PLAIN
    },
    Row {
        id: "P2",
        what: "the same, one bid outstanding",
        unit: "µs",
        target: "≤ 1.3 ×",
        judge: Judge::RatioAtMost(1.3),
        ours: |folder, on| folder.windows(on, "fanout-1", cpu_us),
        beside: |folder, _| peer(folder, "fanout-1", cpu_us),
        needs_peer: true,
        ..PLAIN
    },
    Row {
        id: "P3",
        what: "many runs on six screens each, a bid a second on each run: CPU of an event on a screen, the bid included",
        unit: "µs",
        target: "≤ 1.5 ×",
        judge: Judge::RatioAtMost(1.5),
        ours: |folder, on| folder.windows(on, "rooms", cpu_us),
        beside: |folder, _| peer(folder, "rooms", cpu_us),
        needs_peer: true,
        ..PLAIN
    },
    Row {
        id: "P4",
        what: "durable bids over the live connection, 200 runs",
        unit: "a second",
        target: "≥ 3 × pgbench (PostgreSQL)",
        judge: Judge::RatioAtLeast(3.0),
        ours: |folder, on| folder.windows(on, "bids", per_second),
        beside: |folder, on| Ok(if on == "postgres" { pgbench(folder) } else { None }),
        needs_peer: true,
        no_target_on: Some("sqlite"),
        ..PLAIN
    },
    Row {
        id: "P5",
        what: "the same on one hot run",
        unit: "a second",
        target: "≥ 0.9 × P4",
        judge: Judge::RatioAtLeast(0.9),
        ours: |folder, on| folder.windows(on, "bids-hot", per_second),
        beside: |folder, on| ours_too(folder, on, "P4", "bids", per_second),
        ..PLAIN
    },
    Row {
        id: "P6",
        what: "CPU of a durable bid, server and database, 200 runs",
        unit: "ms",
        target: "≤ 0.10 ms",
        judge: Judge::AtMost(0.1),
        ours: |folder, on| folder.windows(on, "bids", |w| cpu_us(w) / 1e3),
        ..PLAIN
    },
    Row {
        id: "P7",
        what: "durable bids over HTTP, 32 keep-alive connections, one hot run",
        unit: "a second",
        target: "≥ 3 × axum + sqlx",
        judge: Judge::RatioAtLeast(3.0),
        ours: |folder, on| folder.windows(on, "http-bids-hot", per_second),
        beside: |folder, on| Ok(if on == "postgres" { quickest(folder, "http-bids-hot")? } else { None }),
        needs_peer: true,
        no_target_on: Some("sqlite"),
        ..PLAIN
    },
    Row {
        id: "P7",
        what: "the same over 200 runs",
        unit: "a second",
        target: "–",
        ours: |folder, on| folder.windows(on, "http-bids", per_second),
        beside: |folder, on| Ok(if on == "postgres" { quickest(folder, "http-bids")? } else { None }),
        ..PLAIN
    },
    Row {
        id: "P8",
        what: "bid → committed while half of the core is busy, p50",
        unit: "ms",
        target: "≤ 2 flushes + 1 ms",
        judge: Judge::Flush { times: 2.0, more: 1.0 },
        ours: |folder, on| folder.windows(on, "bids-busy", |w| number(w, "p50_ms")),
        beside: |folder, on| flush(folder, on, "bids-busy"),
        ..PLAIN
    },
    Row {
        id: "P8",
        what: "the same, p99",
        unit: "ms",
        target: "≤ 4 flushes + 5 ms",
        judge: Judge::Flush { times: 4.0, more: 5.0 },
        ours: |folder, on| folder.windows(on, "bids-busy", |w| number(w, "p99_ms")),
        beside: |folder, on| flush(folder, on, "bids-busy"),
        ..PLAIN
    },
    Row {
        id: "P8",
        what: "bids a second at which that was",
        unit: "a second",
        target: "–",
        ours: |folder, on| folder.windows(on, "bids-busy", per_second),
        ..PLAIN
    },
    Row {
        id: "P8",
        what: "bid → committed at half of P4, p50",
        unit: "ms",
        target: "≤ 2 flushes + 1 ms",
        judge: Judge::Flush { times: 2.0, more: 1.0 },
        ours: |folder, on| folder.windows(on, "bids-half", |w| number(w, "p50_ms")),
        beside: |folder, on| flush(folder, on, "bids-half"),
        ..PLAIN
    },
    Row {
        id: "P9",
        what: "bid → the last of 1,000 screens at 50 a second, the commit included, p99",
        unit: "ms",
        target: "≤ 1.2 ×",
        judge: Judge::RatioAtMost(1.2),
        ours: |folder, on| folder.windows(on, "fanout-rate", |w| number(w, "p99_ms")),
        beside: |folder, _| peer(folder, "fanout-rate", |w| number(w, "p99_ms")),
        needs_peer: true,
        ..PLAIN
    },
    Row {
        id: "P10",
        what: "memory of an idle joined socket",
        unit: "KB",
        target: "≤ 22 KB",
        judge: Judge::AtMost(22.0),
        ours: |folder, on| folder.figure(on, "idle", "kb_per_socket"),
        ..PLAIN
    },
    Row {
        id: "P11",
        what: "memory of a run of 20 people × 30 products, fresh from its log",
        unit: "KB",
        target: "≤ 100 KB",
        judge: Judge::AtMost(100.0),
        ours: |folder, on| folder.figure(on, "waking", "kb_per_run"),
        ..PLAIN
    },
    Row {
        id: "P12",
        what: "waking such a run, over HTTP, p99",
        unit: "ms",
        target: "≤ 10 ms",
        judge: Judge::AtMost(10.0),
        ours: |folder, on| folder.figure(on, "waking", "wake_p99_ms"),
        ..PLAIN
    },
    Row {
        id: "P13",
        what: "all sockets cut at once: until all are back with what they missed",
        unit: "s",
        target: "≤ 10 s",
        judge: Judge::AtMost(10.0),
        ours: |folder, on| folder.windows(on, "storm", |w| number(w, "seconds")),
        ..PLAIN
    },
    Row {
        id: "P14",
        what: "one screen in ten stops reading: p99 from durable to the others' screens, against when all read",
        unit: "×",
        target: "≤ 1.10 ×",
        judge: Judge::AtMost(1.1),
        ours: |folder, on| folder.figure(on, "slow-readers", "shown_p99_ratio"),
        ..PLAIN
    },
    Row {
        id: "P14",
        what: "the same from when the bid was due, the commit included",
        unit: "×",
        ours: |folder, on| folder.figure(on, "slow-readers", "p99_ratio"),
        ..PLAIN
    },
    Row {
        id: "P15",
        what: "three times the peak: goodput of the peak",
        unit: "×",
        target: "≥ 0.80 ×",
        judge: Judge::AtLeast(0.8),
        ours: |folder, on| folder.figure(on, "overload", "goodput_of_peak"),
        ..PLAIN
    },
    Row {
        id: "P17",
        what: "start to the first answered request",
        unit: "ms",
        target: "≤ 300 ms",
        judge: Judge::AtMost(300.0),
        ours: |folder, on| folder.figure(on, "waking", "start_p50_ms"),
        ..PLAIN
    },
    Row {
        id: "P18",
        what: "decide, apply, encode and frame one bid at 100 × 100",
        unit: "µs",
        target: "≤ 10 µs",
        judge: Judge::AtMost(10.0),
        ours: |folder, _| Ok(folder.criterion()),
        everywhere: true,
        ..PLAIN
    },
    Row {
        id: "hot run",
        what: "one run, everybody who bids and 200 others look on: CPU of a durable bid, everybody's screens included",
        unit: "µs",
        target: "–",
        judge: Judge::Nothing,
        ours: |folder, on| folder.windows(on, "hot-run", cpu_us),
        ..PLAIN
    },
    Row {
        id: "life",
        what: "runs from their first bid to their end, 200 commands a second: due → answered, p99",
        unit: "ms",
        target: "–",
        judge: Judge::Nothing,
        ours: |folder, on| folder.windows(on, "life", |w| number(w, "p99_ms")),
        beside: |folder, on| flush(folder, on, "life"),
        ..PLAIN
    },
];

fn number(window: &Value, name: &str) -> f64 {
    window[name].as_f64().unwrap_or(0.0)
}

fn cpu_us(window: &Value) -> f64 {
    number(window, "server_us") + number(window, "database_us")
}

fn per_second(window: &Value) -> f64 {
    number(window, "units_per_s")
}

/// The one that takes least.
fn peer(folder: &Folder, name: &str, of: fn(&Value) -> f64) -> Result<Option<Beside>, String> {
    let all = peers(folder, name, of)?;
    Ok(all.into_iter().min_by(|a, b| a.series.median().total_cmp(&b.series.median())))
}

fn quickest(folder: &Folder, name: &str) -> Result<Option<Beside>, String> {
    let all = peers(folder, name, per_second)?;
    Ok(all.into_iter().max_by(|a, b| a.series.median().total_cmp(&b.series.median())))
}

fn peers(folder: &Folder, name: &str, of: fn(&Value) -> f64) -> Result<Vec<Beside>, String> {
    let mut all = Vec::new();
    for peer in folder.peers_with(name) {
        if let Some(series) = folder.windows(&format!("peers/{peer}"), name, of)? {
            all.push(Beside { name: peer, series, compares: true });
        }
    }
    Ok(all)
}

fn pgbench(folder: &Folder) -> Option<Beside> {
    let (clients, series) = folder.pgbench()?;
    Some(Beside { name: format!("pgbench, {clients} clients,"), series, compares: true })
}

fn ours_too(
    folder: &Folder,
    on: &str,
    what: &str,
    name: &str,
    of: fn(&Value) -> f64,
) -> Result<Option<Beside>, String> {
    let series = folder.windows(on, name, of)?;
    Ok(series.map(|series| Beside { name: what.to_owned(), series, compares: true }))
}

/// One flush of the disk, at the same time.
fn flush(folder: &Folder, on: &str, name: &str) -> Result<Option<Beside>, String> {
    let series = folder.windows(on, name, |w| number(w, "flush_p50_ms"))?;
    Ok(series.map(|series| Beside { name: "a flush, ms:".to_owned(), series, compares: false }))
}
