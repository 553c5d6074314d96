//! Figures out of the files of a folder.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One figure, window by window.
#[derive(Clone, Debug)]
pub(super) struct Series(Vec<f64>);

/// Where results lie.
pub(super) struct Folder(PathBuf);

impl Series {
    /// None if there is nothing to tell.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then_some(Self(values))
    }

    pub(super) fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

impl std::fmt::Display for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&short(self.median()))?;
        match &self.0[..] {
            [least, .., greatest] => write!(f, " ({} … {})", short(*least), short(*greatest)),
            _ => Ok(()),
        }
    }
}

/// With as many digits as mean something.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        10_000.0.. => format!("{:.1} k", value / 1e3),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        0.2.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.0.join(file)).ok()
    }

    /// What `of` says of each window of `PLACE/NAME.json`, or of `PLACE/NAME.1.json` and so on, taken one by one.
    pub(super) fn windows(
        &self,
        place: &str,
        name: &str,
        of: impl Fn(&Value) -> f64,
    ) -> Result<Option<Series>, String> {
        let mut reports: Vec<_> = self.report(place, name)?.into_iter().collect();
        for turn in 1.. {
            match self.report(place, &format!("{name}.{turn}"))? {
                Some(report) => reports.push(report),
                None => break,
            }
        }
        let windows = reports.iter().filter_map(|report| report["windows"].as_array()).flatten();
        Ok(Series::of(windows.map(of).collect()))
    }

    /// A figure of the scenario as a whole.
    pub(super) fn figure(&self, place: &str, name: &str, figure: &str) -> Result<Option<Series>, String> {
        let figures = self.figures(place, name)?;
        Ok(figures.get(figure).and_then(|value| Series::of(vec![*value])))
    }

    pub(super) fn figures(&self, place: &str, name: &str) -> Result<BTreeMap<String, f64>, String> {
        let Some(report) = self.report(place, name)? else { return Ok(BTreeMap::new()) };
        let figures = report["figures"].as_object().into_iter().flatten();
        Ok(figures.filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect())
    }

    /// The names of the peers that have this.
    pub(super) fn peers_with(&self, name: &str) -> Vec<String> {
        let peers = fs::read_dir(self.0.join("peers")).into_iter().flatten().flatten();
        let files = [format!("{name}.json"), format!("{name}.1.json")];
        let peers = peers.filter(|peer| files.iter().any(|file| peer.path().join(file).is_file()));
        let mut peers: Vec<_> = peers.filter_map(|peer| peer.file_name().into_string().ok()).collect();
        peers.sort();
        peers
    }

    /// The number of clients with which pgbench was best, and what it came to.
    pub(super) fn pgbench(&self) -> Option<(String, Series)> {
        let files = fs::read_dir(self.0.join("peers/pgbench")).ok()?.flatten();
        let all = files.filter_map(|file| {
            let path = file.path();
            let clients = path.file_stem()?.to_str()?.to_owned();
            let text = fs::read_to_string(&path).ok()?;
            Some((clients, Series::of(text.lines().filter_map(|line| line.parse().ok()).collect())?))
        });
        all.max_by(|a, b| a.1.median().total_cmp(&b.1.median()))
    }

    /// Of the file criterion leaves, in microseconds: median and the ends of its confidence interval.
    pub(super) fn criterion(&self) -> Option<Series> {
        let all: Value = serde_json::from_str(&self.text("criterion.json")?).ok()?;
        let (median, interval) = (&all["median"]["point_estimate"], &all["median"]["confidence_interval"]);
        let of = |value: &Value| Some(value.as_f64()? / 1e3);
        Series::of(vec![of(median)?, of(&interval["lower_bound"])?, of(&interval["upper_bound"])?])
    }

    /// None if it is not there.
    fn report(&self, place: &str, name: &str) -> Result<Option<Value>, String> {
        let file = format!("{place}/{name}.json");
        let Some(text) = self.text(&file) else { return Ok(None) };
        let all: Value = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        Ok(all.get(0).cloned())
    }
}

/// Half of what was taken at its peak, per second, in a file of `bulq-load --json`.
#[must_use]
pub fn half_of_peak(text: &str) -> Option<f64> {
    let all: Value = serde_json::from_str(text).ok()?;
    Some((all.get(0)?["median"]["units_per_s"].as_f64()? / 2.0).floor())
}

/// The rate that keeps half a core busy, server and database together, if a unit costs what it does in this file. It costs more
/// at a lower rate, for fewer share a transaction: asked again at the rate it gave, it comes closer.
#[must_use]
pub fn rate_at_half_busy(text: &str) -> Option<f64> {
    let all: Value = serde_json::from_str(text).ok()?;
    let median = &all.get(0)?["median"];
    let us = median["server_us_per_unit"].as_f64()? + median["database_us_per_unit"].as_f64()?;
    Some((0.5e6 / us).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_as_long_as_they_mean_something() {
        let short: Vec<_> = [0.0356, 0.61, 7.19, 19.62, 815.2, 28_412.0].map(short).into();

        assert_eq!(short, ["0.036", "0.61", "7.19", "19.6", "815", "28.4 k"]);
        assert_eq!(Series::of(vec![3.0, 1.0, 2.0]).unwrap().to_string(), "2.00 (1.00 … 3.00)");
        assert_eq!(Series::of(vec![3.0]).unwrap().to_string(), "3.00");
        assert!(Series::of(Vec::new()).is_none());
    }

    #[test]
    fn half_of_a_peak_is_a_rate() {
        assert_eq!(half_of_peak(r#"[{"median":{"units_per_s":1001.0}}]"#), Some(500.0));
        assert_eq!(half_of_peak("[]"), None);
        let median = r#"[{"median":{"server_us_per_unit":60.0,"database_us_per_unit":40.0}}]"#;
        assert_eq!(rate_at_half_busy(median), Some(5000.0));
    }
}
