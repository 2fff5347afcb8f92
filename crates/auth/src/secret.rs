//! Client secrets: shown once, stored hashed.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::algorithm::sha256;
use crate::base64url;

/// Marks the text as a secret of this product, so that a scanner of repositories finds it.
const PREFIX: &str = "gr_";

/// What makes these hashes differ from every other SHA-256 of the same text.
const DOMAIN: &[u8] = b"greenroom client secret v1\0";

/// The longest text that is hashed to find out that it is wrong.
const MAX_PRESENTED_BYTES: usize = 256;

/// The operating system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no secret could be generated")]
pub struct SecretFault;

/// A client secret in plain text: 256 random bits, `gr_` and 43 characters of base64url. Wiped from memory when
/// dropped, and never printed.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// Makes a secret.
    pub fn generate() -> Result<Self, SecretFault> {
        let mut bits = Zeroizing::new([0_u8; 32]);
        rand::fill(bits.as_mut()).map_err(|_| SecretFault)?;
        Ok(Self::from_bits(&bits))
    }

    /// The secret of these 256 bits, which must be as good as random: derived with a key, for instance.
    pub fn from_bits(bits: &[u8; 32]) -> Self {
        let text = Zeroizing::new(base64url::encode(bits));
        Self(Zeroizing::new([PREFIX, &text].concat()))
    }

    /// The secret itself, to be handed out once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientSecret(redacted)")
    }
}

/// The hash of a client secret.
///
/// One round of SHA-256 is enough: the secret has 256 random bits, so that guessing is hopeless at any speed, and a slow
/// hash would only let strangers buy our time.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash that was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `presented` is one of the secrets; see [`SecretHash::which_matches`].
    pub fn any_matches(hashes: impl IntoIterator<Item = Self>, presented: &str) -> bool {
        Self::which_matches(hashes, presented).is_some()
    }

    /// Which of the secrets `presented` is, by its place. It is hashed once, however many there are and also if there is
    /// none, so that the time taken does not tell whether there is anything to compare with.
    pub fn which_matches(hashes: impl IntoIterator<Item = Self>, presented: &str) -> Option<usize> {
        if presented.len() > MAX_PRESENTED_BYTES {
            return None;
        }
        let presented = Self::of(presented);
        let equal = |hash: &Self| verify_slices_are_equal(&hash.0, &presented.0).is_ok();
        // Every one is compared; that takes nothing beside the hash.
        hashes.into_iter().enumerate().filter(|(_, hash)| equal(hash)).map(|(place, _)| place).last()
    }

    /// Whether `presented` is the secret. The time taken tells nothing about how nearly it is.
    pub fn matches(&self, presented: &str) -> bool {
        Self::any_matches([*self], presented)
    }

    fn of(text: &str) -> Self {
        let whole = Zeroizing::new([DOMAIN, text.as_bytes()].concat());
        Self(sha256(&whole))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_its_form_and_matches_its_own_hash_alone() {
        let (secret, other) = (ClientSecret::generate().unwrap(), ClientSecret::generate().unwrap());
        assert_eq!((secret.expose().len(), secret.expose().starts_with("gr_")), (46, true));
        assert_eq!(base64url::decode(&secret.expose()[3..]).map(|bits| bits.len()), Some(32));
        let stored = SecretHash::from_bytes(*secret.hash().as_bytes());
        assert!(stored.matches(secret.expose()));
        let longer = format!("{}=", secret.expose());
        for wrong in [other.expose(), "", &secret.expose()[..45], &longer, &"x".repeat(1_000_000)] {
            assert!(!stored.matches(wrong));
        }
        assert!(SecretHash::any_matches([other.hash(), stored], secret.expose()));
        assert!(!SecretHash::any_matches([other.hash()], secret.expose()));
        assert!(!SecretHash::any_matches([], secret.expose()));
        assert_eq!(SecretHash::which_matches([other.hash(), stored], secret.expose()), Some(1));
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = ClientSecret::generate().unwrap();
        let printed = format!("{secret:?} {:?}", secret.hash());
        assert_eq!(printed, "ClientSecret(redacted) SecretHash(redacted)");
    }

    #[test]
    fn stored_hashes_stay_valid_across_versions() {
        let hash = SecretHash::of("gr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert_ne!(hash.as_bytes(), &sha256(b"gr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        assert_eq!(base64url::encode(hash.as_bytes()), "ot5fSH-RsNMdiBnVfoqJBBS5dW5OwreHJ8p9JQdZUkE");
    }
}
