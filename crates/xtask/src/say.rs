//! Progress for the person at the terminal, on standard error: standard output belongs to the tools that are run.

use std::time::Instant;

use crate::failure::{Failure, Result};

/// Prints one line.
#[expect(clippy::print_stderr, reason = "a build tool talks to the terminal; this is its one place to do so")]
pub fn line(text: &str) {
    eprintln!("xtask: {text}");
}

/// Prints why the command failed.
pub fn failed(failure: &Failure) {
    line(&format!("failed: {failure}"));
}

/// Runs one step of a command; says when it begins and how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    line(name);
    let begun = Instant::now();
    let done = work()?;
    line(&format!("{name}: done in {:.1} s", begun.elapsed().as_secs_f64()));
    Ok(done)
}
