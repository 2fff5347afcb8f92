use super::*;
use crate::identity::{BirthDate, ProofingMethod};
use crate::kernel::Date;

fn at(day: i64) -> Timestamp {
    // Days after 2026-11-01 in Beijing.
    Date::parse("2026-11-01")
        .unwrap()
        .beijing_midnight()
        .plus(std::time::Duration::from_hours(24) * u32::try_from(day).unwrap())
}

fn person() -> Person {
    Person::register(PersonId::try_new("mina").unwrap(), Age::Unknown, at(0))
}

fn born(date: &str) -> Person {
    Person { age: Age::Born(BirthDate::new(Date::parse(date).unwrap())), ..person() }
}

fn check(result: ProofingResult, day: i64) -> Proofing {
    Proofing {
        method: ProofingMethod::Sandbox,
        source: "sandbox".to_owned(),
        authentication: None,
        result,
        checked_at: at(day),
        fresh_until: at(day + 30),
        artefact_sha256: None,
        document_valid_until: None,
    }
}

fn verified() -> Person {
    person().record_proofing(&check(ProofingResult::Match, 0), at(0)).unwrap()
}

#[test]
fn a_match_verifies_until_the_evidence_runs_out() {
    let person = verified();
    assert_eq!(person.state_at(at(29)), PersonState::Verified);
    assert_eq!(person.state_at(at(30)), PersonState::RecheckDue);
    assert_eq!(person.evidence_until, Some(at(30)));
}

#[test]
fn an_outage_of_the_source_never_changes_a_verified_state() {
    let person = verified();
    assert_eq!(
        person.clone().record_proofing(&check(ProofingResult::SourceUnavailable, 5), at(5)),
        Ok(person)
    );
}

#[test]
fn a_mismatch_ends_a_proof_and_a_later_match_restores_it() {
    let person = verified().record_proofing(&check(ProofingResult::Mismatch, 3), at(3)).unwrap();
    assert_eq!(
        (person.state, person.state_since, person.evidence_until),
        (PersonState::Mismatch, at(3), None)
    );
    let person = person.record_proofing(&check(ProofingResult::Match, 4), at(4)).unwrap();
    assert_eq!((person.state, person.state_since), (PersonState::Verified, at(4)));
}

#[test]
fn a_document_not_found_is_no_proof_against_the_person() {
    let never = person().record_proofing(&check(ProofingResult::NotFound, 1), at(1)).unwrap();
    assert_eq!(never.state, PersonState::Unverified);
    let before = verified().record_proofing(&check(ProofingResult::NotFound, 1), at(1)).unwrap();
    assert_eq!(before.state, PersonState::RecheckDue);
    let mismatch = person().record_proofing(&check(ProofingResult::Mismatch, 1), at(1)).unwrap();
    assert_eq!(
        mismatch.record_proofing(&check(ProofingResult::NotFound, 2), at(2)).unwrap().state,
        PersonState::Mismatch
    );
}

#[test]
fn a_document_counts_through_its_last_day_in_beijing() {
    let mut proofing = check(ProofingResult::Match, 0);
    proofing.document_valid_until = Some(Date::parse("2026-11-05").unwrap());
    let person = person().record_proofing(&proofing, at(0)).unwrap();
    assert_eq!(person.document_until, Some(at(5)));
    assert_eq!(person.proof_until(), Some(at(5)));
    assert_eq!(person.state_at(at(4)), PersonState::Verified);
    assert_eq!(person.state_at(at(5)), PersonState::DocumentExpired);
    assert_eq!(person.state_at(at(40)), PersonState::DocumentExpired);
}

#[test]
fn an_expired_document_proves_nothing_new() {
    let mut proofing = check(ProofingResult::Match, 9);
    proofing.document_valid_until = Some(Date::parse("2026-11-05").unwrap());
    assert_eq!(person().record_proofing(&proofing, at(9)).unwrap().state, PersonState::DocumentExpired);
}

#[test]
fn evidence_from_the_future_without_freshness_or_out_of_order_is_refused() {
    assert_eq!(
        person().record_proofing(&check(ProofingResult::Match, 2), at(1)),
        Err(Refusal::FutureEvidence { checked_at: at(2) })
    );
    let never = Proofing { fresh_until: at(1), ..check(ProofingResult::Match, 1) };
    assert_eq!(
        person().record_proofing(&never, at(1)),
        Err(Refusal::EvidenceNeverFresh { fresh_until: at(1) })
    );
    let mismatch = person().record_proofing(&check(ProofingResult::Mismatch, 3), at(3)).unwrap();
    assert_eq!(
        mismatch.record_proofing(&check(ProofingResult::Match, 2), at(4)),
        Err(Refusal::EvidenceSuperseded { latest: at(3) })
    );
}

