//! Random operations on persons, certificates and live sessions: what holds whatever happens to them.

#![expect(clippy::unwrap_used, reason = "generators and helpers of tests may fail loudly")]

use greenroom_domain::certification::{
    Authority, Certificate, CertificateDraft, CertificateNumber, CertificateState, Evidence, EvidenceResult,
    EvidenceSource, Measure, PublicationLag, Refusal, Revocation, RevocationReason, Witness,
};
use greenroom_domain::identity::{Age, Person, PersonState, Proofing, ProofingMethod, ProofingResult};
use greenroom_domain::kernel::{
    CertificateId, Date, IssuerId, LiveSessionId, OrganizationId, PersonId, StandardId, StreamerId, Timestamp,
};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::{
    Decision, LiveSession, Outcome, RosterState, Sale, SessionRefusal, SessionState,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;
use std::time::Duration;

fn at(minute: u32) -> Timestamp {
    Date::parse("2026-11-01").unwrap().beijing_midnight().plus(Duration::from_mins(1) * minute)
}

#[derive(Debug, Clone)]
enum Step {
    Ask,
    Hear(EvidenceSource, EvidenceResult),
    Suspend,
    Reinstate,
    Suspect,
    StrikeOff,
    Supersede,
    Revoke,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Ask),
        (select(EvidenceSource::ALL.to_vec()), select(EvidenceResult::ALL.to_vec()))
            .prop_map(|(source, result)| Step::Hear(source, result)),
        Just(Step::Suspend),
        Just(Step::Reinstate),
        Just(Step::Suspect),
        Just(Step::StrikeOff),
        Just(Step::Supersede),
        Just(Step::Revoke),
    ]
}

fn claimed() -> Certificate {
    let draft = CertificateDraft {
        id: CertificateId::try_new("one").unwrap(),
        number: CertificateNumber::parse("S004223000001244000001").unwrap(),
        holder: PersonId::try_new("mina").unwrap(),
        standard: StandardId::try_new("internet-marketer-2021").unwrap(),
        job_type: JobType::try_new("live-salesperson").unwrap(),
        level: Level::Four,
        issuer: IssuerId::try_new("north").unwrap(),
        issue_date: Date::parse("2024-03-01").unwrap(),
    };
    Certificate::claim(draft, &[], at(0)).unwrap()
}

fn take(certificate: Certificate, step: &Step, now: Timestamp) -> Result<Certificate, Refusal> {
    match step {
        Step::Ask => certificate.begin_verification(now),
        Step::Hear(source, result) => {
            let fresh_until = now.plus(Duration::from_mins(20));
            let (source, result) = (*source, *result);
            let witness = Witness::Independent;
            let evidence =
                Evidence { source, witness, result, checked_at: now, fresh_until, artefact_sha256: None };
            let lag = PublicationLag::new(Arc::default(), 20);
            certificate.record_evidence(&evidence, &lag, now)
        }
        Step::Suspend => certificate.suspend(&measure(now), now),
        Step::Reinstate => certificate.reinstate(&measure(now), now),
        Step::Suspect => certificate.suspect_forgery(&measure(now), now),
        Step::StrikeOff => certificate.issuer_struck_off(now),
        Step::Supersede => certificate.supersede(&measure(now), now),
        Step::Revoke => certificate.revoke(
            &Revocation {
                reason: RevocationReason::IssuedInError,
                explanation: "issued twice".to_owned(),
                legal_basis: "rules of the evaluation".to_owned(),
                effective_time: now,
                by: Authority::Issuer,
            },
            now,
        ),
    }
}

fn measure(now: Timestamp) -> Measure {
    Measure {
        by: Authority::Issuer,
        explanation: "under inspection".to_owned(),
        legal_basis: "rules of the evaluation".to_owned(),
        effective_time: now,
    }
}

fn decided(outcome: Outcome, valid_until: Timestamp) -> Decision {
    Decision {
        outcome,
        reasons: Vec::new(),
        decide_time: at(0),
        valid_until,
        ask_again_at: None,
        verified: None,
        policy_revision: Some(1),
        rules_edition: String::new(),
    }
}

fn roster(answers: &[(Outcome, u32)], now: u32) -> Vec<(StreamerId, Decision)> {
    let entry = |(seat, (outcome, minutes)): (usize, &(Outcome, u32))| {
        (StreamerId::try_new(&format!("s{seat}")).unwrap(), decided(*outcome, at(now + minutes)))
    };
    answers.iter().enumerate().map(entry).collect()
}

