//! What the person is certified for: the gate of the policy.

use crate::certification::{CertificateState, IssuerStanding};
use crate::kernel::{CertificateId, StandardId, Timestamp};
use crate::occupation::{JobType, Level};
use crate::registry::catalogue::Catalogue;
use crate::registry::facts::{CertificateFact, Facts};
use crate::registry::policy::{Demand, Policy};
use crate::registry::reason::{Effect, Fact, Reason, ReasonCode, Requirement};
use std::collections::BTreeMap;

/// A level somebody holds, with the certificate that proves it. Derived from certificates, never typed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLevel {
    /// The certificate.
    pub certificate: CertificateId,
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// The level.
    pub level: Level,
    /// When it was last confirmed.
    pub verified_at: Timestamp,
    /// Until when the confirmation counts.
    pub evidence_until: Timestamp,
}

/// What the level gate says.
pub(in crate::registry) enum LevelGate {
    /// Some certificate is good enough.
    Passed(VerifiedLevel),
    /// None is; the reasons of the most hopeful ones.
    Failed(Vec<Reason>),
}

/// The gate of the policy: one good certificate is enough.
///
/// Where none is, the certificates are alternatives, and what the gate says is what its most hopeful alternative says:
/// to wait weighs less than not to know, and that less than no. The reasons are those of all equally hopeful ones.
pub(in crate::registry) fn gate(
    facts: &Facts,
    policy: &Policy,
    demand: &Demand,
    now: Timestamp,
) -> LevelGate {
    // A certificate replaced by one of a higher level is no alternative: the higher one speaks for itself.
    let alternatives = facts.certificates.iter().filter(|fact| fact.state != CertificateState::Superseded);
    let mut alternatives: Vec<(&CertificateFact, Vec<Reason>)> =
        alternatives.map(|fact| (fact, obstacles(fact, policy, demand, &facts.standards, now))).collect();
    // The order in which certificates were heard of must not show.
    alternatives.sort_by(|(a, _), (b, _)| a.certificate.cmp(&b.certificate));
    let passing = alternatives.iter().filter(|(_, obstacles)| obstacles.is_empty()).map(|(fact, _)| *fact);
    if let Some(level) = best(passing) {
        return LevelGate::Passed(level);
    }
    let hope = |obstacles: &[Reason]| obstacles.iter().map(Reason::effect).max().unwrap_or(Effect::Deny);
    let Some(best) = alternatives.iter().map(|(_, obstacles)| hope(obstacles)).min() else {
        return LevelGate::Failed(vec![not_held(demand)]);
    };
    let hopeful = alternatives.into_iter().map(|(_, obstacles)| obstacles).filter(|o| hope(o) == best);
    LevelGate::Failed(hopeful.flatten().collect())
}

/// The highest level held at `now` under each standard and for each job type, whatever any policy asks for.
pub fn verified_levels(certificates: &[CertificateFact], now: Timestamp) -> Vec<VerifiedLevel> {
    let mut groups: BTreeMap<(&StandardId, JobType), Vec<&CertificateFact>> = BTreeMap::new();
    for fact in certificates.iter().filter(|fact| counts(fact, now)) {
        groups.entry((&fact.standard, fact.job_type)).or_default().push(fact);
    }
    groups.into_values().filter_map(|facts| best(facts.into_iter())).collect()
}

fn counts(fact: &CertificateFact, now: Timestamp) -> bool {
    fact.state == CertificateState::Verified && !fact.is_stale(now) && fact.issuer_counts()
}

/// The highest level; of equals the one that counts longest, then the first by id, so that the choice is always the same.
fn best<'a>(facts: impl Iterator<Item = &'a CertificateFact>) -> Option<VerifiedLevel> {
    let rank = |fact: &&CertificateFact| (fact.level, fact.evidence_until);
    let fact = facts.max_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| b.certificate.cmp(&a.certificate)))?;
    Some(VerifiedLevel {
        certificate: fact.certificate.clone(),
        standard: fact.standard.clone(),
        job_type: fact.job_type,
        level: fact.level,
        verified_at: fact.verified_at.unwrap_or(fact.since),
        evidence_until: fact.evidence_until?,
    })
}

const fn not_held(demand: &Demand) -> Reason {
    let requirement = Requirement::Level { minimum: demand.minimum_level };
    Reason::new(ReasonCode::LevelNotHeld, Fact::NoCertificate, requirement)
}

