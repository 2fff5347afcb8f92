//! The signature algorithms accepted, and the two crypto calls everything rests on.

use aws_lc_rs::digest;

/// A signature algorithm (RFC 7518 §3.1, RFC 8037). There is no `none` and no shared-secret algorithm to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519: the default.
    EdDsa,
    /// ECDSA over P-256 with SHA-256, for libraries that cannot read EdDSA.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: client assertions only.
    Rs256,
    /// RSASSA-PSS with SHA-256: client assertions only.
    Ps256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::EdDsa, Self::Es256, Self::Rs256, Self::Ps256];

    /// The registered name, as `alg` carries it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The algorithm named exactly so; `Ed25519` is the fully specified name of `EdDSA` here (RFC 9864).
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::EdDsa),
            _ => Self::ALL.into_iter().find(|algorithm| algorithm.name() == name),
        }
    }

    pub(crate) const fn library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
        }
    }
}

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // INVARIANT: SHA-256 has 32 bytes; `zip` keeps the copy free of a length that could panic.
    out.iter_mut().zip(digest::digest(&digest::SHA256, bytes).as_ref()).for_each(|(to, from)| *to = *from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_nothing_unsigned_has_one() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        }
        assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::EdDsa));
        for other in
            ["none", "None", "NONE", "", "HS256", "HS512", "eddsa", "EDDSA", "es256", "ES384", "RS1", "Ed448"]
        {
            assert_eq!(Algorithm::from_name(other), None, "{other}");
        }
    }
}
