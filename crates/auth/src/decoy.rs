//! Keys that nobody has, to verify with where there is no key: the time that takes must not tell which clients there are.

use aws_lc_rs::rand;

use crate::algorithm::Algorithm;
use crate::jwk::{KeyPurpose, PublicKey};
use crate::key_set::KeySet;
use crate::material::Material;
use crate::sign::{SigningFault, SigningKey};

/// The lengths of RSA keys in use. A client with one of another length is told apart from nobody at all only by somebody
/// who knows that length and measures microseconds.
const RSA_BITS: [usize; 3] = [2048, 3072, 4096];

/// One key of every algorithm, for RSA of every usual length. Nothing that one of them verifies is ever accepted.
#[derive(Debug, Clone)]
pub struct Decoys(Vec<Decoy>);

#[derive(Debug, Clone)]
struct Decoy {
    key: PublicKey,
    jwk: String,
}

impl Decoys {
    /// Makes them. The private halves are forgotten at once, or never were.
    pub fn generate() -> Result<Self, SigningFault> {
        let mut keys = Vec::new();
        for algorithm in Algorithm::ALL {
            match algorithm {
                Algorithm::EdDsa | Algorithm::Es256 => {
                    keys.push(SigningKey::generate(algorithm)?.0.public().clone());
                }
                Algorithm::Rs256 | Algorithm::Ps256 => {
                    for bits in RSA_BITS {
                        keys.push(rsa(algorithm, bits)?);
                    }
                }
            }
        }
        Ok(Self(keys.into_iter().map(|key| Decoy { jwk: key.to_jwk_json(), key }).collect()))
    }

    /// The decoy of that algorithm whose signatures have that length.
    pub(crate) fn like(&self, algorithm: Algorithm, signature_length: usize) -> Option<&PublicKey> {
        let mut keys = self.0.iter().map(|decoy| &decoy.key);
        keys.find(|key| key.algorithm() == algorithm && key.signature_length() == signature_length)
    }

    /// A set of one decoy of that algorithm, read from its JWK.
    pub(crate) fn read_anew(&self, algorithm: Algorithm) -> KeySet {
        let decoy = self.0.iter().find(|decoy| decoy.key.algorithm() == algorithm);
        let key = decoy.and_then(|decoy| PublicKey::from_jwk(&decoy.jwk, KeyPurpose::ClientAssertion).ok());
        KeySet::try_new(key).unwrap_or_default()
    }
}

/// A random odd number in the place of a modulus: as dear to verify with as any other.
pub(crate) fn rsa(algorithm: Algorithm, bits: usize) -> Result<PublicKey, SigningFault> {
    let mut n = vec![0; bits / 8];
    rand::fill(&mut n).map_err(|_| SigningFault::NotGenerated)?;
    if let Some(first) = n.first_mut() {
        *first |= 0x80;
    }
    if let Some(last) = n.last_mut() {
        *last |= 1;
    }
    let material = Material::Rsa { n, e: vec![1, 0, 1] };
    PublicKey::try_new(None, algorithm, material).map_err(|_| SigningFault::NotGenerated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_decoy_of_every_algorithm_and_none_is_like_another() {
        let (decoys, others) = (Decoys::generate().unwrap(), Decoys::generate().unwrap());
        assert_eq!(decoys.0.len(), 2 + 2 * RSA_BITS.len());
        for algorithm in Algorithm::ALL {
            let set = decoys.read_anew(algorithm);
            let key = set.only().unwrap();
            assert_eq!(decoys.like(algorithm, key.signature_length()), Some(key));
            assert_ne!(others.like(algorithm, key.signature_length()), Some(key));
        }
    }
}
