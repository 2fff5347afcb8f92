//! Facts of the other services as the registry keeps them.
//!
//! A state that this program does not know, because the other service is newer, counts as the strictest one known: it
//! must never let anybody sell.

use super::standard;
use greenroom_auth::{LEEWAY, MAX_TOKEN_LIFETIME, NO_TOKEN};
use greenroom_domain::kernel::{CertificateId, Collection, Id, Timestamp};
use greenroom_domain::occupation::JobType;
use greenroom_domain::registry::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::registry::{
    CallerName, CallerStanding, CertificateStanding, IssuerStandingFact, Mirrored, PersonStanding,
    QualificationStanding, RevokedToken, TokenId,
};
use greenroom_domain::registry::{CertificateState, IssuerReview, IssuerStanding, QualificationState};
use greenroom_proto::certification::v1::{self as certification, CertificationEvent, certification_fact};
use greenroom_proto::identity::v1::{self as identity, IdentityEvent, identity_fact};
use greenroom_rpc::wire::instant;

/// What another service said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Something to be kept as it is.
    Plain(Mirrored),
    /// Something about a certificate that this program cannot read, such as a level it does not know.
    Unreadable(Unreadable),
}

/// News of a certificate that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which one.
    pub certificate: CertificateId,
    since: Timestamp,
    version: i64,
}

impl Unreadable {
    /// The certificate as it was known, and suspended: what it says now may be anything.
    pub fn suspend(&self, known: &CertificateStanding) -> CertificateStanding {
        CertificateStanding {
            state: CertificateState::Suspended,
            since: self.since,
            version: self.version,
            ..known.clone()
        }
    }
}

/// What an event of the identity service means here, if anything.
pub fn identity(event: &IdentityEvent) -> Option<Said> {
    identity_said(event).map(Said::Plain)
}

fn identity_said(event: &IdentityEvent) -> Option<Mirrored> {
    let committed = at(event.commit_time.as_ref());
    match event.fact.as_ref()?.fact.as_ref()? {
        identity_fact::Fact::Person(fact) => person(fact, committed),
        identity_fact::Fact::Client(fact) => client(fact, committed),
        identity_fact::Fact::Organization(fact) => organization(fact),
        identity_fact::Fact::RevokedToken(fact) => revoked_token(fact, committed),
        // Keys are fetched, see `signing_key`; the rest is told of persons in their own fact.
        identity_fact::Fact::SigningKey(_)
        | identity_fact::Fact::PairwiseName(_)
        | identity_fact::Fact::Proofing(_)
        | identity_fact::Fact::GuardianConsent(_)
        | identity_fact::Fact::ProofingJob(_) => None,
    }
}

/// The key of tokens that an event of the identity service is about, and from when on it is published no more.
pub fn signing_key(event: &IdentityEvent) -> Option<(&str, Option<Timestamp>)> {
    match event.fact.as_ref()?.fact.as_ref()? {
        identity_fact::Fact::SigningKey(fact) => Some((&fact.key_id, at(fact.retired_from_time.as_ref()))),
        _ => None,
    }
}

/// What an event of the certification service means here, if anything.
pub fn certification(event: &CertificationEvent) -> Option<Said> {
    let committed = at(event.commit_time.as_ref());
    match event.fact.as_ref()?.fact.as_ref()? {
        certification_fact::Fact::Issuer(fact) => issuer(fact).map(Said::Plain),
        certification_fact::Fact::Qualification(fact) => qualification(fact, committed).map(Said::Plain),
        certification_fact::Fact::Certificate(fact) => certificate(fact, committed),
        certification_fact::Fact::Standard(fact) => {
            standard::of_upstream(fact).map(|told| Said::Plain(Mirrored::Standard(told)))
        }
        // Who is being assessed sells nothing yet, and who claims a certificate or is asked about it is nothing to the
        // registry: the certificate speaks for itself.
        certification_fact::Fact::Application(_)
        | certification_fact::Fact::RollImport(_)
        | certification_fact::Fact::CertificateClaim(_)
        | certification_fact::Fact::CertificateEvidence(_)
        | certification_fact::Fact::VerificationJob(_) => None,
    }
}

