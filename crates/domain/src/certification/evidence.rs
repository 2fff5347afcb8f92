use crate::kernel::Timestamp;

/// Where evidence about a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceSource {
    /// The roll 名册 of the issuer itself.
    IssuerRoll,
    /// The official look-up of certificates (技能人才评价证书全国联网查询), by whatever way it was asked.
    OfficialLookup,
    /// An administrator attests it, with the hash of the artefact.
    AdministratorAttestation,
    /// A deterministic source for demonstrations and tests.
    Sandbox,
}

impl EvidenceSource {
    /// Every source.
    pub const ALL: [Self; 4] =
        [Self::IssuerRoll, Self::OfficialLookup, Self::AdministratorAttestation, Self::Sandbox];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IssuerRoll => "ISSUER_ROLL",
            Self::OfficialLookup => "OFFICIAL_LOOKUP",
            Self::AdministratorAttestation => "ADMINISTRATOR_ATTESTATION",
            Self::Sandbox => "SANDBOX",
        }
    }

    /// The source with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }
}

/// What a source said about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceResult {
    /// Number, holder, job type and level are as claimed.
    Match,
    /// The certificate exists, but not for this holder or not as claimed.
    Mismatch,
    /// The source knows no such certificate. **Not** the same as a forgery: publication lags.
    NotFound,
    /// The source gave no answer.
    SourceUnavailable,
    /// The source says that the certificate was withdrawn.
    Revoked,
}

impl EvidenceResult {
    /// Every result.
    pub const ALL: [Self; 5] =
        [Self::Match, Self::Mismatch, Self::NotFound, Self::SourceUnavailable, Self::Revoked];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::Mismatch => "MISMATCH",
            Self::NotFound => "NOT_FOUND",
            Self::SourceUnavailable => "SOURCE_UNAVAILABLE",
            Self::Revoked => "REVOKED",
        }
    }

    /// The result with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.code() == code)
    }
}

/// Who stands behind evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// The organisation that issued the certificate. What speaks against its own certificate is believed; what speaks
    /// for it is said in its roll and nowhere else.
    Issuer,
    /// Somebody else, such as a regulator.
    Independent,
}

impl Witness {
    /// Every witness.
    pub const ALL: [Self; 2] = [Self::Issuer, Self::Independent];

    /// The stable code, used in storage.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Issuer => "ISSUER",
            Self::Independent => "INDEPENDENT",
        }
    }

    /// The witness with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|witness| witness.code() == code)
    }
}

/// One check of a certificate: dated evidence, appended and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Who said it.
    pub source: EvidenceSource,
    /// Who attests that the source said it.
    pub witness: Witness,
    /// What was said.
    pub result: EvidenceResult,
    /// When it was said.
    pub checked_at: Timestamp,
    /// Until when a match counts. Later than `checked_at`.
    pub fresh_until: Timestamp,
    /// SHA-256 of the artefact the outcome rests on, if there is one.
    pub artefact_sha256: Option<[u8; 32]>,
}

impl Evidence {
    /// Whether a conclusion is drawn from it. An outage of the source says nothing; and an issuer does not speak for the
    /// official look-up or an administrator in favour of its own certificate.
    pub const fn concludes(&self) -> bool {
        let own_praise = matches!(
            (self.witness, self.source, self.result),
            (
                Witness::Issuer,
                EvidenceSource::OfficialLookup | EvidenceSource::AdministratorAttestation,
                EvidenceResult::Match
            )
        );
        !own_praise && !matches!(self.result, EvidenceResult::SourceUnavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for source in EvidenceSource::ALL {
            assert_eq!(EvidenceSource::from_code(source.code()), Some(source));
        }
        for witness in Witness::ALL {
            assert_eq!(Witness::from_code(witness.code()), Some(witness));
        }
        for result in EvidenceResult::ALL {
            assert_eq!(EvidenceResult::from_code(result.code()), Some(result));
        }
    }
}
