use super::catalogue::Catalogue;
use super::condition::ConditionFact;
use super::conduct::{EndorsementPenalty, ListingFact, SanctionFact};
use super::operator::{EngagementFact, OperatorFact, RosterFact};
use super::rules::RuleSet;
use crate::certification::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::{CertificateId, QualificationDomainId, QualificationId, StandardId, Timestamp};
use crate::occupation::{JobType, Level};
use std::sync::Arc;

/// Everything known about one streamer that a decision may rest on. No name, no document, no birth date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whether the platform has the streamer enrolled; none for somebody who is asked about in another quality, such as an
    /// administrator.
    pub enrolment: Option<Enrolment>,
    /// What identity says.
    pub identity: IdentityFact,
    /// What certification says: every certificate of the person. The order means nothing.
    pub certificates: Vec<CertificateFact>,
    /// The professional qualifications that the platform has on file. The order means nothing.
    pub qualifications: Vec<QualificationFact>,
    /// The sanctions of the platform against the streamer, past ones too. The order means nothing.
    pub sanctions: Vec<SanctionFact>,
    /// The blocklist entries about the person, past ones too. The order means nothing.
    pub listings: Vec<ListingFact>,
    /// The penalties for false endorsement that the platform has on record, past ones too. The order means nothing.
    pub penalties: Vec<EndorsementPenalty>,
    /// The operator of the room that was asked about; none if the platform has no such operator, or none was named.
    pub operator: Option<OperatorFact>,
    /// The engagements of the streamer, past ones too. The order means nothing.
    pub engagements: Vec<EngagementFact>,
    /// The roster of the session that was asked about; none if none was.
    pub roster: Option<RosterFact>,
    /// What the platform last reported of each condition.
    pub conditions: Vec<ConditionFact>,
    /// The standards as certification told them: what job types are called.
    pub standards: Arc<Catalogue>,
    /// The edition of the legal rules to decide under.
    pub rules: Arc<RuleSet>,
}

impl Facts {
    /// A streamer of whom nothing else is known, under the default edition of the rules.
    pub fn of(enrolment: Enrolment, identity: IdentityFact, standards: Arc<Catalogue>) -> Self {
        let mut facts = Self::of_person(identity, standards);
        facts.enrolment = Some(enrolment);
        facts
    }

    /// Somebody who is asked about in another quality than a streamer's, and of whom nothing else is known.
    pub fn of_person(identity: IdentityFact, standards: Arc<Catalogue>) -> Self {
        Self {
            enrolment: None,
            identity,
            certificates: Vec::new(),
            qualifications: Vec::new(),
            sanctions: Vec::new(),
            listings: Vec::new(),
            penalties: Vec::new(),
            operator: None,
            engagements: Vec::new(),
            roster: None,
            conditions: Vec::new(),
            standards,
            rules: Arc::default(),
        }
    }
}

/// Whether a streamer is enrolled on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolment {
    /// Enrolled or withdrawn.
    pub state: EnrolmentState,
    /// Since when.
    pub since: Timestamp,
}

/// The states of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnrolmentState {
    /// The platform has registered the streamer.
    Enrolled,
    /// The platform has taken the streamer off its register.
    Withdrawn,
}

impl EnrolmentState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Enrolled, Self::Withdrawn];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enrolled => "ENROLLED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What is known about a person's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityFact {
    /// The recorded state. What time alone changes follows from the instants below.
    pub state: PersonState,
    /// Since when the recorded state holds.
    pub since: Timestamp,
    /// Until when the proof counts; the dynamic re-check is due then.
    pub evidence_until: Option<Timestamp>,
    /// When the document shown expires; none for a long-term document.
    pub document_until: Option<Timestamp>,
    /// The age band as last told.
    pub age_band: AgeBand,
    /// When the band changes to the next by itself.
    pub age_band_until: Option<Timestamp>,
    /// The guardian's consent.
    pub guardian_consent: GuardianConsent,
    /// Since when the consent stands as it does.
    pub guardian_consent_since: Option<Timestamp>,
}

impl IdentityFact {
    /// What is known about a person of whom nothing has been heard.
    pub const fn unknown(since: Timestamp) -> Self {
        Self {
            state: PersonState::Unverified,
            since,
            evidence_until: None,
            document_until: None,
            age_band: AgeBand::Unknown,
            age_band_until: None,
            guardian_consent: GuardianConsent::NotRecorded,
            guardian_consent_since: None,
        }
    }

    /// The age band at an instant and when it changes next.
    ///
    /// Once the band told has run out the person is in the next one, for no other reason than time; when that one ends
    /// is not known here until identity tells.
    pub fn age_at(&self, now: Timestamp) -> (AgeBand, Option<Timestamp>) {
        match self.age_band_until {
            Some(until) if now >= until => (self.age_band.next(), None),
            until => (self.age_band, until),
        }
    }
}

