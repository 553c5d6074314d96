//! `bulq-table`: what was measured, as a table in a document. `scripts/bench` runs it.
//!
//!   bulq-table write FOLDER DOCUMENT    puts the results of the folder into the document
//!   bulq-table half FILE                half of the peak in a file of `bulq-load --json`
//!   bulq-table half-busy FILE           the rate at which half a core would be busy, by what a unit costs there

use bulq_benches::table;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bulq-table: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<(), Box<dyn Error>> {
    match *args {
        ["write", folder, document] => write(folder, document),
        ["half", file] => rate(table::half_of_peak(&fs::read_to_string(file)?)),
        ["half-busy", file] => rate(table::rate_at_half_busy(&fs::read_to_string(file)?)),
        _ => Err("bulq-table write FOLDER DOCUMENT | half FILE | half-busy FILE".into()),
    }
}

fn write(folder: &str, document: &str) -> Result<(), Box<dyn Error>> {
    let text = table::write_into(&fs::read_to_string(document)?, Path::new(folder))?;
    Ok(fs::write(document, text)?)
}

fn rate(rate: Option<f64>) -> Result<(), Box<dyn Error>> {
    let rate = rate.ok_or("this file does not say that")?;
    Ok(writeln!(std::io::stdout(), "{rate}")?)
}
