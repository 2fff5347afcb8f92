use crate::kernel::Date;

/// A place where an issuer assesses 考点, as its certificate numbers spell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The six characters `0-9`, `A-Z` that the province gave it.
    pub sequence: String,
    /// The two digits of the province it lies in (GB/T 2260).
    pub province: String,
    /// What it is called.
    pub name: String,
    /// The first day.
    pub from: Date,
    /// The last day, counted whole; none while it is open.
    pub to: Option<Date>,
}

impl Site {
    /// Whether it is open on a day.
    pub fn is_open(&self, on: Date) -> bool {
        self.from <= on && self.to.is_none_or(|last| on <= last)
    }

    /// Whether the characters could be those of a site.
    pub fn is_sequence(text: &str) -> bool {
        text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    }
}