/// What is known about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFact {
    /// Which one.
    pub certificate: CertificateId,
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// What is known about its truth.
    pub state: CertificateState,
    /// Since when.
    pub since: Timestamp,
    /// When it was last confirmed.
    pub verified_at: Option<Timestamp>,
    /// Until when the last confirmation counts.
    pub evidence_until: Option<Timestamp>,
    /// When it is asked for again, after a source did not know it.
    pub retry_at: Option<Timestamp>,
    /// The standing of its issuer; none where nobody has told who issued it.
    pub issuer_standing: Option<IssuerStanding>,
    /// The review its issuer's certificates are under, where the issuer was struck off.
    pub issuer_review: Option<IssuerReview>,
}

impl CertificateFact {
    /// Whether the last confirmation no longer counts. One without a term never counted.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.evidence_until.is_none_or(|until| now >= until)
    }

    /// Whether its issuer's standing stands against it. Of an issuer that was struck off those certificates count that
    /// another source confirmed since; one that is suspended takes all of them with it. What nobody is known to have
    /// issued does not count either.
    pub fn issuer_counts(&self) -> bool {
        match self.issuer_standing {
            Some(IssuerStanding::Listed) => true,
            Some(IssuerStanding::Suspended) | None => false,
            Some(IssuerStanding::StruckOff) => {
                self.issuer_review.is_some_and(|review| review.is_passed_by(self.verified_at))
            }
        }
    }
}

/// What is known about one professional qualification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualificationFact {
    /// Which one.
    pub qualification: QualificationId,
    /// Of which subject.
    pub domain: QualificationDomainId,
    /// How it stands.
    pub state: QualificationState,
    /// Since when.
    pub since: Timestamp,
    /// When the licence ends.
    pub lapses_at: Option<Timestamp>,
    /// When it has to be checked again.
    pub recheck_at: Option<Timestamp>,
}

impl QualificationFact {
    /// Whether it counts. What time alone changed since it was told is known here.
    pub fn counts(&self, now: Timestamp) -> bool {
        let ends = self.lapses_at.into_iter().chain(self.recheck_at).min();
        self.state == QualificationState::Accepted && ends.is_none_or(|end| now < end)
    }
}

/// The feeds a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feed {
    /// The feed of the identity service.
    Identity,
    /// The feed of the certification service.
    Certification,
    /// The registry's own, by which its replicas learn of everything: streamers, policies, and what the others said.
    Registry,
}

impl Feed {
    /// The word for the service the feed comes from.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Certification => "certification",
            Self::Registry => "registry",
        }
    }
}

/// Up to when each feed is known to be applied: everything that happened there before this instant is in the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// The identity feed.
    pub identity_heard_at: Timestamp,
    /// The certification feed.
    pub certification_heard_at: Timestamp,
    /// The registry's own feed.
    pub registry_heard_at: Timestamp,
}

impl Freshness {
    /// Everything is known up to one instant.
    pub const fn all_at(instant: Timestamp) -> Self {
        Self { identity_heard_at: instant, certification_heard_at: instant, registry_heard_at: instant }
    }

    /// Each feed with the instant up to which it is applied.
    pub const fn feeds(&self) -> [(Feed, Timestamp); 3] {
        [
            (Feed::Identity, self.identity_heard_at),
            (Feed::Certification, self.certification_heard_at),
            (Feed::Registry, self.registry_heard_at),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_band_that_ran_out_is_followed_by_the_next() {
        let at = Timestamp::from_micros;
        let fact = IdentityFact {
            age_band: AgeBand::Under16,
            age_band_until: Some(at(10)),
            ..IdentityFact::unknown(at(0))
        };
        assert_eq!(fact.age_at(at(9)), (AgeBand::Under16, Some(at(10))));
        assert_eq!(fact.age_at(at(10)), (AgeBand::From16To17, None));
    }

    #[test]
    fn a_qualification_counts_while_it_is_accepted_and_up_to_its_instants() {
        let at = Timestamp::from_micros;
        let fact = |state, lapses, recheck: Option<i64>| QualificationFact {
            qualification: QualificationId::try_new("q1").unwrap(),
            domain: QualificationDomainId::try_new("law").unwrap(),
            state,
            since: at(0),
            lapses_at: lapses,
            recheck_at: recheck.map(at),
        };
        for state in QualificationState::ALL {
            assert_eq!(fact(state, None, None).counts(at(9)), state == QualificationState::Accepted);
        }
        let accepted = QualificationState::Accepted;
        assert!(fact(accepted, Some(at(10)), Some(12)).counts(at(9)));
        assert!(!fact(accepted, Some(at(10)), Some(12)).counts(at(10)));
        assert!(!fact(accepted, None, Some(10)).counts(at(10)));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in EnrolmentState::ALL {
            assert_eq!(EnrolmentState::from_code(state.code()), Some(state));
        }
    }
}
