//! How a command fails: text for the person at the terminal, nothing to match on.

use std::fmt;

/// What the tool's functions return.
pub type Result<T> = std::result::Result<T, Failure>;

/// What went wrong and what to do next. Usually one line.
#[derive(Debug)]
pub enum Failure {
    /// Told on standard error.
    Said(String),
    /// Nobody reads the output any more (`greenroom list | head`): nothing to tell, and nobody to tell it to.
    PipeClosed,
}

impl Failure {
    /// A failure that says `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self::Said(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => formatter.write_str(text),
            Self::PipeClosed => formatter.write_str("the output was closed"),
        }
    }
}

/// Says what was being done when a lower layer failed.
pub trait Context<T> {
    /// Turns the error into a [`Failure`] that reads `doing: cause`.
    fn context(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|cause| Failure::Said(format!("{}: {cause}", doing())))
    }
}
