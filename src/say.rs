//! What the program says to the person who started it. Logs go elsewhere: to stderr, by way of `tracing`.

use std::io::Write;

/// A line on standard output. A reader that went away is no reason to fail.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line on standard error.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "bulq: {}", text.replace('\n', " "));
}