/// One that was struck off without a word about a review counts for nothing.
fn issuer(fact: &certification::IssuerFact) -> Option<Mirrored> {
    let times = [&fact.struck_off_time, &fact.review_from_time, &fact.review_until_time];
    let review = match times.map(|time| at(time.as_ref())) {
        [Some(struck_off_at), Some(begins), Some(ends)] => Some(IssuerReview { struck_off_at, begins, ends }),
        _ => None,
    };
    Some(Mirrored::Issuer(IssuerStandingFact {
        issuer: id(&fact.issuer)?,
        standing: standing(fact.standing),
        review,
        version: fact.version,
    }))
}

fn qualification(fact: &certification::QualificationFact, committed: Option<Timestamp>) -> Option<Mirrored> {
    Some(Mirrored::Qualification(QualificationStanding {
        qualification: id(&fact.qualification)?,
        holder: id(&fact.holder)?,
        domain: id(&fact.domain)?,
        organization: id(&fact.organization)?,
        state: qualification_state(fact.state),
        since: at(fact.state_since_time.as_ref()).or(committed)?,
        lapses_at: at(fact.lapse_time.as_ref()),
        recheck_at: at(fact.recheck_time.as_ref()),
        version: fact.version,
    }))
}

fn client(fact: &identity::ClientFact, committed: Option<Timestamp>) -> Option<Mirrored> {
    let active = fact.state == i32::from(identity::ClientState::Active);
    let told = at(fact.tokens_valid_from.as_ref());
    let from = told.max(committed.filter(|_| !active))?;
    Some(caller(CallerName::Client(id(&fact.client)?), from, fact.version))
}

/// An organization that takes part and never was suspended is not kept: nothing of it is refused.
fn organization(fact: &identity::OrganizationFact) -> Option<Mirrored> {
    let active = fact.state == i32::from(identity::OrganizationState::Active);
    let told = at(fact.tokens_valid_from.as_ref());
    let from = if active { told? } else { NO_TOKEN };
    Some(caller(CallerName::Organization(id(&fact.organization)?), from, fact.version))
}

fn caller(caller: CallerName, tokens_valid_from: Timestamp, version: i64) -> Mirrored {
    Mirrored::Caller(CallerStanding { caller, tokens_valid_from, version })
}

/// A token whose end is not told may live as long as any.
fn revoked_token(fact: &identity::RevokedTokenFact, committed: Option<Timestamp>) -> Option<Mirrored> {
    let latest = committed.map(|committed| committed.plus(MAX_TOKEN_LIFETIME).plus(LEEWAY));
    let expires_at = at(fact.expire_time.as_ref()).or(latest)?;
    Some(Mirrored::Token(RevokedToken { token_id: TokenId::parse(&fact.token_id)?, expires_at }))
}

fn person(fact: &identity::PersonFact, committed: Option<Timestamp>) -> Option<Mirrored> {
    Some(Mirrored::Person(PersonStanding {
        person: id(&fact.person)?,
        state: person_state(fact.state),
        since: at(fact.state_since.as_ref()).or(committed)?,
        evidence_until: at(fact.evidence_until_time.as_ref()),
        document_until: at(fact.document_until_time.as_ref()),
        age_band: age_band(fact.age_band),
        age_band_until: at(fact.age_band_until_time.as_ref()),
        guardian_consent: guardian_consent(fact.guardian_consent),
        guardian_consent_since: at(fact.guardian_consent_since_time.as_ref()),
        version: fact.version,
    }))
}

fn certificate(fact: &certification::CertificateFact, committed: Option<Timestamp>) -> Option<Said> {
    let certificate: CertificateId = id(&fact.certificate)?;
    let since = at(fact.state_since_time.as_ref()).or(committed)?;
    let unreadable = Unreadable { certificate: certificate.clone(), since, version: fact.version };
    let read = readable(fact, certificate, since);
    Some(read.map_or(Said::Unreadable(unreadable), |read| Said::Plain(Mirrored::Certificate(read))))
}

