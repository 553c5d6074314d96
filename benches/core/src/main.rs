//! `bulq-counts`: what the core costs in instructions and allocations, against what it cost before.
//!
//!   bulq-counts check FILE PLACE [allocations]    compares; exits with 1 if something has grown
//!   bulq-counts write FILE PLACE                  writes the file anew
//!   bulq-counts perform                           what is done under valgrind
//!
//! PLACE says with which compiler and on what. `scripts/counts` knows all of this.

use bulq_bench_core::baseline::Baseline;
use bulq_bench_core::counting::{self, StatsAlloc};
use std::alloc::System;
use std::error::Error;
use std::fs;
use std::process::ExitCode;

#[global_allocator]
static HEAP: &StatsAlloc<System> = &stats_alloc::INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["perform"] => {
            counting::perform();
            Ok(true)
        }
        ["check", file, place] => check(file, place, true),
        ["check", file, place, "allocations"] => check(file, place, false),
        ["write", file, place] => write(file, place),
        _ => Err("bulq-counts check FILE PLACE [allocations] | write FILE PLACE".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bulq-counts: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing has grown.
fn check(file: &str, place: &str, with_valgrind: bool) -> Result<bool, Box<dyn Error>> {
    let baseline = Baseline::parse(&fs::read_to_string(file)?)?;
    let costs = counting::costs(HEAP, with_valgrind)?;
    let verdict = baseline.compare(place, &costs);
    for remark in &verdict.remarks {
        eprintln!("bulq-counts: {remark}");
    }
    for failure in &verdict.failures {
        eprintln!("bulq-counts: GROWN {failure}");
    }
    eprintln!("bulq-counts: {} paths, {} have grown", costs.len(), verdict.failures.len());
    Ok(verdict.failures.is_empty())
}

fn write(file: &str, place: &str) -> Result<bool, Box<dyn Error>> {
    fs::write(file, Baseline::write(place, &counting::costs(HEAP, true)?))?;
    Ok(true)
}
