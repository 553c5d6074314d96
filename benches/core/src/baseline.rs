//! What everything came to when it was last looked at, and what has grown since.

use crate::counting::Cost;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Instructions may grow by so many percent.
const TOLERANCE: u64 = 5;
/// And by so many with another compiler or on another kind of processor.
const TOLERANCE_ELSEWHERE: u64 = 25;

/// A file of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The compiler and the kind of processor.
    pub place: String,
    pub costs: BTreeMap<String, Cost>,
}

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// A line for each path that costs more than it may, or is not in the file, or only there.
    pub failures: Vec<String>,
    /// What is worth knowing and no failure.
    pub remarks: Vec<String>,
}

impl Baseline {
    /// # Errors
    /// The line that is none of ours.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut baseline = Self { place: String::new(), costs: BTreeMap::new() };
        for line in text.lines() {
            if let Some(place) = line.strip_prefix("# with ") {
                place.clone_into(&mut baseline.place);
            }
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            let (name, cost) = row(line).ok_or_else(|| format!("not a line of counts: {line:?}"))?;
            baseline.costs.insert(name, cost);
        }
        Ok(baseline)
    }

    /// `costs` in their own order, as [`Baseline::parse`] reads them.
    #[must_use]
    pub fn write(place: &str, costs: &[(String, Cost)]) -> String {
        let mut text = format!(
            "# What each path of the core costs, once: instructions, allocations. Written by scripts/counts --update\n\
             # with {place}\n"
        );
        for (name, cost) in costs {
            let instructions = cost.instructions.map_or("-".to_owned(), |count| count.to_string());
            let _ = writeln!(text, "{name:<28}{instructions:>12}{:>10}", hundredths(cost.allocations));
        }
        text
    }

    #[must_use]
    pub fn compare(&self, place: &str, now: &[(String, Cost)]) -> Verdict {
        let mut verdict = Verdict::default();
        let tolerance = if self.place == place {
            TOLERANCE
        } else {
            verdict.remarks.push(format!(
                "counted with {place}, the baseline with {}: {TOLERANCE_ELSEWHERE} % instead of {TOLERANCE} % are tolerated",
                self.place
            ));
            TOLERANCE_ELSEWHERE
        };
        for (name, cost) in now {
            match self.costs.get(name) {
                Some(before) => verdict.judge(name, *before, *cost, tolerance),
                None => verdict.failures.push(format!("{name}: is not in the baseline")),
            }
        }
        let gone = self.costs.keys().filter(|name| !now.iter().any(|(now, _)| now == *name));
        verdict.failures.extend(gone.map(|name| format!("{name}: is only in the baseline")));
        verdict
    }
}

impl Verdict {
    fn judge(&mut self, name: &str, before: Cost, now: Cost, tolerance: u64) {
        if let (Some(was), Some(is)) = (before.instructions, now.instructions) {
            let change = format!("{name}: {was} → {is} instructions ({:+.1} %)", percent(was, is));
            if is * 100 > was * (100 + tolerance) {
                self.failures.push(format!("{change}; {tolerance} % are tolerated"));
            } else if is * (100 + tolerance) < was * 100 {
                self.remarks.push(change);
            }
        }
        let (was, is) = (before.allocations, now.allocations);
        let change = format!("{name}: {} → {} allocations", hundredths(was), hundredths(is));
        if is > was {
            self.failures.push(format!("{change}; none more is tolerated"));
        } else if is < was {
            self.remarks.push(change);
        }
    }
}

fn row(line: &str) -> Option<(String, Cost)> {
    let mut fields = line.split_whitespace();
    let (name, instructions, allocations) = (fields.next()?, fields.next()?, fields.next()?);
    let instructions = if instructions == "-" { None } else { Some(instructions.parse().ok()?) };
    let (whole, part) = allocations.split_once('.')?;
    let allocations = whole.parse::<u64>().ok()? * 100 + part.parse::<u64>().ok()?;
    fields.next().is_none().then(|| (name.to_owned(), Cost { instructions, allocations }))
}

fn hundredths(count: u64) -> String {
    format!("{}.{:02}", count / 100, count % 100)
}

fn percent(was: u64, is: u64) -> f64 {
    (is as f64 / was as f64 - 1.0) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(instructions: u64, allocations: u64) -> Cost {
        Cost { instructions: Some(instructions), allocations }
    }

    fn costs(all: &[(&str, Cost)]) -> Vec<(String, Cost)> {
        all.iter().map(|(name, cost)| ((*name).to_owned(), *cost)).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let all = costs(&[
            ("bid/1x1", cost(7000, 1305)),
            ("decide/1x1", Cost { instructions: None, allocations: 7 }),
        ]);

        let read = Baseline::parse(&Baseline::write("rustc 1, x", &all)).unwrap();

        assert_eq!(read.place, "rustc 1, x");
        assert_eq!(read.costs.into_iter().collect::<Vec<_>>(), all);
        assert!(Baseline::parse("bid/1x1 many 1.00").is_err());
    }

    #[test]
    fn growth_is_named_with_its_path_and_shrinking_is_only_told() {
        let before = costs(&[("a", cost(1000, 300)), ("b", cost(1000, 300)), ("c", cost(1000, 300))]);
        let baseline = Baseline::parse(&Baseline::write("here", &before)).unwrap();

        let same = baseline.compare(
            "here",
            &costs(&[("a", cost(1050, 300)), ("b", cost(960, 300)), ("c", cost(1000, 300))]),
        );
        assert_eq!(same, Verdict::default());

        let verdict = baseline.compare(
            "here",
            &costs(&[("a", cost(1051, 300)), ("b", cost(1000, 301)), ("c", cost(900, 200))]),
        );
        assert_eq!(
            verdict.failures,
            [
                "a: 1000 → 1051 instructions (+5.1 %); 5 % are tolerated",
                "b: 3.00 → 3.01 allocations; none more is tolerated"
            ]
        );
        assert_eq!(verdict.remarks.len(), 2);
    }

    #[test]
    fn paths_that_come_and_go_are_noticed_and_another_compiler_is_forgiven_more() {
        let baseline = Baseline::parse(&Baseline::write("here", &costs(&[("a", cost(1000, 0))]))).unwrap();

        assert_eq!(baseline.compare("here", &costs(&[("b", cost(1, 0))])).failures.len(), 2);
        assert_eq!(baseline.compare("there", &costs(&[("a", cost(1200, 0))])).failures, [""; 0]);
        assert_eq!(baseline.compare("there", &costs(&[("a", cost(1300, 0))])).failures.len(), 1);
        let without_valgrind = Cost { instructions: None, allocations: 0 };
        assert_eq!(baseline.compare("here", &costs(&[("a", without_valgrind)])), Verdict::default());
    }
}
