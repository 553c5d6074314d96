//! Building the woven program, and living with each mutant.

use crate::woven::Alternative;
use crate::{Fallible, Mutant};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds of the processor, not of the wall: a test that waits for its turn is not a test that failed. The tests need less
/// than one.
const QUICK: u32 = 12;
const LONG: u32 = 40;
/// The tests that draw at random are asked last: what the others have noticed they need not.
const DRAWN: [&str; 2] = ["lives::", "properties::"];
const OTHER_FIFTHS: [&str; 4] = ["second_fifth", "third_fifth", "fourth_fifth", "last_fifth"];

#[derive(Debug)]
pub struct Complaint {
    pub message: String,
    /// File, first byte, whether it is where the compiler points to.
    spans: Vec<(String, usize)>,
}

impl Complaint {
    pub fn is_about(&self, alternative: &Alternative) -> bool {
        let holds = |(file, byte): &(String, usize)| {
            *file == alternative.file && (alternative.from..=alternative.to).contains(byte)
        };
        self.spans.iter().any(holds)
    }
}

#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    spans: Vec<Span>,
    children: Vec<Message>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    is_primary: bool,
    expansion: Option<Expansion>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Box<Span>,
}

impl Span {
    /// Itself, and the macro calls it came from.
    fn chain(&self) -> Vec<(String, usize)> {
        let mut chain = vec![(self.file_name.clone(), self.byte_start)];
        chain.extend(self.expansion.iter().flat_map(|expansion| expansion.span.chain()));
        chain
    }
}

fn cargo(tree: &Path, args: &[&str]) -> Fallible<Vec<Line>> {
    let output = Command::new("cargo")
        .args(args)
        .args(["--package", "bulq-domain", "--lib", "--message-format", "json", "--quiet"])
        .current_dir(tree)
        .env("RUSTFLAGS", "--cap-lints allow")
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    text.lines().filter(|line| line.starts_with('{')).map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// What the compiler has against the program as it is.
pub fn complaints(tree: &Path) -> Fallible<Vec<Complaint>> {
    let messages = cargo(tree, &["check"])?.into_iter().filter_map(|line| line.message);
    let errors = messages.filter(|message| message.level == "error" && !message.spans.is_empty());
    Ok(errors.map(complaint).collect())
}

fn complaint(message: Message) -> Complaint {
    let all = message.spans.iter().chain(message.children.iter().flat_map(|child| &child.spans));
    let spans = all.filter(|span| span.is_primary).flat_map(Span::chain).collect();
    Complaint { message: message.message, spans }
}

pub fn build(tree: &Path) -> Fallible<PathBuf> {
    let built = cargo(tree, &["test", "--no-run"])?.into_iter().find_map(|line| line.executable);
    built.ok_or_else(|| "the woven program was not built".into())
}

/// Tries each of the chosen ones, or all that were not tried yet, in no order that means anything.
pub fn run(
    program: &Path,
    tree: &Path,
    mutants: &[Mutant],
    unviable: &BTreeMap<usize, String>,
    results: &Path,
    chosen: &BTreeSet<usize>,
) -> Fallible<()> {
    let trial = Trial { program, home: tree.join("domain") };
    if let Some(failed) = trial.failure(0)? {
        return Err(format!("the tests fail without any mutant: {failed}").into());
    }
    let tried =
        if chosen.is_empty() { fs::read_to_string(results).unwrap_or_default() } else { String::new() };
    let tried: BTreeSet<&str> = tried.lines().filter_map(|line| line.split('\t').next()).collect();
    let mut out = File::options().create(true).append(true).open(results)?;
    for number in scattered(mutants.len()) {
        let wanted = chosen.is_empty() || chosen.contains(&number);
        if !wanted || tried.contains(number.to_string().as_str()) {
            continue;
        }
        let outcome = match unviable.get(&number) {
            Some(outcome) => outcome.clone(),
            None => trial
                .failure(number)?
                .map_or_else(|| "missed\t".to_owned(), |failed| format!("caught\t{failed}")),
        };
        let line = format!("{number}\t{outcome}\t{}", mutants[number - 1].name);
        writeln!(out, "{line}")?;
        if !chosen.is_empty() || outcome.starts_with("missed") {
            eprintln!("{line}");
        }
    }
    Ok(())
}

/// 1 to `count`, so that the first of them are a fair picture of all.
fn scattered(count: usize) -> impl Iterator<Item = usize> {
    let stride = (1..).map(|n| count * 618 / 1000 + n).find(|stride| coprime(*stride, count)).unwrap_or(1);
    (0..count).map(move |place| place * stride % count + 1)
}

fn coprime(a: usize, b: usize) -> bool {
    if b == 0 { a == 1 } else { coprime(b, a % b) }
}

struct Trial<'a> {
    program: &'a Path,
    home: PathBuf,
}

impl Trial<'_> {
    /// The first test that noticed.
    fn failure(&self, mutant: usize) -> Fallible<Option<String>> {
        let skip =
            |names: &[&str]| names.iter().flat_map(|name| ["--skip", *name].map(str::to_owned)).collect();
        let mut long: Vec<String> = DRAWN.map(str::to_owned).into();
        long.extend::<Vec<String>>(skip(&OTHER_FIFTHS));
        for (seconds, args) in [(QUICK, skip(&DRAWN)), (LONG, long)] {
            if let Some(failed) = self.live(mutant, seconds, &args)? {
                return Ok(Some(failed));
            }
        }
        Ok(None)
    }

    fn live(&self, mutant: usize, seconds: u32, args: &[String]) -> Fallible<Option<String>> {
        let output = Command::new("sh")
            .args(["-c", &format!("ulimit -t {seconds}; exec \"$0\" \"$@\"")])
            .arg(self.program)
            .args(args)
            .current_dir(&self.home)
            .env("MUTANT", mutant.to_string())
            .env("BULQ_ONE_LIFE_IN", "200")
            .env("PROPTEST_CASES", "64")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .stderr(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(None);
        }
        if let Some(signal) = output.status.signal() {
            return Ok(Some(format!("ended by signal {signal}")));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = text.lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        Ok(Some(failed.unwrap_or("a test").to_owned()))
    }
}