fn answers() -> impl Strategy<Value = Vec<(Outcome, u32)>> {
    let outcome =
        select(vec![Outcome::Allow, Outcome::Allow, Outcome::Allow, Outcome::Deny, Outcome::NotYet]);
    vec((outcome, 0..40_u32), 3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_revoked_certificate_stays_revoked(steps in vec((step(), 0..30_u32), 1..30)) {
        let (mut certificate, mut minute, mut revoked) = (claimed(), 0, false);
        for (step, pause) in &steps {
            minute += pause;
            certificate = take(certificate.clone(), step, at(minute)).unwrap_or(certificate);
            revoked |= certificate.state == CertificateState::Revoked;
            prop_assert_eq!(revoked, certificate.state == CertificateState::Revoked);
        }
    }

    #[test]
    fn only_people_suspect_a_forgery(steps in vec((step(), 0..30_u32), 1..30)) {
        let (mut certificate, mut minute) = (claimed(), 0);
        for (step, pause) in &steps {
            minute += pause;
            let before = certificate.state;
            certificate = take(certificate.clone(), step, at(minute)).unwrap_or(certificate);
            if certificate.state == CertificateState::SuspectedForged && before != certificate.state {
                prop_assert!(matches!(step, Step::Suspect), "{:?}", step);
            }
        }
    }

    #[test]
    fn what_counts_as_verified_was_confirmed_and_is_fresh(steps in vec((step(), 0..30_u32), 1..30)) {
        let (mut certificate, mut minute) = (claimed(), 0);
        for (step, pause) in &steps {
            minute += pause;
            certificate = take(certificate.clone(), step, at(minute)).unwrap_or(certificate);
            if certificate.state == CertificateState::Verified && !certificate.is_stale(at(minute)) {
                prop_assert!(certificate.verified_at.is_some_and(|verified| verified <= at(minute)));
                prop_assert!(certificate.evidence_until.is_some_and(|until| at(minute) < until));
            }
            prop_assert!(certificate.state_since <= at(minute));
        }
    }

    #[test]
    fn an_outage_never_changes_a_certificate(steps in vec((step(), 0..30_u32), 1..20), source in select(EvidenceSource::ALL.to_vec())) {
        let (mut certificate, mut minute) = (claimed(), 0);
        for (step, pause) in &steps {
            minute += pause;
            certificate = take(certificate.clone(), step, at(minute)).unwrap_or(certificate);
        }
        let outage = Step::Hear(source, EvidenceResult::SourceUnavailable);
        let after = take(certificate.clone(), &outage, at(minute + 1));
        prop_assert!(after.is_err() || after == Ok(certificate));
    }

    #[test]
    fn a_person_counts_as_verified_only_while_the_newest_proof_is_a_fresh_match(
        checks in vec((select(ProofingResult::ALL.to_vec()), 0..40_u32), 1..20),
    ) {
        let mut person = Person::register(PersonId::try_new("mina").unwrap(), Age::Unknown, at(0));
        let (mut minute, mut proven) = (0, None);
        for (result, pause) in &checks {
            minute += pause;
            let proofing = Proofing {
                method: ProofingMethod::Sandbox,
                source: "sandbox".to_owned(),
                authentication: None,
                result: *result,
                checked_at: at(minute),
                fresh_until: at(minute + 30),
                artefact_sha256: None,
                document_valid_until: None,
            };
            person = person.record_proofing(&proofing, at(minute)).unwrap();
            proven = match result {
                ProofingResult::Match => Some(at(minute + 30)),
                ProofingResult::SourceUnavailable => proven,
                ProofingResult::Mismatch | ProofingResult::NotFound => None,
            };
            for later in [minute, minute + 29, minute + 30] {
                let verified = person.state_at(at(later)) == PersonState::Verified;
                prop_assert_eq!(verified, proven.is_some_and(|until| at(later) < until));
            }
        }
    }

    #[test]
    fn a_session_keeps_its_promises(
        opening in answers(),
        renewals in vec((answers(), 0..15_u32, 0..2_i64, 0..3_u8), 1..20),
    ) {
        let lease = Duration::from_mins(10);
        let (id, platform) = (LiveSessionId::try_new("sale").unwrap(), OrganizationId::try_new("shop").unwrap());
        let mut session =
            LiveSession::open(id, platform, "room".to_owned(), Sale::default(), &roster(&opening, 0), lease, at(0)).unwrap();
        let mut minute = 0;
        for (answers, pause, behind, how) in renewals {
            minute += pause;
            let before = session.clone();
            let after = match how {
                0 => session.clone().cut(&StreamerId::try_new("s1").unwrap(), at(minute)),
                1 => session.clone().review(&roster(&answers, minute), at(minute)),
                _ => session.clone().renew(&roster(&answers, minute), session.fence - behind, at(minute)),
            };
            session = match after {
                Ok(after) => after,
                Err(SessionRefusal::LeaseRanOut { .. }) => session.expire(at(minute)).unwrap(),
                Err(_) => continue,
            };
            prop_assert!(session.fence > before.fence);
            prop_assert_eq!(before.state, SessionState::Open);
            prop_assert!(session.lease_until <= session.lease_cap);
            prop_assert!(session.lease_cap <= at(minute).plus(lease) || session.lease_cap == before.lease_cap);
            prop_assert_eq!(session.state == SessionState::Ended, session.admitted().next().is_none());
            for (entry, was) in session.roster.iter().zip(&before.roster) {
                prop_assert!(entry.state != RosterState::Admitted || was.state == RosterState::Admitted);
                if session.state == SessionState::Open && entry.state == RosterState::Admitted {
                    prop_assert!(session.lease_until <= entry.valid_until);
                }
            }
        }
    }
}
