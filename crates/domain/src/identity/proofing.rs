use crate::kernel::{Date, PersonId, Timestamp};
use crate::source::SourceJob;

/// One identity check that a source was asked for. Its subject is the suite-wide id of the person.
pub type ProofingJob = SourceJob<PersonId, ProofingResult>;

/// How an identity check was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProofingMethod {
    /// An administrator compared the person with the document and attests it.
    AdministratorAttestation,
    /// A deterministic source for demonstrations and tests.
    Sandbox,
    /// A configured source answered.
    Source,
}

impl ProofingMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::AdministratorAttestation, Self::Sandbox, Self::Source];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AdministratorAttestation => "ADMINISTRATOR_ATTESTATION",
            Self::Sandbox => "SANDBOX",
            Self::Source => "SOURCE",
        }
    }

    /// The method with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// How it is known that the outcome of a check is the source's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProofingAuthentication {
    /// The administrator compared person and document face to face.
    InPerson,
    /// The administrator compared them over video or from images.
    Remote,
    /// The connection to the source was authenticated on both sides.
    MutualTls,
    /// The answer is signed by the source.
    SignedAnswer,
    /// The connection was neither, and never left the machine or a protected network.
    Local,
}

impl ProofingAuthentication {
    /// Every way.
    pub const ALL: [Self; 5] =
        [Self::InPerson, Self::Remote, Self::MutualTls, Self::SignedAnswer, Self::Local];

    /// The stable code, used in storage.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InPerson => "IN_PERSON",
            Self::Remote => "REMOTE",
            Self::MutualTls => "MUTUAL_TLS",
            Self::SignedAnswer => "SIGNED_ANSWER",
            Self::Local => "LOCAL",
        }
    }

    /// The way with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

/// What came of an identity check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProofingResult {
    /// Name and document belong together and to this person.
    Match,
    /// They do not.
    Mismatch,
    /// The source knows no such document. Not the same as a forgery.
    NotFound,
    /// The source gave no answer.
    SourceUnavailable,
}

impl ProofingResult {
    /// Every result.
    pub const ALL: [Self; 4] = [Self::Match, Self::Mismatch, Self::NotFound, Self::SourceUnavailable];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Match => "MATCH",
            Self::Mismatch => "MISMATCH",
            Self::NotFound => "NOT_FOUND",
            Self::SourceUnavailable => "SOURCE_UNAVAILABLE",
        }
    }

    /// The result with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.code() == code)
    }
}

/// One identity check: dated evidence, appended and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofing {
    /// How it was made.
    pub method: ProofingMethod,
    /// Which source it was: `manual`, `sandbox`, or the name of a configured one.
    pub source: String,
    /// How it is known that the outcome is the source's own, if anybody told.
    pub authentication: Option<ProofingAuthentication>,
    /// What came of it.
    pub result: ProofingResult,
    /// When it was made.
    pub checked_at: Timestamp,
    /// Until when a match counts; the dynamic re-check (动态核验) is due then. Later than `checked_at`.
    pub fresh_until: Timestamp,
    /// SHA-256 of the artefact the outcome rests on, if there is one.
    pub artefact_sha256: Option<[u8; 32]>,
    /// The last day of validity of the document shown; none for a long-term (长期) document.
    ///
    /// Source: Resident Identity Card Law 居民身份证法: the document expires, the number is for life.
    pub document_valid_until: Option<Date>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for method in ProofingMethod::ALL {
            assert_eq!(ProofingMethod::from_code(method.code()), Some(method));
        }
        for way in ProofingAuthentication::ALL {
            assert_eq!(ProofingAuthentication::from_code(way.code()), Some(way));
        }
        for result in ProofingResult::ALL {
            assert_eq!(ProofingResult::from_code(result.code()), Some(result));
        }
    }
}