/// Why one certificate does not pass the gate; empty if it does.
///
/// A certificate of another occupation or job type is not looked at further: mending it would not help.
fn obstacles(
    fact: &CertificateFact,
    policy: &Policy,
    demand: &Demand,
    standards: &Catalogue,
    now: Timestamp,
) -> Vec<Reason> {
    let because = |code, requirement, since, until| Reason {
        since,
        until,
        ..Reason::new(code, Fact::Certificate(Box::new(fact.clone())), requirement)
    };
    if !demand.standards.contains(&fact.standard) {
        let requirement = Requirement::Standard { accepted: demand.standards.clone() };
        return vec![because(ReasonCode::OccupationNotAccepted, requirement, None, None)];
    }
    if !demand.job_types.contains(&fact.job_type) {
        let accepted =
            demand.job_types.iter().map(|accepted| standards.name_in(&demand.standards, *accepted));
        let requirement = Requirement::JobType { accepted: accepted.collect() };
        let job_type = standards.name_of(&fact.standard, fact.job_type);
        let fact = Fact::OtherJobType { certificate: Box::new(fact.clone()), job_type };
        let reason = because(ReasonCode::JobTypeMismatch, requirement, None, None);
        return vec![Reason { fact, ..reason }];
    }
    let mut obstacles = Vec::new();
    if !fact.level.meets_minimum(demand.minimum_level) {
        let requirement = Requirement::Level { minimum: demand.minimum_level };
        obstacles.push(because(ReasonCode::LevelTooLow, requirement, None, None));
    }
    if let Some(code) = standing_obstacle(fact) {
        let review = fact.issuer_review;
        let since = review.map(|review| review.struck_off_at);
        let until = review.map(|review| review.ends).filter(|end| *end > now);
        obstacles.push(because(code, Requirement::ListedIssuer, since, until));
    }
    let counts_until = policy.counts_until(fact);
    if let Some(code) = state_obstacle(fact, counts_until, now) {
        let (requirement, since, until) = match code {
            ReasonCode::CertEvidenceStale => (Requirement::FreshEvidence, counts_until, None),
            // The look-up is asked again then; publication lags, so this stays a wait and never becomes a no.
            ReasonCode::CertNotFound => (
                Requirement::VerifiedCertificate,
                Some(fact.since),
                fact.retry_at.filter(|retry| *retry > now),
            ),
            _ => (Requirement::VerifiedCertificate, Some(fact.since), None),
        };
        obstacles.push(because(code, requirement, since, until));
    }
    obstacles
}

/// That nobody has told who issued a certificate weighs once a source has confirmed it: before, what has to be waited for
/// is the source.
fn standing_obstacle(fact: &CertificateFact) -> Option<ReasonCode> {
    match (fact.issuer_standing, fact.state) {
        (_, CertificateState::IssuerStruckOff) => Some(ReasonCode::IssuerStruckOff),
        (None, CertificateState::Verified) => Some(ReasonCode::IssuerNotFiled),
        (None | Some(IssuerStanding::Listed), _) => None,
        (Some(_), _) => (!fact.issuer_counts()).then_some(ReasonCode::IssuerStruckOff),
    }
}

fn state_obstacle(
    fact: &CertificateFact,
    counts_until: Option<Timestamp>,
    now: Timestamp,
) -> Option<ReasonCode> {
    match fact.state {
        CertificateState::Verified if counts_until.is_none_or(|until| now >= until) => {
            Some(ReasonCode::CertEvidenceStale)
        }
        // The issuer's standing has been told already, and what was replaced is not looked at.
        CertificateState::Verified | CertificateState::IssuerStruckOff | CertificateState::Superseded => None,
        CertificateState::Claimed | CertificateState::FormatOk | CertificateState::UnderVerification => {
            Some(ReasonCode::CertUnderVerification)
        }
        CertificateState::NotFound => Some(ReasonCode::CertNotFound),
        CertificateState::Mismatch => Some(ReasonCode::CertHolderMismatch),
        CertificateState::SuspectedForged => Some(ReasonCode::CertSuspectedForged),
        CertificateState::Suspended => Some(ReasonCode::CertSuspended),
        CertificateState::Revoked => Some(ReasonCode::CertRevoked),
    }
}
