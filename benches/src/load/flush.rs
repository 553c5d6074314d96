//! How long the disk takes to keep something, measured beside what waits for it.

use super::Failure;
use hdrhistogram::Histogram;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seldom enough to be no load.
const PACE: Duration = Duration::from_millis(50);
/// What a database writes at least.
const BLOCK: [u8; 4096] = [7; 4096];
const LONGEST_US: u64 = 60_000_000;

/// A thread that writes a block and flushes it, again and again, until this is dropped.
pub(super) struct Flushes {
    took_us: Arc<Mutex<Histogram<u64>>>,
    ended: Arc<AtomicBool>,
    file: PathBuf,
}

impl Flushes {
    /// Into a file of its own in this folder.
    pub(super) fn begin(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(format!("bulq-load-flush-{}", std::process::id()));
        let file = File::create(&path)?;
        let took_us = Arc::new(Mutex::new(Histogram::new_with_max(LONGEST_US, 3)?));
        let ended = Arc::new(AtomicBool::new(false));
        let flushes = Self { took_us, ended, file: path };
        let (took_us, ended) = (flushes.took_us.clone(), flushes.ended.clone());
        std::thread::spawn(move || {
            // A full disk ends the probe; the windows then say nothing about it.
            while let Ok(took) = flush(&file)
                && !ended.load(Ordering::Relaxed)
            {
                let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                took_us.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(us);
                std::thread::sleep(PACE);
            }
        });
        Ok(flushes)
    }

    /// A window begins.
    pub(super) fn forget(&self) {
        self.took_us.lock().unwrap_or_else(PoisonError::into_inner).reset();
    }

    pub(super) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.took_us.lock().unwrap_or_else(PoisonError::into_inner).value_at_quantile(quantile) as f64 / 1e3
    }
}

impl Drop for Flushes {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = std::fs::remove_file(&self.file);
    }
}

fn flush(file: &File) -> io::Result<Duration> {
    let begin = Instant::now();
    file.write_all_at(&BLOCK, 0)?;
    file.sync_data()?;
    Ok(begin.elapsed())
}
