use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use thiserror::Error;

/// A collection of resources, in the sense of AIP-122: the first half of a resource name.
pub trait Collection {
    /// The collection's identifier: lower camel case, plural, such as `liveSessions`.
    const COLLECTION: &'static str;
}

/// The id of a resource in the collection `K`.
///
/// 1 to 63 characters: small letters, digits and inner hyphens, so that it fits a resource name, a file name and a DNS
/// label. Opaque: nothing may be read out of it.
pub struct Id<K> {
    text: Box<str>,
    kind: PhantomData<fn() -> K>,
}

/// Why something is not an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdFault {
    /// The id itself is malformed.
    #[error("`{given}` is not an id: 1 to 63 small letters, digits and inner hyphens are expected")]
    Text {
        /// What was given, cut to a length that fits a message.
        given: String,
    },
    /// The name is not of the form `collection/id`.
    #[error("`{given}` is not a name of the form `{collection}/…`")]
    Name {
        /// The collection that was expected.
        collection: &'static str,
        /// What was given, cut to a length that fits a message.
        given: String,
    },
}

/// The longest id, the length of a DNS label.
const LONGEST: usize = 63;

impl<K> Id<K> {
    /// An id, if the text is one.
    pub fn try_new(text: &str) -> Result<Self, IdFault> {
        if is_id(text) {
            return Ok(Self { text: text.into(), kind: PhantomData });
        }
        Err(IdFault::Text { given: excerpt(text) })
    }

    /// The id as text, without its collection.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<K: Collection> Id<K> {
    /// The resource name, such as `persons/x` (AIP-122).
    pub fn name(&self) -> String {
        format!("{}/{}", K::COLLECTION, self.text)
    }

    /// Reads a resource name such as `persons/x`.
    pub fn parse_name(name: &str) -> Result<Self, IdFault> {
        let id = name.strip_prefix(K::COLLECTION).and_then(|rest| rest.strip_prefix('/'));
        match id {
            Some(id) if is_id(id) => Ok(Self { text: id.into(), kind: PhantomData }),
            _ => Err(IdFault::Name { collection: K::COLLECTION, given: excerpt(name) }),
        }
    }
}

fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(plain) && text.bytes().next_back().is_some_and(plain);
    ends && text.len() <= LONGEST && text.bytes().all(|b| plain(b) || b == b'-')
}

/// Enough of the input to recognise it; a whole document pasted into a field does not belong in a message.
fn excerpt(given: &str) -> String {
    given.chars().filter(|c| !c.is_control()).take(LONGEST + 17).collect()
}

// The traits are written out because a derive would demand them of `K`, which is never a value.

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.text)
    }
}

/// The id without its collection.
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::{PersonId, StreamerId};

    #[test]
    fn a_name_is_the_collection_and_the_id() {
        let id = PersonId::try_new("mina-01").unwrap();
        assert_eq!(id.name(), "persons/mina-01");
        assert_eq!(PersonId::parse_name("persons/mina-01"), Ok(id));
    }

    #[test]
    fn a_name_of_another_collection_is_refused() {
        let fault = PersonId::parse_name("issuers/mina").unwrap_err();
        assert_eq!(fault.to_string(), "`issuers/mina` is not a name of the form `persons/…`");
        for name in ["persons", "persons/", "persons/a/b", "persons/A", "/persons/a", "personsx/a", ""] {
            assert!(PersonId::parse_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn an_id_begins_and_ends_with_a_letter_or_digit() {
        for text in ["a", "0", "a-b", "0199b7f2-77aa-7aaa-8aaa-0123456789ab", &"a".repeat(63)] {
            assert!(StreamerId::try_new(text).is_ok(), "{text}");
        }
        for text in ["", "-a", "a-", "A", "a_b", "ä", "a b", &"a".repeat(64)] {
            assert!(StreamerId::try_new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_message_never_repeats_an_endless_input() {
        assert!(StreamerId::try_new(&"x".repeat(10_000)).unwrap_err().to_string().len() < 200);
    }
}