#[test]
fn consent_counts_for_sixteen_and_seventeen_only() {
    let young = born("2010-01-01").record_guardian_consent(at(0)).unwrap();
    assert_eq!(young.guardian_consent, GuardianConsent::Given);
    assert_eq!(young.guardian_consent_since, Some(at(0)));
    assert_eq!(
        born("2012-01-01").record_guardian_consent(at(0)),
        Err(Refusal::ConsentWithoutEffect { band: AgeBand::Under16 })
    );
    assert_eq!(
        born("2000-01-01").record_guardian_consent(at(0)),
        Err(Refusal::ConsentWithoutEffect { band: AgeBand::Adult })
    );
    assert!(person().record_guardian_consent(at(0)).is_ok());
}

#[test]
fn consent_is_withdrawn_once_and_may_be_given_again() {
    let young = born("2010-01-01");
    assert_eq!(young.clone().withdraw_guardian_consent(at(0)), Err(Refusal::NoConsentToWithdraw));
    let withdrawn = young.record_guardian_consent(at(0)).unwrap().withdraw_guardian_consent(at(1)).unwrap();
    assert_eq!(withdrawn.guardian_consent, GuardianConsent::Withdrawn);
    assert_eq!(withdrawn.clone().withdraw_guardian_consent(at(2)), Err(Refusal::NoConsentToWithdraw));
    assert_eq!(withdrawn.record_guardian_consent(at(2)).unwrap().guardian_consent, GuardianConsent::Given);
}

#[test]
fn a_frozen_record_is_stored_and_nothing_else() {
    let frozen = verified().freeze(at(10), at(1)).unwrap();
    assert_eq!(frozen.clone().record_proofing(&check(ProofingResult::Match, 2), at(2)), Err(Refusal::Frozen));
    assert_eq!(frozen.clone().record_guardian_consent(at(2)), Err(Refusal::Frozen));
    assert_eq!(frozen.clone().erase(at(9)), Err(Refusal::HoldRuns { until: at(10) }));
    assert_eq!(frozen.erase(at(10)).unwrap().state, PersonState::Erased);
}

#[test]
fn an_erased_person_keeps_nothing_and_never_returns() {
    let erased = born("2010-01-01").erase(at(1)).unwrap();
    assert_eq!((erased.age, erased.evidence_until), (Age::Unknown, None));
    assert_eq!(erased.clone().record_proofing(&check(ProofingResult::Match, 2), at(2)), Err(Refusal::Erased));
    assert_eq!(erased.erase(at(3)), Err(Refusal::Erased));
}

#[test]
fn no_birth_date_reaches_a_log() {
    assert!(!format!("{:?}", born("2010-01-01")).contains("2010"));
}

#[test]
fn codes_lead_back_to_their_values() {
    for state in PersonState::ALL {
        assert_eq!(PersonState::from_code(state.code()), Some(state));
    }
    for consent in GuardianConsent::ALL {
        assert_eq!(GuardianConsent::from_code(consent.code()), Some(consent));
    }
}

#[test]
fn what_time_brings_is_known_beforehand_and_holds_since_that_instant() {
    let shown =
        Proofing { document_valid_until: Some(at(40).beijing_date()), ..check(ProofingResult::Match, 0) };
    let mut person = born("2010-12-01").record_proofing(&shown, at(0)).unwrap();
    let mut told = Vec::new();
    let mut now = at(0);
    while let Some(due) = person.next_change(now) {
        let before = person.clone().pass_time(due.minus(std::time::Duration::from_micros(1)));
        assert_eq!(before, person, "nothing changes before its time");
        now = due;
        person = person.pass_time(now.plus(std::time::Duration::from_hours(1)));
        told.push((person.state, person.state_since, person.age_band(now).0));
    }
    assert_eq!(told.len(), 4);
    assert_eq!(told[0], (PersonState::RecheckDue, at(30), AgeBand::Under16));
    assert_eq!(told[1].2, AgeBand::From16To17);
    assert_eq!(told[2].0, PersonState::DocumentExpired);
    assert_eq!(told[2].1, at(41));
    assert_eq!(told[3].2, AgeBand::Adult);
}

