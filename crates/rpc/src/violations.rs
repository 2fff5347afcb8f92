//! Everything that is wrong with a request, told at once.

use crate::fault::Fault;
use std::fmt::Display;
use tonic_types::FieldViolation;

/// How many are told one by one; the message still counts all.
const MOST_TOLD: usize = 32;

/// Field paths and what is wrong with each. Never carries a personal value.
#[derive(Debug, Default)]
pub struct Violations(Vec<(String, String)>);

impl Violations {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. `field` is a path such as `claim.document_number`.
    pub fn add(&mut self, field: impl Into<String>, said: impl Display) {
        self.0.push((field.into(), said.to_string()));
    }

    /// Takes the value, or adds what is wrong and goes on with the next field.
    pub fn take<T, E: Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|said| self.add(field, said)).ok()
    }

    /// Adds a violation unless `holds`.
    pub fn require(&mut self, holds: bool, field: &str, said: &str) {
        if !holds {
            self.add(field, said);
        }
    }

    /// The value if nothing at all is wrong. `value` is `Some` whenever there are no violations.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Fault> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(Fault::fields(self)),
        }
    }

    /// These and those of another part of the same request.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first of them: they travel in a header, and HTTP/2 bounds those.
    pub(crate) fn into_field_violations(self) -> Vec<FieldViolation> {
        self.0.into_iter().take(MOST_TOLD).map(|(field, said)| FieldViolation::new(field, said)).collect()
    }
}

impl IntoIterator for Violations {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    /// Field paths, each with what is wrong.
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
