//! Results: a table for people, JSON for programs.

use super::Failure;
use super::args::Scenario;
use super::meter::Window;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// What a scenario came to.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    scenario: String,
    /// What is counted.
    unit: &'static str,
    windows: Vec<Window>,
    /// Median of the windows.
    median: BTreeMap<&'static str, f64>,
    /// Figures of the scenario as a whole.
    figures: BTreeMap<String, f64>,
}

type Column = (&'static str, fn(&Window) -> f64);

const COLUMNS: [Column; 16] = [
    ("units_per_s", |w| w.units_per_s),
    ("units_per_frame", |w| w.units_per_frame),
    ("server_us_per_unit", |w| w.server_us),
    ("database_us_per_unit", |w| w.database_us),
    ("server_cores", |w| w.server_cores),
    ("generator_cores", |w| w.generator_cores),
    ("server_rss_mb", |w| w.server_rss_mb),
    ("p50_ms", |w| w.p50_ms),
    ("p90_ms", |w| w.p90_ms),
    ("p99_ms", |w| w.p99_ms),
    ("p999_ms", |w| w.p999_ms),
    ("max_ms", |w| w.max_ms),
    ("late_p99_ms", |w| w.late_p99_ms),
    ("flush_p50_ms", |w| w.flush_p50_ms),
    ("flush_p99_ms", |w| w.flush_p99_ms),
    ("seconds", |w| w.seconds),
];

impl Report {
    pub(super) fn new(scenario: &Scenario, unit: &'static str, windows: Vec<Window>) -> Self {
        let median = COLUMNS.iter().map(|(name, of)| (*name, spread(&windows, *of).1)).collect();
        Self { scenario: scenario.to_string(), unit, windows, median, figures: BTreeMap::new() }
    }

    pub(super) fn with(mut self, name: &str, figure: f64) -> Self {
        self.figures.insert(name.to_owned(), figure);
        self
    }

    pub(super) fn windows(&self) -> &[Window] {
        &self.windows
    }
}

/// Of the windows.
pub(super) fn median(windows: &[Window], of: fn(&Window) -> f64) -> f64 {
    middle(windows.iter().map(of).collect())
}

/// The median; of none it is 0.
pub(super) fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

/// Least, median, greatest.
fn spread(windows: &[Window], of: fn(&Window) -> f64) -> (f64, f64, f64) {
    let mut all: Vec<_> = windows.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    let at = |i: usize| all.get(i).copied().unwrap_or(0.0);
    (at(0), at(all.len() / 2), at(all.len().saturating_sub(1)))
}

/// # Errors
/// If standard output is closed.
pub(super) fn print(report: &Report) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}   (unit: {})", report.scenario, report.unit)?;
    if !report.windows.is_empty() {
        writeln!(out, "  {:<22}{:>14}{:>14}{:>14}", "", "median", "min", "max")?;
    }
    for (name, of) in COLUMNS {
        let (least, median, greatest) = spread(&report.windows, of);
        // What a scenario does not measure is not shown.
        if greatest == 0.0 {
            continue;
        }
        writeln!(out, "  {name:<22}{median:>14.3}{least:>14.3}{greatest:>14.3}")?;
    }
    for (name, figure) in &report.figures {
        writeln!(out, "  {name:<36} {figure:>14.3}")?;
    }
    Ok(())
}
