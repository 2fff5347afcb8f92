//! Talking to the person at the terminal: results on standard output, everything else on standard error.

use crate::failure::{Failure, Result};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// The width of tables where no terminal tells one.
const PLAIN_WIDTH: u16 = 140;

/// Prints a result: one line or several.
pub fn out(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::PipeClosed,
        _ => Failure::new(format!("cannot write to standard output: {error}")),
    })
}

/// Prints a remark for people.
pub fn note(text: &str) {
    // Nobody is left to tell if this fails.
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// An empty table with a heading, as wide as the terminal.
pub fn table(heading: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.set_width(PLAIN_WIDTH);
    }
    table.set_header(heading);
    table
}

/// The steps of a longer piece of work: a spinner at a terminal, plain lines elsewhere.
#[derive(Default)]
pub struct Steps(Option<Step>);

struct Step {
    spinner: ProgressBar,
    begun: Instant,
    label: String,
}

impl Steps {
    /// Begins with nothing under way.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what is done next; what was under way is done.
    pub fn next(&mut self, label: impl Into<String>) {
        self.finish();
        let label = label.into();
        let spinner = ProgressBar::new_spinner().with_message(label.clone());
        let style = ProgressStyle::with_template("{spinner:.green} {msg} {elapsed:.dim}");
        spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        spinner.enable_steady_tick(Duration::from_millis(100));
        self.0 = Some(Step { spinner, begun: Instant::now(), label });
    }

    /// Says that what was under way is done.
    pub fn finish(&mut self) {
        self.end("done ");
    }

    fn end(&mut self, how: &str) {
        if let Some(Step { spinner, begun, label }) = self.0.take() {
            spinner.finish_and_clear();
            note(&format!("  {how} {label} ({} ms)", begun.elapsed().as_millis()));
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        // Whoever gets through says so with `finish`.
        self.end("ended");
    }
}

/// A bar for work of known size, on standard error; invisible where that is no terminal.
pub fn bar(length: u64, template: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
