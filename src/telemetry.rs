//! Logs and figures.

use crate::config::LogFormat;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

/// Logs go to stderr. `RUST_LOG` chooses what; without it, `info`, and nothing of what actix has to say of the requests and frames
/// of strangers: a line for each would be a way to fill a disk. The first call in a process counts.
pub fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,actix_server=warn,actix_http=off"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // An embedding program, or an earlier server in this process, may have its own.
    let _ = match format {
        LogFormat::Pretty => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// Figures of this process. The `metrics` facade knows one recorder per process, so two servers share it.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

const COMMIT_SECONDS: &[f64] = &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
const BATCH: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// A way to the figures. Cheap to clone.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Starts counting, or joins in if this process counts already.
    #[must_use]
    pub fn of_process() -> Self {
        Self(RECORDER.get_or_init(start).clone())
    }

    /// Prometheus text, with gauges that are read rather than counted.
    #[must_use]
    pub fn render(&self, runs: usize, undurable_bytes: usize) -> String {
        metrics::gauge!("bulq_runs_in_memory").set(as_f64(runs));
        metrics::gauge!("bulq_undurable_bytes").set(as_f64(undurable_bytes));
        self.0.run_upkeep();
        self.0.render()
    }

    /// To be called now and then, so that histograms nobody reads do not grow.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn start() -> PrometheusHandle {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let batch = Matcher::Prefix("bulq_commit_batch".to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(seconds, COMMIT_SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(batch, BATCH))
        .expect("the buckets are not empty")
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("this process has a recorder of figures already; /metrics stays empty");
    }
    handle
}
