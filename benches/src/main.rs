//! `bulq-load`: load on a server over sockets, and what it costs the server.

use bulq_benches::load;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match load::run(&load::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bulq-load: {failure}");
            ExitCode::FAILURE
        }
    }
}
