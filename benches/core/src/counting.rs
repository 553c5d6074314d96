//! Instructions under callgrind, allocations in this process. Neither depends on the clock.

use crate::paths::{self, Path};
use std::alloc::System;
use std::fs;
use std::hint::black_box;
use std::io;
use std::process::{Command, Stdio};

pub use stats_alloc::StatsAlloc;

/// [`counted`], as valgrind knows it.
const COUNTED: &str = "bulq_bench_core::counting::counted";

/// Or the C library copies memory with what this processor does best, and counts differ from one machine to the next.
const ANY_PROCESSOR: &str = "glibc.cpu.hwcaps=-AVX,-AVX2,-ERMS,-FSRM";

/// The path of the program that is counted is as long everywhere, and its environment empty: both move its stack and heap, and
/// copying to another alignment costs other instructions (15 % of a path were seen).
const LENGTH: usize = 40;

/// What doing a thing once costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// None where there is no valgrind.
    pub instructions: Option<u64>,
    /// Of memory, in hundredths: a buffer that doubles now and then is a part of one.
    pub allocations: u64,
}

/// What every path costs, by name, in their order.
///
/// # Errors
/// If valgrind is wanted and cannot be run.
pub fn costs(heap: &StatsAlloc<System>, with_valgrind: bool) -> io::Result<Vec<(String, Cost)>> {
    let paths = paths::all();
    let instructions = if with_valgrind { instructions(&paths)? } else { Vec::new() };
    let cost = |(n, path): (usize, Path)| {
        let (allocations, instructions) = (allocations(&path, heap), instructions.get(n).copied());
        (path.name, Cost { instructions, allocations })
    };
    Ok(paths.into_iter().enumerate().map(cost).collect())
}

/// Does everything once for warmth and then as often as it is counted, for [`costs`] to look at through valgrind.
pub fn perform() {
    for path in paths::all() {
        let mut step = path.step();
        step();
        counted(path.times, &mut step);
    }
}

/// Valgrind counts in here alone.
#[inline(never)]
fn counted(times: u32, step: &mut dyn FnMut()) {
    for _ in 0..times {
        step();
    }
    // Or the last call would be a jump, and nothing would return here.
    black_box(times);
}

fn allocations(path: &Path, heap: &StatsAlloc<System>) -> u64 {
    let mut step = path.step();
    step();
    let before = heap.stats();
    counted(path.times, &mut step);
    let after = heap.stats();
    let all = after.allocations + after.reallocations - before.allocations - before.reallocations;
    all as u64 * 100 / u64::from(path.times)
}

/// One figure for each path.
fn instructions(paths: &[Path]) -> io::Result<Vec<u64>> {
    let within = std::env::temp_dir();
    let rest = LENGTH.saturating_sub(within.as_os_str().len());
    let folder = within.join(format!("bulq-counts-{:0rest$}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let figures = under_valgrind(paths, &folder);
    fs::remove_dir_all(&folder)?;
    figures
}

fn under_valgrind(paths: &[Path], folder: &std::path::Path) -> io::Result<Vec<u64>> {
    let out = folder.join("out");
    let program = folder.join("counts");
    fs::copy(std::env::current_exe()?, &program)?;
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args([format!("--toggle-collect={COUNTED}"), format!("--dump-after={COUNTED}")])
        .arg(program)
        .arg("perform")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GLIBC_TUNABLES", ANY_PROCESSOR)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("valgrind ended with {}: {said}", output.status)));
    }
    let figure = |(n, path): (usize, &Path)| {
        let dump = fs::read_to_string(folder.join(format!("out.{}", n + 1)))?;
        let totals = dump.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse::<u64>().ok());
        let totals = totals.ok_or_else(|| io::Error::other(format!("no count of {}", path.name)))?;
        Ok(totals / u64::from(path.times))
    };
    paths.iter().enumerate().map(figure).collect()
}
