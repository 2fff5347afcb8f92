use super::facts::{CertificateFact, IdentityFact};
use crate::certification::{CertificateState, IssuerStanding};
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::{CertificateId, ClientId, IssuerId, OrganizationId, PersonId, StandardId, Timestamp};
use crate::occupation::{JobType, Level};

/// What the identity service last said about a person, without anything personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonStanding {
    /// The person with the suite-wide id.
    pub person: PersonId,
    /// How well the identity is proven.
    pub state: PersonState,
    /// Since when.
    pub since: Timestamp,
    /// Until when the proof counts.
    pub evidence_until: Option<Timestamp>,
    /// The age band.
    pub age_band: AgeBand,
    /// When the person leaves that band.
    pub age_band_until: Option<Timestamp>,
    /// The version at the identity service. Of two standings the one with the higher version holds.
    pub version: i64,
}

impl PersonStanding {
    /// What a decision takes from it.
    pub const fn fact(&self) -> IdentityFact {
        IdentityFact {
            state: self.state,
            since: self.since,
            evidence_until: self.evidence_until,
            document_until: None,
            age_band: self.age_band,
            age_band_until: self.age_band_until,
            guardian_consent: GuardianConsent::NotRecorded,
            guardian_consent_since: None,
        }
    }
}

/// What the certification service last said about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateStanding {
    /// Which one.
    pub certificate: CertificateId,
    /// The holder with the suite-wide id.
    pub holder: PersonId,
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// Who issued it.
    pub issuer: IssuerId,
    /// What is known about its truth.
    pub state: CertificateState,
    /// Since when.
    pub since: Timestamp,
    /// When a source last confirmed it.
    pub verified_at: Option<Timestamp>,
    /// Until when that counts.
    pub evidence_until: Option<Timestamp>,
    /// When a look-up is worth repeating.
    pub retry_at: Option<Timestamp>,
    /// The version at the certification service.
    pub version: i64,
}

impl CertificateStanding {
    /// What a decision takes from it, together with the standing of its issuer.
    pub fn fact(&self, issuer_standing: IssuerStanding) -> CertificateFact {
        CertificateFact {
            certificate: self.certificate.clone(),
            standard: self.standard.clone(),
            job_type: self.job_type,
            level: self.level,
            state: self.state,
            since: self.since,
            verified_at: self.verified_at,
            evidence_until: self.evidence_until,
            retry_at: self.retry_at,
            issuer_standing,
        }
    }
}

/// What the certification service last said about an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerStandingFact {
    /// Which one.
    pub issuer: IssuerId,
    /// Its standing.
    pub standing: IssuerStanding,
    /// The version at the certification service.
    pub version: i64,
}

/// Whose tokens are refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallerName {
    /// One client.
    Client(ClientId),
    /// Every client of an organization.
    Organization(OrganizationId),
}

impl CallerName {
    /// The resource name.
    pub fn name(&self) -> String {
        match self {
            Self::Client(client) => client.name(),
            Self::Organization(organization) => organization.name(),
        }
    }

    /// Reads a resource name.
    pub fn parse_name(name: &str) -> Option<Self> {
        let client = ClientId::parse_name(name).ok().map(Self::Client);
        client.or_else(|| OrganizationId::parse_name(name).ok().map(Self::Organization))
    }
}

/// A client or organization whose tokens are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerStanding {
    /// Whose.
    pub caller: CallerName,
    /// Tokens issued before this instant are refused.
    pub tokens_valid_from: Timestamp,
}

/// One thing another service said, as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mirrored {
    /// Of a person.
    Person(PersonStanding),
    /// Of a certificate.
    Certificate(CertificateStanding),
    /// Of an issuer.
    Issuer(IssuerStandingFact),
    /// Of a caller.
    Caller(CallerStanding),
}
