/// What is known about a certificate. Staleness is not among the states: it is `now >= evidence_until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CertificateState {
    /// Claimed; nothing could be read out of the number.
    Claimed,
    /// Claimed, and the number does not contradict the claim.
    FormatOk,
    /// A source was asked and has not answered.
    UnderVerification,
    /// A source confirmed it.
    Verified,
    /// A source did not know it. Publication lags, so it is asked again; never "forged".
    NotFound,
    /// A source knows it for another holder or otherwise than claimed.
    Mismatch,
    /// A human being suspects a forgery.
    SuspectedForged,
    /// The issuer stopped it for a while.
    Suspended,
    /// The issuer or an authority withdrew it. Final.
    Revoked,
    /// The issuer was removed from the directory; the certificate waits for a review.
    IssuerStruckOff,
    /// The holder has obtained a higher level. Nothing but a revocation changes it.
    Superseded,
}

impl CertificateState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Claimed,
        Self::FormatOk,
        Self::UnderVerification,
        Self::Verified,
        Self::NotFound,
        Self::Mismatch,
        Self::SuspectedForged,
        Self::Suspended,
        Self::Revoked,
        Self::IssuerStruckOff,
        Self::Superseded,
    ];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Claimed => "CLAIMED",
            Self::FormatOk => "FORMAT_OK",
            Self::UnderVerification => "UNDER_VERIFICATION",
            Self::Verified => "VERIFIED",
            Self::NotFound => "NOT_FOUND",
            Self::Mismatch => "MISMATCH",
            Self::SuspectedForged => "SUSPECTED_FORGED",
            Self::Suspended => "SUSPENDED",
            Self::Revoked => "REVOKED",
            Self::IssuerStruckOff => "ISSUER_STRUCK_OFF",
            Self::Superseded => "SUPERSEDED",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether a source confirmed it.
    pub const fn is_verified(self) -> bool {
        matches!(self, Self::Verified)
    }

    /// Whether neither evidence nor a suspension changes it any more; a revocation still does.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Revoked | Self::Superseded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in CertificateState::ALL {
            assert_eq!(CertificateState::from_code(state.code()), Some(state));
        }
    }
}
