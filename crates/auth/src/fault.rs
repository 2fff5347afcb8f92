//! Why a token or a client assertion was refused.

use greenroom_domain::kernel::Timestamp;

/// One of the three parts of a compact JWS (RFC 7515 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The JOSE header.
    Header,
    /// The claims.
    Claims,
    /// The signature.
    Signature,
}

impl std::fmt::Display for Part {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Signature => "signature",
        })
    }
}

/// Why a token or a client assertion was refused.
///
/// The sentences may be shown to the caller: they repeat nothing of the token but a key id of bounded, printable text,
/// and everything they tell, the caller could read in its own token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// Longer than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES); nothing of it was read.
    #[error("the token has {bytes} bytes, more than {max} allowed", max = crate::MAX_TOKEN_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not three non-empty parts between dots: garbage, an encrypted token, or an unsigned one.
    #[error("the token does not have three parts")]
    NotThreeParts,
    /// A part is not base64url without padding, or has stray bits at its end.
    #[error("the {part} of the token is not base64url")]
    NotBase64Url {
        /// Which part.
        part: Part,
    },
    /// A part is not one JSON object.
    #[error("the {part} of the token is not a JSON object")]
    NotJson {
        /// Which part.
        part: Part,
    },
    /// A part names a member twice.
    #[error("the {part} of the token names a member twice")]
    DuplicateMember {
        /// Which part.
        part: Part,
    },
    /// The header has a member that moves the choice of key or of processing to the sender (RFC 8725 §3.10).
    #[error("the header member `{name}` is not accepted")]
    HeaderNotAccepted {
        /// The member.
        name: &'static str,
    },
    /// A header member that must be text is not, or is missing.
    #[error("the header member `{name}` is missing or is not text")]
    HeaderMalformed {
        /// The member.
        name: &'static str,
    },
    /// `typ` is not that of the kind of token expected here (RFC 8725 §3.11).
    #[error("the token is of another type")]
    WrongType,
    /// `alg` is `none`, a shared-secret algorithm, or any other not accepted here.
    #[error("the signature algorithm is not accepted")]
    AlgorithmNotAccepted,
    /// `alg` is not the one its key is registered for (RFC 8725 §3.1).
    #[error("the signature algorithm is not that of the key")]
    AlgorithmMismatch,
    /// No `kid` where one is needed to choose the key.
    #[error("the token does not name its key")]
    KeyIdMissing,
    /// `kid` is not 1 to 128 visible ASCII characters.
    #[error("the key id is not 1 to 128 visible characters")]
    KeyIdMalformed,
    /// No key of that id is known; it may have been published after the key set was read.
    #[error("the key `{kid}` is not known")]
    UnknownKey {
        /// The key id.
        kid: String,
    },
    /// A claim that must be there is not.
    #[error("the claim `{name}` is missing")]
    ClaimMissing {
        /// The claim.
        name: &'static str,
    },
    /// A claim has another type or range than its definition.
    #[error("the claim `{name}` is malformed")]
    ClaimMalformed {
        /// The claim.
        name: &'static str,
    },
    /// `iss` is somebody else.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// `aud` is not exactly us.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// `sub`, `client_id` or `iss` name different clients where they must name one.
    #[error("the token names two different clients")]
    SubjectMismatch,
    /// `exp` has passed.
    #[error("the token expired at {expire_time}")]
    Expired {
        /// The instant of `exp`.
        expire_time: Timestamp,
    },
    /// `nbf` has not come, or `iat` lies in the future.
    #[error("the token is not valid before {start_time}")]
    NotYetValid {
        /// The later of the two instants.
        start_time: Timestamp,
    },
    /// `exp` does not follow `iat` and `nbf`, or follows them by more than the longest life allowed.
    #[error("the lifetime of the token is not accepted")]
    LifetimeNotAccepted,
    /// The signature is not of this key over this text.
    #[error("the signature does not verify")]
    BadSignature,
    /// The token is bound to a client certificate (RFC 8705 §3) and the connection does not show that one.
    #[error("the token is bound to a certificate that this connection does not present")]
    WrongCertificate,
    /// The token, its client or its organisation was revoked after it was issued.
    #[error("the token has been revoked")]
    Revoked,
}

impl TokenFault {
    /// Whether a fresh key set could turn the refusal: the only fault worth a refresh and a second look.
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::UnknownKey { .. })
    }
}
