//! What is wrong with a file, with the line of each.

use std::fmt::Display;
use std::ops::Range;

/// Everything that is wrong with one file.
pub struct Notes<'a> {
    file: &'a str,
    text: &'a str,
    faults: Vec<String>,
}

impl<'a> Notes<'a> {
    /// Nothing yet.
    pub const fn of(file: &'a str, text: &'a str) -> Self {
        Self { file, text, faults: Vec::new() }
    }

    /// Notes a fault at a place in the text, or of the file as a whole.
    pub fn add(&mut self, at: Option<&Range<usize>>, why: impl Display) {
        let place = match at.and_then(|at| self.text.get(..at.start)) {
            Some(before) => format!("`{}`, line {}", self.file, before.matches('\n').count() + 1),
            None => format!("`{}`", self.file),
        };
        self.faults.push(format!("{place}: {why}"));
    }

    /// The value, unless something is wrong with it.
    pub fn take<T, E: Display>(&mut self, at: &Range<usize>, value: Result<T, E>) -> Option<T> {
        value.map_err(|why| self.add(Some(at), why)).ok()
    }

    /// Notes a fault unless something holds. Tells whether it does.
    pub fn require(&mut self, holds: bool, at: &Range<usize>, why: impl Display) -> bool {
        if !holds {
            self.add(Some(at), why);
        }
        holds
    }

    /// Whether nothing was noted so far.
    pub const fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// What was read, or everything that is wrong.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<String>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }
}
