use super::catalogue::StandardStanding;
use super::facts::{CertificateFact, IdentityFact, QualificationFact};
use crate::certification::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::{
    CertificateId, ClientId, IssuerId, OrganizationId, PersonId, QualificationDomainId, QualificationId,
    StandardId, Timestamp,
};
use crate::occupation::{JobType, Level};
use std::time::Duration;

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
    /// When the document shown expires; none for a long-term document, or where nobody told.
    pub document_until: Option<Timestamp>,
    /// The age band.
    pub age_band: AgeBand,
    /// When the person leaves that band.
    pub age_band_until: Option<Timestamp>,
    /// Whether a guardian agreed.
    pub guardian_consent: GuardianConsent,
    /// Since when the guardian's word stands as it does.
    pub guardian_consent_since: Option<Timestamp>,
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
            document_until: self.document_until,
            age_band: self.age_band,
            age_band_until: self.age_band_until,
            guardian_consent: self.guardian_consent,
            guardian_consent_since: self.guardian_consent_since,
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
    /// What a decision takes from it, together with what is known of its issuer. One that nobody has told of stands for
    /// nothing, neither for the certificate nor against it.
    pub fn fact(&self, issuer: Option<&IssuerStandingFact>) -> CertificateFact {
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
            issuer_standing: issuer.map(|known| known.standing),
            issuer_review: issuer.and_then(|known| known.review),
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
    /// The review its certificates are under, where it was struck off.
    pub review: Option<IssuerReview>,
    /// The version at the certification service.
    pub version: i64,
}

/// What the certification service last said about a professional qualification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualificationStanding {
    /// Which one.
    pub qualification: QualificationId,
    /// The holder with the suite-wide id.
    pub holder: PersonId,
    /// Of which subject.
    pub domain: QualificationDomainId,
    /// Who has it on file: it counts there.
    pub organization: OrganizationId,
    /// How it stands.
    pub state: QualificationState,
    /// Since when.
    pub since: Timestamp,
    /// When the licence ends.
    pub lapses_at: Option<Timestamp>,
    /// When it has to be checked again.
    pub recheck_at: Option<Timestamp>,
    /// The version at the certification service.
    pub version: i64,
}

impl QualificationStanding {
    /// What a decision takes from it.
    pub fn fact(&self) -> QualificationFact {
        QualificationFact {
            qualification: self.qualification.clone(),
            domain: self.domain.clone(),
            state: self.state,
            since: self.since,
            lapses_at: self.lapses_at,
            recheck_at: self.recheck_at,
        }
    }
}

/// Whose tokens are refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Tokens issued up to this instant are refused.
    pub tokens_valid_from: Timestamp,
    /// The version at the identity service.
    pub version: i64,
}

impl CallerStanding {
    /// Whether this is news to whoever knows `known` about the same caller.
    ///
    /// What was taken from a client is never given back, so its instant only grows. An organization can be reinstated, so
    /// its higher version holds, whatever the instant.
    pub fn supersedes(&self, known: &Self) -> bool {
        match self.caller {
            CallerName::Client(_) => self.tokens_valid_from > known.tokens_valid_from,
            CallerName::Organization(_) => self.version > known.version,
        }
    }
}

/// One token that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedToken {
    /// Its id (`jti`).
    pub token_id: TokenId,
    /// When the token ends by itself.
    pub expires_at: Timestamp,
}

impl RevokedToken {
    /// For how long it is remembered after its end: longer than any two clocks of a suite lie apart.
    pub const KEPT_BEYOND_END: Duration = Duration::from_mins(5);

    /// Whether nobody needs to remember it any longer.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now.minus(Self::KEPT_BEYOND_END)
    }
}

/// The id of a token: 1 to 128 visible ASCII characters, as the tokens of the suite carry it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(String);

impl TokenId {
    /// The longest id.
    const LONGEST: usize = 128;

    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
    /// Of a professional qualification.
    Qualification(QualificationStanding),
    /// Of a standard.
    Standard(StandardStanding),
    /// Of a caller.
    Caller(CallerStanding),
    /// Of one token.
    Token(RevokedToken),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(caller: CallerName, instant: i64, version: i64) -> CallerStanding {
        CallerStanding { caller, tokens_valid_from: Timestamp::from_micros(instant), version }
    }

    #[test]
    fn a_client_only_loses_and_an_organization_is_what_its_newest_version_says() {
        let client = |instant, version| {
            standing(CallerName::Client(ClientId::try_new("one").unwrap()), instant, version)
        };
        assert!(client(2, 1).supersedes(&client(1, 9)));
        assert!(!client(1, 9).supersedes(&client(1, 1)) && !client(1, 9).supersedes(&client(2, 1)));
        let shop = |instant, version| {
            standing(CallerName::Organization(OrganizationId::try_new("shop").unwrap()), instant, version)
        };
        assert!(shop(1, 3).supersedes(&shop(9, 2)));
        assert!(!shop(9, 2).supersedes(&shop(1, 2)) && !shop(9, 1).supersedes(&shop(1, 2)));
    }

    #[test]
    fn a_token_is_remembered_beyond_its_end() {
        let end = Timestamp::from_micros(1_000_000_000);
        let token = RevokedToken { token_id: TokenId::parse("t").unwrap(), expires_at: end };
        let last = end.plus(RevokedToken::KEPT_BEYOND_END);
        assert!(!token.is_over(end) && !token.is_over(last.minus(Duration::from_micros(1))));
        assert!(token.is_over(last));
    }

    #[test]
    fn a_token_id_is_short_and_visible() {
        assert_eq!(TokenId::parse("0199-a.b").map(|id| id.as_str().len()), Some(8));
        for text in ["", "a b", "令牌", "a\n", &"x".repeat(129)] {
            assert_eq!(TokenId::parse(text), None);
        }
    }
}
