//! Who it is: enrolled, proven, old enough.

use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::Timestamp;
use crate::registry::facts::{Enrolment, EnrolmentState, Facts, IdentityFact};
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};

/// Every requirement of the law about who the person is that is not met.
pub(in crate::registry) fn reasons(facts: &Facts, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    reasons.extend(enrolment(facts));
    reasons.extend(proof(&facts.identity));
    reasons.extend(document(&facts.identity, now));
    reasons.extend(recheck(&facts.identity, now));
    reasons.extend(age(&facts.identity, now));
    reasons
}

/// Order 117: a platform registers its live-marketing persons before their first session.
fn enrolment(facts: &Facts) -> Option<Reason> {
    let Enrolment { state, since } = facts.enrolment?;
    let fact = Fact::Enrolment { state, since };
    match state {
        EnrolmentState::Enrolled => None,
        EnrolmentState::Withdrawn => Some(Reason {
            since: Some(since),
            ..Reason::new(ReasonCode::StreamerWithdrawn, fact, Requirement::Enrolled)
        }),
    }
}

/// Order 117: verified identity before the first session. A record kept for storage only, or erased, proves nothing.
fn proof(identity: &IdentityFact) -> Option<Reason> {
    let (code, requirement) = match identity.state {
        PersonState::Verified | PersonState::RecheckDue | PersonState::DocumentExpired => return None,
        PersonState::Unverified => (ReasonCode::IdentityUnverified, Requirement::IdentityProven),
        PersonState::Frozen | PersonState::Erased => {
            (ReasonCode::IdentityRecordClosed, Requirement::IdentityProcessed)
        }
        PersonState::Mismatch => (ReasonCode::IdentityMismatch, Requirement::IdentityProven),
    };
    let fact = Fact::Identity { state: identity.state };
    Some(Reason { since: Some(identity.since), ..Reason::new(code, fact, requirement) })
}

/// A document expires though its number is for life.
fn document(identity: &IdentityFact, now: Timestamp) -> Option<Reason> {
    let proven = matches!(identity.state, PersonState::Verified | PersonState::RecheckDue);
    let until = identity.document_until.filter(|until| now >= *until);
    let since = match (identity.state, until) {
        (PersonState::DocumentExpired, until) => until.unwrap_or(identity.since),
        (_, Some(until)) if proven => until,
        _ => return None,
    };
    let reason =
        Reason::new(ReasonCode::IdentityDocExpired, Fact::Document { until }, Requirement::DocumentValid);
    Some(Reason { since: Some(since), ..reason })
}

/// Order 117: dynamic verification. There is no grace: from the instant the evidence runs out the answer is no.
fn recheck(identity: &IdentityFact, now: Timestamp) -> Option<Reason> {
    let until = identity.evidence_until;
    let over = until.is_none_or(|until| now >= until);
    let due = match identity.state {
        PersonState::Verified => over,
        PersonState::RecheckDue => true,
        _ => false,
    };
    if !due {
        return None;
    }
    let until = until.filter(|_| over);
    let reason = Reason::new(
        ReasonCode::DynamicCheckOverdue,
        Fact::IdentityEvidence { until },
        Requirement::IdentityRechecked,
    );
    Some(Reason { since: Some(until.unwrap_or(identity.since)), ..reason })
}

/// Law on the Protection of Minors, art. 76.
fn age(identity: &IdentityFact, now: Timestamp) -> Option<Reason> {
    let (band, until) = identity.age_at(now);
    match band {
        AgeBand::Adult => None,
        AgeBand::Under16 => Some(Reason {
            until,
            ..Reason::new(ReasonCode::Under16, Fact::Age { band }, Requirement::AgeOf16)
        }),
        AgeBand::Unknown => {
            Some(Reason::new(ReasonCode::AgeUnknown, Fact::Age { band }, Requirement::AgeKnown))
        }
        AgeBand::From16To17 => match identity.guardian_consent {
            GuardianConsent::Given => None,
            consent @ (GuardianConsent::NotRecorded | GuardianConsent::Withdrawn) => Some(Reason {
                since: identity.guardian_consent_since,
                until,
                ..Reason::new(
                    ReasonCode::GuardianConsentMissing,
                    Fact::Consent { consent },
                    Requirement::GuardianConsent,
                )
            }),
        },
    }
}
