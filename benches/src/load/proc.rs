//! CPU time and memory of process trees, from /proc.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Ticks of a second in /proc; the same on every Linux one meets.
const TICKS: f64 = 100.0;
const PAGE_KB: u64 = 4;

/// A process tree at an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// User and system time of the tree, and of children that ended.
    pub(super) cpu_s: f64,
    pub(super) rss_kb: u64,
}

/// Of all `roots` with their children.
pub(super) fn usage(roots: &[u32]) -> Usage {
    tree(roots).into_iter().map(of_process).fold(Usage::default(), |sum, one| Usage {
        cpu_s: sum.cpu_s + one.cpu_s,
        rss_kb: sum.rss_kb + one.rss_kb,
    })
}

/// Of one process alone.
pub(super) fn of_process(pid: u32) -> Usage {
    let fields = stat(pid);
    let tick = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    Usage { cpu_s: (11..15).map(tick).sum::<f64>() / TICKS, rss_kb: pages * PAGE_KB }
}

/// How many files a process may have open. Without limit, or where this cannot be seen: very many.
pub(super) fn open_files(pid: u32) -> usize {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.unwrap_or(usize::MAX)
}

/// How many files a process has open.
pub(super) fn handles(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

fn tree(roots: &[u32]) -> BTreeSet<u32> {
    if roots.is_empty() {
        return BTreeSet::new();
    }
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for pid in processes() {
        if let Some(parent) = stat(pid).get(1).and_then(|text| text.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut all, mut open) = (BTreeSet::new(), roots.to_vec());
    while let Some(pid) = open.pop() {
        if all.insert(pid) {
            open.extend(children.get(&pid).into_iter().flatten());
        }
    }
    all
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The fields of /proc/PID/stat behind the name, which may hold anything.
fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let behind = text.rsplit_once(')').map_or("", |(_, behind)| behind);
    behind.split_whitespace().map(str::to_owned).collect()
}