#[test]
fn a_frozen_record_is_held_for_the_longest_period_and_proves_nothing_when_it_is_used_again() {
    let frozen = verified().freeze(at(50), at(1)).unwrap().freeze(at(40), at(2)).unwrap();
    assert_eq!((frozen.hold_until, frozen.state_since), (Some(at(50)), at(1)));
    assert_eq!(frozen.next_change(at(2)), None);
    let again = frozen.unfreeze(at(3)).unwrap();
    assert_eq!((again.state, again.evidence_until), (PersonState::Unverified, None));
    assert_eq!(again.unfreeze(at(4)), Err(Refusal::NotFrozen));
}

#[test]
fn a_legal_period_outlasts_the_freezing() {
    let again = verified().freeze(at(50), at(1)).unwrap().unfreeze(at(3)).unwrap();
    assert_eq!(again.clone().erase(at(49)), Err(Refusal::HoldRuns { until: at(50) }));
    assert_eq!(again.clone().freeze(at(20), at(4)).unwrap().hold_until, Some(at(50)));
    let erased = again.erase(at(50)).unwrap();
    assert_eq!((erased.state, erased.hold_until), (PersonState::Erased, None));
}

#[test]
fn a_check_made_before_a_record_was_used_again_proves_nothing() {
    let again = || verified().freeze(at(50), at(1)).unwrap().unfreeze(at(3)).unwrap();
    for day in 0..3 {
        assert_eq!(
            again().record_proofing(&check(ProofingResult::Match, day), at(4)),
            Err(Refusal::EvidenceSuperseded { latest: at(3) })
        );
    }
    let anew = again().record_proofing(&check(ProofingResult::Match, 3), at(3)).unwrap();
    assert_eq!(anew.state, PersonState::Verified);
}

#[test]
fn a_source_that_tells_of_no_document_leaves_the_end_of_the_one_shown() {
    let until = |day| Proofing { document_valid_until: Some(day), ..check(ProofingResult::Match, 0) };
    let shown = || person().record_proofing(&until(at(9).beijing_date()), at(0)).unwrap();
    let source = |day| Proofing { method: ProofingMethod::Source, ..check(ProofingResult::Match, day) };
    let before = shown().record_proofing(&source(5), at(5)).unwrap();
    assert_eq!((before.document_until, before.evidence_until), (Some(at(10)), Some(at(35))));
    assert_eq!(
        (before.state_at(at(9)), before.state_at(at(10))),
        (PersonState::Verified, PersonState::DocumentExpired)
    );
    let expired = shown().record_proofing(&source(10), at(10)).unwrap();
    assert_eq!(expired.state, PersonState::DocumentExpired);
    let used_again = shown().freeze(at(20), at(5)).unwrap().unfreeze(at(12)).unwrap();
    assert_eq!(used_again.record_proofing(&source(12), at(12)).unwrap().state, PersonState::DocumentExpired);

    let told = Proofing { document_valid_until: Some(at(99).beijing_date()), ..source(10) };
    assert_eq!(expired.clone().record_proofing(&told, at(10)).unwrap().document_until, Some(at(100)));
    // Who saw a long-term document attests it.
    let attested =
        Proofing { method: ProofingMethod::AdministratorAttestation, ..check(ProofingResult::Match, 11) };
    let long_term = expired.record_proofing(&attested, at(11)).unwrap();
    assert_eq!((long_term.state, long_term.document_until), (PersonState::Verified, None));
    assert_eq!(person().record_proofing(&source(0), at(0)).unwrap().document_until, None);
}

#[test]
fn a_guardians_word_about_somebody_who_turns_out_to_be_under_sixteen_is_to_be_given_again() {
    let consented = person().record_guardian_consent(at(0)).unwrap();
    let age = |date| Age::Born(BirthDate::new(Date::parse(date).unwrap()));
    let child = consented.clone().aged(age("2012-01-01"), at(1));
    assert_eq!(child.guardian_consent, GuardianConsent::NotRecorded);
    assert_eq!(child.guardian_consent_since, Some(at(1)));
    let youth = consented.aged(age("2010-01-01"), at(1));
    assert_eq!((youth.guardian_consent, youth.guardian_consent_since), (GuardianConsent::Given, Some(at(0))));
}
