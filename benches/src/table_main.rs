//! `bulq-table`: what was measured, as a table in a document. `scripts/bench` runs it.
//!
//!   bulq-table write FOLDER DOCUMENT    puts the results of the folder into the document
//!   bulq-table half FILE                half of the peak in a file of `bulq-load --json`

use bulq_benches::table;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["write", folder, document] => write(folder, document),
        ["half", file] => half(file),
        _ => Err("bulq-table write FOLDER DOCUMENT | half FILE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bulq-table: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &str, document: &str) -> Result<(), Box<dyn Error>> {
    let text = table::write_into(&fs::read_to_string(document)?, Path::new(folder))?;
    Ok(fs::write(document, text)?)
}

fn half(file: &str) -> Result<(), Box<dyn Error>> {
    let rate = table::half_of_peak(&fs::read_to_string(file)?).ok_or("there is no peak in this file")?;
    Ok(writeln!(std::io::stdout(), "{rate}")?)
}
