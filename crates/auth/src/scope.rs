//! Scopes: what a client asked to be allowed (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;

/// The most scopes a token carries.
const MAX_SCOPES: usize = 64;

/// The longest scope, in characters.
const MAX_CHARACTERS: usize = 64;

/// A text is not a list of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("scopes are 1 to 64 words of 1 to 64 visible characters, divided by single spaces")]
pub struct ScopeFault;

/// A set of scopes; written as words divided by single spaces, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads the written form. Empty lists, double spaces, and characters that RFC 6749 bars are refused; a scope named
    /// twice counts once.
    pub fn parse(text: &str) -> Result<Self, ScopeFault> {
        Self::try_new(text.split(' '))
    }

    /// A set of the given scopes, at least one.
    pub fn try_new<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopeFault> {
        let mut set = BTreeSet::new();
        for scope in scopes {
            if !is_scope(scope) || set.len() >= MAX_SCOPES {
                return Err(ScopeFault);
            }
            set.insert(scope.to_owned());
        }
        if set.is_empty() { Err(ScopeFault) } else { Ok(Self(set)) }
    }

    /// Whether `scope` is among them, exactly.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Whether each of them is also in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Those of them that are also in `other`.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there are none; such a set cannot be put into a token.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            formatter.write_str(if position == 0 { "" } else { " " })?;
            formatter.write_str(scope)?;
        }
        Ok(())
    }
}

/// `scope-token` of RFC 6749 §3.3: visible ASCII without the double quote and the backslash.
fn is_scope(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=MAX_CHARACTERS).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set_and_written_in_order() {
        let scopes = Scopes::parse("registry.check identity.read registry.check").unwrap();
        assert_eq!(scopes.to_string(), "identity.read registry.check");
        assert!(scopes.contains("identity.read") && !scopes.contains("identity") && !scopes.contains(""));
        assert_eq!(Scopes::parse(&scopes.to_string()), Ok(scopes));
    }

    #[test]
    fn a_list_that_two_readers_could_split_differently_is_refused() {
        let many = (0..65).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
        for bad in ["", " ", "a  b", " a", "a ", "a\tb", "a\nb", "a\"b", "a\\b", "é", &"a".repeat(65), &many]
        {
            assert_eq!(Scopes::parse(bad), Err(ScopeFault), "{bad:?}");
        }
    }

    #[test]
    fn a_client_gets_no_more_than_it_is_allowed() {
        let (asked, allowed) = (Scopes::parse("a b").unwrap(), Scopes::parse("b c").unwrap());
        assert!(!asked.is_subset(&allowed));
        assert_eq!(asked.intersection(&allowed).to_string(), "b");
        assert!(asked.intersection(&Scopes::default()).is_empty());
    }
}
