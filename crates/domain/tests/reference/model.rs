//! The rules once more, as plainly as they can be told: one sentence after the other, as the rules' text has them, without
//! the product's own functions. Slow, and that is all right.

use greenroom_domain::certification::{CertificateState, IssuerStanding};
use greenroom_domain::identity::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::occupation::Level;
use greenroom_domain::registry::{
    CertificateFact, EnrolmentState, Facts, Freshness, Host, ListKeeper, Measure, Outcome, Policy, Question,
    ReasonCode,
};

/// What the rules come to: the outcome, and every reason in the order of precedence.
pub type Answer = (Outcome, Vec<ReasonCode>);

/// The legal limit on the age of what identity says, in seconds.
const TWO_MINUTES: i64 = 120;

/// The answer by the rules' text.
pub fn answer(
    facts: &Facts,
    question: &Question,
    revisions: &[Policy],
    freshness: &Freshness,
    now: Timestamp,
) -> Answer {
    let mut reasons = Vec::new();
    // The revision that counts began last of those that have begun; of two that begin together the later one.
    let mut policy: Option<&Policy> = None;
    for revision in revisions {
        let (begins, number) = (revision.terms().effective_from, revision.terms().revision);
        let beats =
            |other: &Policy| (begins, number) >= (other.terms().effective_from, other.terms().revision);
        if begins <= now && policy.is_none_or(beats) {
            policy = Some(revision);
        }
    }
    hard_stops(facts, question, policy, now, &mut reasons);
    identity(facts, now, &mut reasons);
    age(facts, now, &mut reasons);
    if question.sale.host == Host::SyntheticUnlabelled {
        reasons.push(ReasonCode::AiLabelMissing);
    }
    match policy {
        Some(policy) => occupation(facts, policy, now, &mut reasons),
        None if revisions.is_empty() => reasons.push(ReasonCode::PolicyNotSet),
        None => reasons.push(ReasonCode::PolicyNotInForce),
    }
    freshly_known(question, policy, freshness, now, &mut reasons);
    reasons.sort_by_key(|code| ReasonCode::ALL.iter().position(|known| known == code));
    (outcome(&reasons), reasons)
}

/// Blocklists, an association's if the platform heeds it, and sanctions that are in force. A warning and less traffic bar
/// nobody.
fn hard_stops(
    facts: &Facts,
    question: &Question,
    policy: Option<&Policy>,
    now: Timestamp,
    reasons: &mut Vec<ReasonCode>,
) {
    let heeded = policy.is_some_and(|policy| policy.terms().heeds_associations);
    for listing in &facts.listings {
        if listing.from <= now && (listing.until.is_none() || listing.until > Some(now)) {
            match listing.keeper {
                ListKeeper::Platform | ListKeeper::Regulator => reasons.push(ReasonCode::Blocklisted),
                ListKeeper::Association if heeded => reasons.push(ReasonCode::IndustryListed),
                ListKeeper::Association => {}
            }
        }
    }
    for sanction in &facts.sanctions {
        if sanction.from > now || sanction.until.is_some_and(|until| until <= now) {
            continue;
        }
        let mut withheld = false;
        for function in &question.sale.functions {
            withheld = withheld || sanction.functions.contains(function);
        }
        match sanction.measure {
            Measure::FunctionLimit if withheld => reasons.push(ReasonCode::FunctionLimited),
            Measure::Warning | Measure::TrafficLimit | Measure::FunctionLimit => {}
            Measure::LiveSuspension => reasons.push(ReasonCode::LiveSuspended),
            Measure::TimedBan => reasons.push(ReasonCode::TimedBan),
            Measure::AccountClosure => reasons.push(ReasonCode::AccountClosed),
            Measure::ReregistrationBan => reasons.push(ReasonCode::ReregistrationForbidden),
            Measure::Blacklisting => reasons.push(ReasonCode::Blocklisted),
        }
    }
}

