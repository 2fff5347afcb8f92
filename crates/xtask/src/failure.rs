//! How a command of this tool fails: one sentence for a person, nothing to match on.

use std::fmt;

/// What the tool's functions return.
pub type Result<T> = std::result::Result<T, Failure>;

/// What went wrong and, where it is known, what to do about it. May span several lines.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure that says `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A failure that lists `findings` under one line of text, one finding a line.
    pub fn list(text: &str, findings: &[String]) -> Self {
        Self(format!("{text}:\n  {}", findings.join("\n  ")))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Says what was being done when a lower layer failed.
pub trait Context<T> {
    /// Turns the error into a [`Failure`] that reads `doing: cause`.
    fn context(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|cause| Failure(format!("{}: {cause}", doing())))
    }
}

/// Fails with `text` and the list unless the list is empty.
pub fn none_of(text: &str, findings: &[String]) -> Result<()> {
    if findings.is_empty() { Ok(()) } else { Err(Failure::list(text, findings)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_what_was_being_done_and_the_cause() {
        let failed: std::result::Result<(), _> = Err("no such file");

        let failure = failed.context(|| "could not read `a.toml`".to_owned()).unwrap_err();

        assert_eq!(failure.to_string(), "could not read `a.toml`: no such file");
    }

    #[test]
    fn findings_are_listed_one_a_line() {
        let failure = none_of("two findings", &["first".to_owned(), "second".to_owned()]).unwrap_err();

        assert_eq!(failure.to_string(), "two findings:\n  first\n  second");
    }

    #[test]
    fn no_findings_are_no_failure() {
        assert!(none_of("nothing", &[]).is_ok());
    }
}
