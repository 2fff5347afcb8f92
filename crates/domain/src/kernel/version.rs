use std::fmt;

/// The version of a stored value, for optimistic concurrency.
///
/// A value carries the version it was *read* at, and a transition keeps it: the store writes only if the row still has
/// that version, and sets [`Version::next`]. A conflict is the store's to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// The version of a value that was just created.
    pub const FIRST: Self = Self(1);

    /// A version read from storage or from an entity tag.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The plain number, as stored.
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_only_grow() {
        assert_eq!(Version::FIRST.next(), Version::new(2));
        assert!(Version::FIRST.next() > Version::FIRST);
        assert_eq!(Version::new(i64::MAX).next().as_i64(), i64::MAX);
    }
}