fn readable(
    fact: &certification::CertificateFact,
    certificate: CertificateId,
    since: Timestamp,
) -> Option<CertificateStanding> {
    Some(CertificateStanding {
        certificate,
        holder: id(&fact.holder)?,
        standard: id(&fact.standard)?,
        job_type: JobType::from_code(&fact.job_type)?,
        level: standard::level(fact.level)?,
        issuer: id(&fact.issuer)?,
        state: certificate_state(fact.state),
        since,
        verified_at: at(fact.verified_time.as_ref()),
        evidence_until: at(fact.evidence_until_time.as_ref()),
        retry_at: at(fact.retry_time.as_ref()),
        version: fact.version,
    })
}

fn person_state(number: i32) -> PersonState {
    let word = identity::PersonState::try_from(number).map(|state| state.as_str_name());
    let known = word.ok().and_then(|word| PersonState::from_code(word.strip_prefix("PERSON_STATE_")?));
    known.unwrap_or(PersonState::Unverified)
}

fn age_band(number: i32) -> AgeBand {
    let word = identity::AgeBand::try_from(number).map(|band| band.as_str_name());
    let known = word.ok().and_then(|word| AgeBand::from_code(word.strip_prefix("AGE_BAND_")?));
    known.unwrap_or(AgeBand::Unknown)
}

fn guardian_consent(number: i32) -> GuardianConsent {
    let word = identity::GuardianConsent::try_from(number).map(|consent| consent.as_str_name());
    let known =
        word.ok().and_then(|word| GuardianConsent::from_code(word.strip_prefix("GUARDIAN_CONSENT_")?));
    known.unwrap_or(GuardianConsent::NotRecorded)
}

fn certificate_state(number: i32) -> CertificateState {
    let word = certification::CertificateState::try_from(number).map(|state| state.as_str_name());
    let known =
        word.ok().and_then(|word| CertificateState::from_code(word.strip_prefix("CERTIFICATE_STATE_")?));
    known.unwrap_or(CertificateState::Suspended)
}

fn standing(number: i32) -> IssuerStanding {
    let word = certification::IssuerStanding::try_from(number).map(|standing| standing.as_str_name());
    let known = word.ok().and_then(|word| IssuerStanding::from_code(word.strip_prefix("ISSUER_STANDING_")?));
    known.unwrap_or(IssuerStanding::Suspended)
}

fn qualification_state(number: i32) -> QualificationState {
    let word = certification::QualificationState::try_from(number).map(|state| state.as_str_name());
    let known =
        word.ok().and_then(|word| QualificationState::from_code(word.strip_prefix("QUALIFICATION_STATE_")?));
    known.unwrap_or(QualificationState::RecheckDue)
}

fn id<K: Collection>(name: &str) -> Option<Id<K>> {
    Id::parse_name(name).ok()
}