/// Enrolled; proven by a document that is valid, not long ago; the record open to use.
fn identity(facts: &Facts, now: Timestamp, reasons: &mut Vec<ReasonCode>) {
    if facts.enrolment.is_some_and(|enrolment| enrolment.state == EnrolmentState::Withdrawn) {
        reasons.push(ReasonCode::StreamerWithdrawn);
    }
    let identity = &facts.identity;
    let evidence_over = identity.evidence_until.is_none() || identity.evidence_until <= Some(now);
    let document_over = identity.document_until.is_some_and(|until| until <= now);
    match identity.state {
        PersonState::Unverified => reasons.push(ReasonCode::IdentityUnverified),
        PersonState::Mismatch => reasons.push(ReasonCode::IdentityMismatch),
        PersonState::Frozen | PersonState::Erased => reasons.push(ReasonCode::IdentityRecordClosed),
        PersonState::DocumentExpired => reasons.push(ReasonCode::IdentityDocExpired),
        PersonState::Verified | PersonState::RecheckDue => {
            if document_over {
                reasons.push(ReasonCode::IdentityDocExpired);
            }
            if identity.state == PersonState::RecheckDue || evidence_over {
                reasons.push(ReasonCode::DynamicCheckOverdue);
            }
        }
    }
}

/// Below 16 never; at 16 and 17 with a guardian's consent that lives; nobody whose age is unknown.
fn age(facts: &Facts, now: Timestamp, reasons: &mut Vec<ReasonCode>) {
    let told = facts.identity.age_band;
    let has_passed = facts.identity.age_band_until.is_some_and(|until| until <= now);
    let band = match (told, has_passed) {
        (AgeBand::Under16, true) => AgeBand::From16To17,
        (AgeBand::From16To17, true) => AgeBand::Adult,
        (told, _) => told,
    };
    match band {
        AgeBand::Adult => {}
        AgeBand::Under16 => reasons.push(ReasonCode::Under16),
        AgeBand::Unknown => reasons.push(ReasonCode::AgeUnknown),
        AgeBand::From16To17 => {
            if facts.identity.guardian_consent != GuardianConsent::Given {
                reasons.push(ReasonCode::GuardianConsentMissing);
            }
        }
    }
}

