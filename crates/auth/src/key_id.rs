//! The name of a key: `kid`.

use std::borrow::Borrow;
use std::fmt;

/// The longest key id accepted; a thumbprint has 43 characters.
const MAX_CHARACTERS: usize = 128;

/// A key id (`kid`, RFC 7515 §4.1.4): 1 to 128 visible ASCII characters without quotes and backslashes.
///
/// It is only ever compared with the ids of known keys: never a path, a query or a part of either. The narrow alphabet
/// lets it stand in a log line or an error as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// Takes `text` as a key id, or nothing if it has the wrong length or alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=MAX_CHARACTERS).contains(&text.len());
        let visible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\');
        (fits && text.bytes().all(visible)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::KeyId;

    #[test]
    fn a_key_id_is_short_and_visible() {
        for good in ["a", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "urn:key/1+2=", &"k".repeat(128)] {
            assert!(KeyId::parse(good).is_some(), "{good}");
        }
        for bad in ["", " ", "a b", "a\n", "a\0", "ключ", "a\"b", "a\\b", "a`b", &"k".repeat(129)] {
            assert!(KeyId::parse(bad).is_none(), "{bad:?}");
        }
    }
}