fn at(timestamp: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    timestamp.and_then(|timestamp| instant(timestamp).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_proto::registry::v1 as proto;
    use greenroom_rpc::wire::timestamp;

    #[test]
    fn every_state_of_the_other_services_is_known_here() {
        for number in (1..).take_while(|number| identity::PersonState::try_from(*number).is_ok()) {
            let word = identity::PersonState::try_from(number).unwrap().as_str_name();
            assert_eq!(word, format!("PERSON_STATE_{}", person_state(number).code()));
        }
        for number in (1..).take_while(|number| identity::AgeBand::try_from(*number).is_ok()) {
            let word = identity::AgeBand::try_from(number).unwrap().as_str_name();
            assert_eq!(word, format!("AGE_BAND_{}", age_band(number).code()));
        }
        for number in (1..).take_while(|number| identity::GuardianConsent::try_from(*number).is_ok()) {
            let word = identity::GuardianConsent::try_from(number).unwrap().as_str_name();
            assert_eq!(word, format!("GUARDIAN_CONSENT_{}", guardian_consent(number).code()));
        }
        for number in (1..).take_while(|number| certification::CertificateState::try_from(*number).is_ok()) {
            let word = certification::CertificateState::try_from(number).unwrap().as_str_name();
            assert_eq!(word, format!("CERTIFICATE_STATE_{}", certificate_state(number).code()));
        }
        for number in (1..).take_while(|number| certification::QualificationState::try_from(*number).is_ok())
        {
            let word = certification::QualificationState::try_from(number).unwrap().as_str_name();
            assert_eq!(word, format!("QUALIFICATION_STATE_{}", qualification_state(number).code()));
        }
        for number in (1..).take_while(|number| certification::IssuerStanding::try_from(*number).is_ok()) {
            let word = certification::IssuerStanding::try_from(number).unwrap().as_str_name();
            assert_eq!(word, format!("ISSUER_STANDING_{}", standing(number).code()));
        }
    }

    #[test]
    fn a_state_from_the_future_lets_nobody_sell() {
        assert_eq!(person_state(99), PersonState::Unverified);
        assert_eq!(age_band(99), AgeBand::Unknown);
        for number in [0, 99] {
            assert_eq!(guardian_consent(number), GuardianConsent::NotRecorded);
        }
        assert_eq!(certificate_state(99), CertificateState::Suspended);
        assert_eq!(standing(99), IssuerStanding::Suspended);
        assert_eq!(qualification_state(99), QualificationState::RecheckDue);
    }

    fn said(fact: identity_fact::Fact) -> Option<Mirrored> {
        identity_said(&IdentityEvent {
            commit_time: Some(timestamp(Timestamp::from_micros(5_000_000))),
            fact: Some(identity::IdentityFact { fact: Some(fact) }),
            ..Default::default()
        })
    }

    fn from(fact: identity_fact::Fact) -> Option<(i64, i64)> {
        let Mirrored::Caller(caller) = said(fact)? else { panic!("another fact") };
        Some((caller.tokens_valid_from.as_micros(), caller.version))
    }

    #[test]
    fn an_organization_is_shut_out_in_every_state_but_the_active_one() {
        let organization = |state: i32, told: Option<i64>| {
            from(identity_fact::Fact::Organization(identity::OrganizationFact {
                organization: "organizations/shop".to_owned(),
                state,
                version: 7,
                tokens_valid_from: told.map(|micros| timestamp(Timestamp::from_micros(micros))),
                ..Default::default()
            }))
        };
        let active = identity::OrganizationState::Active.into();
        assert_eq!(organization(active, None), None);
        assert_eq!(organization(active, Some(3_000_000)), Some((3_000_000, 7)));
        for state in [identity::OrganizationState::Suspended.into(), 0, 99] {
            for told in [None, Some(3_000_000)] {
                assert_eq!(organization(state, told), Some((NO_TOKEN.as_micros(), 7)));
            }
        }
    }

    #[test]
    fn a_client_is_refused_up_to_what_is_told_and_at_least_until_it_was_disabled() {
        let client = |state: i32, told: Option<i64>| {
            from(identity_fact::Fact::Client(identity::ClientFact {
                client: "clients/backend".to_owned(),
                state,
                version: 7,
                tokens_valid_from: told.map(|micros| timestamp(Timestamp::from_micros(micros))),
                ..Default::default()
            }))
        };
        let active = identity::ClientState::Active.into();
        assert_eq!((client(active, None), client(active, Some(3_000_000))), (None, Some((3_000_000, 7))));
        for state in [identity::ClientState::Disabled.into(), 0, 99] {
            assert_eq!(client(state, None), Some((5_000_000, 7)));
            assert_eq!(client(state, Some(3_000_000)), Some((5_000_000, 7)));
            assert_eq!(client(state, Some(9_000_000)), Some((9_000_000, 7)));
        }
    }

    #[test]
    fn a_revoked_token_is_refused_until_its_end_and_without_one_as_long_as_any_may_live() {
        let token = |id: &str, end: Option<i64>| {
            let fact = identity::RevokedTokenFact {
                token_id: id.to_owned(),
                expire_time: end.map(|micros| timestamp(Timestamp::from_micros(micros))),
                ..Default::default()
            };
            let Mirrored::Token(token) = said(identity_fact::Fact::RevokedToken(fact))? else {
                panic!("another fact")
            };
            Some(token.expires_at.as_micros())
        };
        assert_eq!((token("t1", Some(9_000_000)), token("", Some(9_000_000))), (Some(9_000_000), None));
        assert_eq!(token("t1", None), Some(5_000_000 + 3_605_000_000));
    }

    #[test]
    fn both_packages_number_the_levels_alike() {
        for number in 0..16 {
            let here = proto::Level::try_from(number).ok().map(|one| one.as_str_name());
            let there = certification::Level::try_from(number).ok().map(|one| one.as_str_name());
            assert_eq!(here, there);
        }
    }
}
