//! `cargo bench --bench load`: a short round of everything on a server of its own, or `-- --url … SCENARIO`.
//!
//! The server is `target/release/bulq`: build it first.

use bulq_benches::load::{self, Args};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // A filter meant for the other benches, or flags of theirs.
            eprintln!("load: not for this bench\n{error}");
            return ExitCode::SUCCESS;
        }
    };
    if args.url.is_none() && args.start.is_none() {
        args.start = release_binary();
    }
    if args.url.is_none() && args.start.is_none() {
        eprintln!("load: there is no target/release/bulq; build it with: cargo build --release");
        return ExitCode::SUCCESS;
    }
    match load::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// `target/release/bulq`, beside this bench in `target/release/deps`.
fn release_binary() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.parent()?.parent()?.join("bulq");
    path.is_file().then_some(path)
}