/// One certificate that is verified and fresh, of an issuer that counts, for an accepted occupation and job type, at least
/// at the level asked for. Where there is none, whatever stands against the most hopeful ones.
fn occupation(facts: &Facts, policy: &Policy, now: Timestamp, reasons: &mut Vec<ReasonCode>) {
    let mut certificates: Vec<&CertificateFact> = Vec::new();
    for certificate in &facts.certificates {
        if certificate.state != CertificateState::Superseded {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        reasons.push(ReasonCode::LevelNotHeld);
        return;
    }
    let mut by_hope: [Vec<ReasonCode>; 3] = Default::default();
    for certificate in certificates {
        let against = against(certificate, policy, now);
        match outcome(&against) {
            Outcome::Allow => return,
            Outcome::NotYet => by_hope[0].extend(against),
            Outcome::Undetermined => by_hope[1].extend(against),
            Outcome::Deny => by_hope[2].extend(against),
        }
    }
    for hopeful in by_hope {
        if !hopeful.is_empty() {
            reasons.extend(hopeful);
            return;
        }
    }
}

fn against(certificate: &CertificateFact, policy: &Policy, now: Timestamp) -> Vec<ReasonCode> {
    let terms = policy.terms();
    if !terms.demand.standards.contains(&certificate.standard) {
        return vec![ReasonCode::OccupationNotAccepted];
    }
    if !terms.demand.job_types.contains(&certificate.job_type) {
        return vec![ReasonCode::JobTypeMismatch];
    }
    let mut reasons = Vec::new();
    // All levels, the least first.
    let rank = |level: Level| Level::ALL.iter().position(|known| *known == level);
    if rank(certificate.level) < rank(terms.demand.minimum_level) {
        reasons.push(ReasonCode::LevelTooLow);
    }
    // Once an issuer was struck off only what was confirmed after the review of its certificates began counts.
    let issuer_counts = match certificate.issuer_standing {
        // Of an issuer nobody has told of nothing is held against the certificate until a source has confirmed it.
        None | Some(IssuerStanding::Listed) => true,
        Some(IssuerStanding::Suspended) => false,
        Some(IssuerStanding::StruckOff) => match (certificate.issuer_review, certificate.verified_at) {
            (Some(review), Some(confirmed)) => confirmed > review.begins,
            _ => false,
        },
    };
    if !issuer_counts || certificate.state == CertificateState::IssuerStruckOff {
        reasons.push(ReasonCode::IssuerStruckOff);
    } else if certificate.issuer_standing.is_none() && certificate.state == CertificateState::Verified {
        reasons.push(ReasonCode::IssuerNotFiled);
    }
    match certificate.state {
        CertificateState::Verified => {
            // The policy may let a confirmation count a while longer, and may ask for one that is not too long ago.
            let over = certificate.evidence_until.is_none_or(|until| until.plus(terms.grace_period) <= now);
            let confirmed = certificate.verified_at.unwrap_or(certificate.since);
            let too_old = terms.max_evidence_age.is_some_and(|age| confirmed.plus(age) <= now);
            if over || too_old {
                reasons.push(ReasonCode::CertEvidenceStale);
            }
        }
        CertificateState::Claimed | CertificateState::FormatOk | CertificateState::UnderVerification => {
            reasons.push(ReasonCode::CertUnderVerification);
        }
        CertificateState::NotFound => reasons.push(ReasonCode::CertNotFound),
        CertificateState::Mismatch => reasons.push(ReasonCode::CertHolderMismatch),
        CertificateState::SuspectedForged => reasons.push(ReasonCode::CertSuspectedForged),
        CertificateState::Suspended => reasons.push(ReasonCode::CertSuspended),
        CertificateState::Revoked => reasons.push(ReasonCode::CertRevoked),
        CertificateState::IssuerStruckOff | CertificateState::Superseded => {}
    }
    reasons
}

/// What is known must not be older than the policy, the law and the question allow. The law says two minutes of what identity
/// says, and of the registry's own log, which carries that.
fn freshly_known(
    question: &Question,
    policy: Option<&Policy>,
    freshness: &Freshness,
    now: Timestamp,
    reasons: &mut Vec<ReasonCode>,
) {
    let micros = |length: std::time::Duration| i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
    let feeds = [
        (freshness.identity_heard_at, true),
        (freshness.certification_heard_at, false),
        (freshness.registry_heard_at, true),
    ];
    for (heard, by_law) in feeds {
        let mut allowed = Vec::new();
        if by_law {
            allowed.push(TWO_MINUTES * 1_000_000);
        }
        allowed.extend(policy.map(|policy| micros(policy.terms().max_staleness)));
        allowed.extend(question.max_staleness.map(micros));
        let age = now.as_micros().saturating_sub(heard.as_micros());
        if allowed.into_iter().any(|allowed| age >= allowed) {
            reasons.push(ReasonCode::EvidenceSourceUnavailable);
        }
    }
}

/// No weighs more than not known, and that more than not yet.
fn outcome(reasons: &[ReasonCode]) -> Outcome {
    let not_yet = [ReasonCode::PolicyNotInForce, ReasonCode::CertNotFound, ReasonCode::CertUnderVerification];
    let not_known = [
        ReasonCode::AgeUnknown,
        ReasonCode::CertEvidenceStale,
        ReasonCode::IssuerNotFiled,
        ReasonCode::EvidenceSourceUnavailable,
    ];
    let (mut waits, mut unknown) = (false, false);
    for reason in reasons {
        if not_yet.contains(reason) {
            waits = true;
        } else if not_known.contains(reason) {
            unknown = true;
        } else {
            return Outcome::Deny;
        }
    }
    match (unknown, waits) {
        (true, _) => Outcome::Undetermined,
        (false, true) => Outcome::NotYet,
        (false, false) => Outcome::Allow,
    }
}
