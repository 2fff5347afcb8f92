use super::*;
use crate::certification::samples::{LIVE_SALESPERSON, job_type};
use crate::certification::{Accreditation, Calendar, IssuerClass};
use crate::kernel::OrganizationId;
use std::collections::BTreeSet;
use std::sync::Arc;

const VALIDITY: Duration = Duration::from_hours(24 * 180);

/// Twenty working days, in a year without holidays.
fn lag() -> PublicationLag {
    PublicationLag::new(Arc::new(Calendar::default()), 20)
}

/// Days after 2026-11-01 in Beijing.
fn at(day: u32) -> Timestamp {
    Date::parse("2026-11-01").unwrap().beijing_midnight().plus(Duration::from_hours(24) * day)
}

fn draft() -> CertificateDraft {
    CertificateDraft {
        id: CertificateId::try_new("one").unwrap(),
        number: CertificateNumber::parse("S004223000001244000001").unwrap(),
        holder: PersonId::try_new("mina").unwrap(),
        standard: StandardId::try_new("internet-marketer-2021").unwrap(),
        job_type: job_type(LIVE_SALESPERSON),
        level: Level::Four,
        issuer: IssuerId::try_new("north").unwrap(),
        issue_date: Date::parse("2024-03-01").unwrap(),
    }
}

fn issuer() -> Issuer {
    Issuer {
        id: IssuerId::try_new("north").unwrap(),
        organization: OrganizationId::try_new("north-college").unwrap(),
        class: IssuerClass::SocialOrganization,
        code: "0042".to_owned(),
        province: "23".to_owned(),
        standing: IssuerStanding::Listed,
        measure: None,
        sites: Vec::new(),
        accreditations: vec![Accreditation {
            standard: StandardId::try_new("internet-marketer-2021").unwrap(),
            job_type: job_type(LIVE_SALESPERSON),
            levels: BTreeSet::from([Level::Five, Level::Four]),
            from: Date::parse("2022-01-01").unwrap(),
            to: None,
        }],
        version: Version::FIRST,
    }
}

fn claimed() -> Certificate {
    Certificate::claim(draft(), &[], at(0)).unwrap()
}

fn verified() -> Certificate {
    Certificate::from_roll(draft(), &issuer(), at(0), VALIDITY, at(0)).unwrap()
}

fn evidence(result: EvidenceResult, day: u32) -> Evidence {
    Evidence {
        source: EvidenceSource::OfficialLookup,
        witness: Witness::Independent,
        result,
        checked_at: at(day),
        fresh_until: at(day).plus(VALIDITY),
        artefact_sha256: None,
    }
}

fn told(certificate: Certificate, result: EvidenceResult, day: u32) -> Certificate {
    certificate.record_evidence(&evidence(result, day), &lag(), at(day)).unwrap()
}

fn revocation() -> Revocation {
    Revocation {
        reason: RevocationReason::Cheating,
        explanation: "a second person sat the assessment".to_owned(),
        legal_basis: "rules of the evaluation, art. 12".to_owned(),
        effective_time: at(1),
        by: Authority::Issuer,
    }
}

fn measure(by: Authority, day: u32) -> Measure {
    Measure {
        by,
        explanation: "the site is under inspection".to_owned(),
        legal_basis: "rules of the evaluation, art. 15".to_owned(),
        effective_time: at(day),
    }
}

fn by_issuer(day: u32) -> Measure {
    measure(Authority::Issuer, day)
}

#[test]
fn an_accredited_issuers_roll_is_evidence_for_a_while() {
    let certificate = verified();
    assert_eq!(certificate.state, CertificateState::Verified);
    assert_eq!(certificate.evidence_until, Some(at(180)));
    assert!(!certificate.is_stale(at(179)));
    assert!(certificate.is_stale(at(180)));
}

#[test]
fn a_roll_counts_only_for_what_its_listed_issuer_may_issue() {
    let level = CertificateDraft { level: Level::Three, ..draft() };
    assert!(matches!(
        Certificate::from_roll(level, &issuer(), at(0), VALIDITY, at(0)),
        Err(Refusal::NotAccredited { .. })
    ));
    let gone = Issuer { standing: IssuerStanding::StruckOff, ..issuer() };
    assert_eq!(
        Certificate::from_roll(draft(), &gone, at(0), VALIDITY, at(0)),
        Err(Refusal::IssuerNotListed { standing: IssuerStanding::StruckOff })
    );
    let other = CertificateDraft { issuer: IssuerId::try_new("south").unwrap(), ..draft() };
    assert_eq!(Certificate::from_roll(other, &issuer(), at(0), VALIDITY, at(0)), Err(Refusal::OtherIssuer));
    assert_eq!(
        Certificate::from_roll(draft(), &issuer(), at(1), VALIDITY, at(0)),
        Err(Refusal::FutureEvidence { checked_at: at(1) })
    );
}

#[test]
fn a_claim_is_only_as_good_as_its_number() {
    assert_eq!(claimed().state, CertificateState::FormatOk);
    let unknown = Certificate::claim(draft(), &[NumberFinding::SchemeUnknown], at(0)).unwrap();
    assert_eq!(unknown.state, CertificateState::Claimed);
    let conflict = NumberFinding::LevelConflict { number: Level::Five, claimed: Level::Four };
    let refusal = Certificate::claim(draft(), &[NumberFinding::SchemeUnknown, conflict], at(0)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the number contradicts what is claimed: the number says level 5, level 4 is claimed"
    );
}

#[test]
fn a_certificate_dated_tomorrow_in_beijing_is_refused() {
    let issue_date = Date::parse("2026-11-02").unwrap();
    let dated = CertificateDraft { issue_date, ..draft() };
    assert_eq!(Certificate::claim(dated.clone(), &[], at(0)), Err(Refusal::IssuedInFuture { issue_date }));
    assert!(Certificate::claim(dated, &[], at(1)).is_ok());
}

#[test]
fn not_found_is_never_forged_and_is_asked_again() {
    let asked = claimed().begin_verification(at(1)).unwrap();
    assert_eq!(asked.state, CertificateState::UnderVerification);
    let missing = told(asked, EvidenceResult::NotFound, 1);
    assert_eq!((missing.state, missing.retry_at), (CertificateState::NotFound, Some(at(29))));
    let still = told(missing, EvidenceResult::NotFound, 40);
    assert_eq!((still.state, still.state_since), (CertificateState::NotFound, at(1)));
    assert_eq!(still.retry_at, Some(at(68)));
    assert_eq!(told(still, EvidenceResult::Match, 50).state, CertificateState::Verified);
}

#[test]
fn a_young_certificate_from_the_roll_stays_verified_though_not_published_yet() {
    let young = CertificateDraft { issue_date: Date::parse("2026-10-30").unwrap(), ..draft() };
    let young = Certificate::from_roll(young, &issuer(), at(0), VALIDITY, at(0)).unwrap();
    let asked = told(young, EvidenceResult::NotFound, 10);
    assert_eq!((asked.state, asked.evidence_until), (CertificateState::Verified, Some(at(180))));
    assert_eq!(asked.retry_at, Some(at(38)));
    assert_eq!(told(asked, EvidenceResult::NotFound, 38).state, CertificateState::NotFound);
}

#[test]
fn an_old_verified_certificate_that_is_not_found_any_more_is_not_verified() {
    let missing = told(verified(), EvidenceResult::NotFound, 3);
    assert_eq!((missing.state, missing.evidence_until), (CertificateState::NotFound, None));
}

#[test]
fn an_outage_of_the_source_changes_nothing() {
    assert_eq!(told(verified(), EvidenceResult::SourceUnavailable, 3), verified());
    assert_eq!(told(claimed(), EvidenceResult::SourceUnavailable, 3), claimed());
}

#[test]
fn asking_again_does_not_end_a_verification_that_counts() {
    assert_eq!(verified().begin_verification(at(3)), Ok(verified()));
    let stale = verified().begin_verification(at(180)).unwrap();
    assert_eq!(stale.state, CertificateState::UnderVerification);
}

#[test]
fn a_mismatch_outweighs_an_older_match() {
    let mismatch = told(verified(), EvidenceResult::Mismatch, 3);
    assert_eq!((mismatch.state, mismatch.evidence_until), (CertificateState::Mismatch, None));
    assert_eq!(
        mismatch.record_evidence(&evidence(EvidenceResult::Match, 2), &lag(), at(4)),
        Err(Refusal::EvidenceSuperseded { latest: at(3) })
    );
}

#[test]
fn impossible_evidence_is_refused() {
    assert_eq!(
        claimed().record_evidence(&evidence(EvidenceResult::Match, 2), &lag(), at(1)),
        Err(Refusal::FutureEvidence { checked_at: at(2) })
    );
    let never = Evidence { fresh_until: at(2), ..evidence(EvidenceResult::Match, 2) };
    assert_eq!(
        claimed().record_evidence(&never, &lag(), at(2)),
        Err(Refusal::EvidenceNeverFresh { fresh_until: at(2) })
    );
}

#[test]
fn a_revocation_is_final_and_counts_from_its_effect() {
    let revoked = verified().revoke(&revocation(), at(5)).unwrap();
    assert_eq!((revoked.state, revoked.state_since), (CertificateState::Revoked, at(1)));
    assert_eq!(revoked.evidence_until, None);
    let refused = |wanted| Err(Refusal::Transition { state: CertificateState::Revoked, wanted });
    assert_eq!(revoked.clone().revoke(&revocation(), at(6)), refused("revoked"));
    assert_eq!(revoked.clone().suspend(&by_issuer(6), at(6)), refused("suspended"));
    assert_eq!(revoked.clone().reinstate(&by_issuer(6), at(6)), refused("reinstated"));
    assert_eq!(revoked.clone().begin_verification(at(6)), refused("verified"));
    assert_eq!(revoked.clone().suspect_forgery(&by_issuer(6), at(6)), refused("suspected"));
    assert_eq!(revoked.clone().issuer_struck_off(at(6)), refused("taken out with its issuer"));
    assert_eq!(
        revoked.record_evidence(&evidence(EvidenceResult::Match, 6), &lag(), at(6)),
        refused("verified")
    );
}

#[test]
fn a_source_that_says_revoked_revokes() {
    let revoked = told(verified(), EvidenceResult::Revoked, 3);
    assert_eq!(revoked.state, CertificateState::Revoked);
}

#[test]
fn a_revocation_tells_why_and_lies_not_in_the_future() {
    let silent = Revocation { explanation: " ".to_owned(), ..revocation() };
    assert_eq!(verified().revoke(&silent, at(5)), Err(Refusal::Unfounded));
    let endless = Revocation { legal_basis: "x".repeat(201), ..revocation() };
    assert_eq!(verified().revoke(&endless, at(5)), Err(Refusal::Unfounded));
    assert_eq!(
        verified().revoke(&revocation(), at(0)),
        Err(Refusal::EffectInFuture { effective_time: at(1) })
    );
}

#[test]
fn what_nobody_confirmed_and_nobody_decided_about_is_claimed_otherwise() {
    let otherwise = || Certificate { level: Level::Five, version: Version::FIRST.next(), ..claimed() };
    let wrong = told(claimed(), EvidenceResult::Mismatch, 2);
    let corrected = wrong.clone().reclaimed(otherwise(), at(4)).unwrap();
    assert_eq!((corrected.state, corrected.state_since), (claimed().state, at(4)));
    assert_eq!(
        (corrected.level, corrected.version, corrected.checked_at),
        (Level::Five, wrong.version, Some(at(2)))
    );
    assert!(!corrected.says_what(&wrong) && wrong.says_what(&claimed()));
    let once_confirmed = told(verified(), EvidenceResult::Mismatch, 2);
    let suspected = claimed().suspect_forgery(&by_issuer(2), at(2)).unwrap();
    let withdrawn = claimed().revoke(&revocation(), at(2)).unwrap();
    for decided in [verified(), once_confirmed, suspected, withdrawn] {
        assert!(decided.reclaimed(otherwise(), at(4)).is_err());
    }
}

#[test]
fn no_source_lifts_a_suspension() {
    let suspended = verified().suspend(&by_issuer(2), at(2)).unwrap();
    for result in [EvidenceResult::Match, EvidenceResult::NotFound, EvidenceResult::Mismatch] {
        assert_eq!(told(suspended.clone(), result, 3).state, CertificateState::Suspended, "{result:?}");
    }
    let reinstated = suspended.clone().reinstate(&by_issuer(4), at(4)).unwrap();
    assert_eq!((reinstated.state, reinstated.evidence_until), (CertificateState::Verified, Some(at(180))));
    let contradicted = told(suspended, EvidenceResult::Mismatch, 3).reinstate(&by_issuer(4), at(4)).unwrap();
    assert_eq!(contradicted.state, CertificateState::Mismatch, "what was said meanwhile holds");
}

#[test]
fn a_suspicion_is_cleared_by_an_administrator_and_by_nobody_else() {
    let suspected = verified().suspect_forgery(&by_issuer(2), at(2)).unwrap();
    for source in EvidenceSource::ALL {
        let said = Evidence { source, ..evidence(EvidenceResult::Match, 3) };
        let state = suspected.clone().record_evidence(&said, &lag(), at(3)).unwrap().state;
        let cleared = source == EvidenceSource::AdministratorAttestation;
        assert_eq!(state == CertificateState::Verified, cleared, "{source:?}");
    }
    let regulator = Measure { by: Authority::Regulator, ..by_issuer(2) };
    let by_regulator = verified().suspect_forgery(&regulator, at(2)).unwrap();
    let attested =
        Evidence { source: EvidenceSource::AdministratorAttestation, ..evidence(EvidenceResult::Match, 3) };
    let heard = by_regulator.record_evidence(&attested, &lag(), at(3)).unwrap();
    assert_eq!(
        heard.state,
        CertificateState::SuspectedForged,
        "what a regulator decided only a regulator undoes"
    );
    assert!(suspected.clone().suspend(&by_issuer(3), at(3)).is_err());
    assert_eq!(suspected.issuer_struck_off(at(3)).unwrap().state, CertificateState::SuspectedForged);
}

#[test]
fn the_roll_of_an_issuer_struck_off_no_longer_counts() {
    let orphan = verified().issuer_struck_off(at(2)).unwrap();
    let roll = Evidence { source: EvidenceSource::IssuerRoll, ..evidence(EvidenceResult::Match, 3) };
    assert_eq!(
        orphan.clone().record_evidence(&roll, &lag(), at(3)).unwrap().state,
        CertificateState::IssuerStruckOff
    );
    assert_eq!(told(orphan, EvidenceResult::Match, 3).state, CertificateState::Verified);
}

#[test]
fn only_a_verified_certificate_is_superseded_and_then_for_good() {
    assert!(claimed().supersede(&by_issuer(2), at(2)).is_err());
    let old = verified().supersede(&by_issuer(2), at(2)).unwrap();
    assert_eq!(old.state, CertificateState::Superseded);
    assert!(old.clone().begin_verification(at(3)).is_err());
    assert_eq!(told(old.clone(), EvidenceResult::Revoked, 3).state, CertificateState::Revoked);
    assert!(old.revoke(&revocation(), at(3)).is_ok());
}

#[test]
fn an_issuer_does_not_speak_for_others_in_favour_of_its_own_certificate() {
    let missing = || told(claimed(), EvidenceResult::NotFound, 1);
    let wrong = || told(claimed(), EvidenceResult::Mismatch, 1);
    let suspected = || verified().suspect_forgery(&by_issuer(1), at(1)).unwrap();
    let orphan = || verified().issuer_struck_off(at(1)).unwrap();
    for source in [EvidenceSource::OfficialLookup, EvidenceSource::AdministratorAttestation] {
        for certificate in [missing(), wrong(), suspected(), orphan(), claimed(), verified()] {
            let own = Evidence { source, witness: Witness::Issuer, ..evidence(EvidenceResult::Match, 3) };
            assert_eq!(certificate.clone().record_evidence(&own, &lag(), at(3)), Ok(certificate));
        }
    }
}

#[test]
fn an_issuer_is_believed_against_its_own_certificate() {
    for (result, state) in [
        (EvidenceResult::NotFound, CertificateState::NotFound),
        (EvidenceResult::Mismatch, CertificateState::Mismatch),
        (EvidenceResult::Revoked, CertificateState::Revoked),
    ] {
        let own = Evidence { witness: Witness::Issuer, ..evidence(result, 3) };
        assert_eq!(verified().record_evidence(&own, &lag(), at(3)).unwrap().state, state);
    }
}

#[test]
fn a_roll_renews_only_what_its_listed_issuer_may_issue() {
    let confirmed = |draft, issuer: &Issuer| {
        let word = IssuersWord { issuer, checked_at: at(100), validity: VALIDITY };
        verified().confirmed_by_roll(draft, word, &lag(), at(101))
    };
    let renewed = confirmed(draft(), &issuer()).unwrap();
    assert_eq!((renewed.verified_at, renewed.evidence_until), (Some(at(100)), Some(at(280))));
    let level = CertificateDraft { level: Level::Three, ..draft() };
    assert!(matches!(confirmed(level, &issuer()), Err(Refusal::NotAccredited { .. })));
    let gone = Issuer { standing: IssuerStanding::StruckOff, ..issuer() };
    assert!(matches!(confirmed(draft(), &gone), Err(Refusal::IssuerNotListed { .. })));
    let tomorrow = CertificateDraft { issue_date: at(102).beijing_date(), ..draft() };
    assert!(matches!(confirmed(tomorrow, &issuer()), Err(Refusal::IssuedInFuture { .. })));
    let south = Issuer { id: IssuerId::try_new("south").unwrap(), ..issuer() };
    let of_south = CertificateDraft { issuer: south.id.clone(), ..draft() };
    assert_eq!(confirmed(of_south, &south), Err(Refusal::OtherIssuer));
}

#[test]
fn evidence_is_due_from_the_middle_of_its_term() {
    let due = [(0, false), (89, false), (90, true), (179, true), (181, true)];
    for (day, expected) in due {
        assert_eq!(verified().is_due(at(day)), expected, "day {day}");
    }
    assert!(!claimed().is_due(at(200)));
}

#[test]
fn a_check_that_nobody_answers_leaves_what_was_confirmed_before() {
    let not_found = told(claimed(), EvidenceResult::NotFound, 1);
    for (before, after) in [
        (claimed(), CertificateState::FormatOk),
        (told(claimed(), EvidenceResult::Mismatch, 1), CertificateState::FormatOk),
        (not_found.clone(), CertificateState::NotFound),
        (not_found.without_retry(), CertificateState::FormatOk),
        (verified(), CertificateState::Verified),
    ] {
        let asked = before.clone().begin_verification(at(200)).unwrap();
        assert_eq!(asked.state, CertificateState::UnderVerification);
        let left = asked.abandon_verification(at(201));
        assert_eq!((left.state, left.evidence_until), (after, before.evidence_until));
    }
    assert_eq!(verified().abandon_verification(at(1)), verified());
    let asked = claimed().begin_verification(at(1)).unwrap();
    let held = asked.suspend(&by_issuer(2), at(2)).unwrap().abandon_verification(at(3));
    assert_eq!(held.state, CertificateState::Suspended);
    assert_eq!(held.reinstate(&by_issuer(4), at(4)).unwrap().state, CertificateState::FormatOk);
}

#[test]
fn decisions_may_be_true_since_before_they_were_known_but_not_since_before_the_issue() {
    let issued = Date::parse("2024-03-01").unwrap().beijing_midnight();
    let early = |effective_time| Measure { effective_time, ..by_issuer(0) };
    let suspended = verified().suspend(&early(issued), at(9)).unwrap();
    assert_eq!(suspended.state_since, issued);
    let before = issued.minus(Duration::from_micros(1));
    let refused = Err(Refusal::EffectBeforeIssue { effective_time: before });
    assert_eq!(verified().suspend(&early(before), at(9)), refused);
    assert_eq!(verified().revoke(&Revocation { effective_time: before, ..revocation() }, at(9)), refused);
    let tomorrow = Err(Refusal::EffectInFuture { effective_time: at(10) });
    assert_eq!(verified().suspect_forgery(&by_issuer(10), at(9)), tomorrow);
    let silent = Measure { explanation: " ".to_owned(), ..by_issuer(9) };
    assert_eq!(verified().suspend(&silent, at(9)), Err(Refusal::Unfounded));
    let before_the_hold = suspended.clone().reinstate(&early(before), at(9));
    assert_eq!(before_the_hold, Err(Refusal::EffectBeforeIssue { effective_time: before }));
    let suspended = verified().suspend(&by_issuer(5), at(9)).unwrap();
    let too_early = Refusal::EffectBeforeHold { effective_time: at(4), since: at(5) };
    assert_eq!(suspended.clone().reinstate(&by_issuer(4), at(9)), Err(too_early));
    assert_eq!(suspended.reinstate(&by_issuer(6), at(9)).unwrap().state_since, at(6));
}

#[test]
fn what_a_regulator_did_only_a_regulator_undoes() {
    let regulator = |day| measure(Authority::Regulator, day);
    for held in [
        verified().suspend(&regulator(2), at(2)).unwrap(),
        verified().suspect_forgery(&regulator(2), at(2)).unwrap(),
        verified().suspend(&by_issuer(1), at(1)).unwrap().suspend(&regulator(2), at(2)).unwrap(),
    ] {
        assert_eq!(held.clone().reinstate(&by_issuer(3), at(3)), Err(Refusal::HeldByRegulator));
        assert!(held.clone().suspend(&by_issuer(3), at(3)).is_err());
        assert_eq!(held.reinstate(&regulator(3), at(3)).unwrap().state, CertificateState::Verified);
    }
    let suspended = verified().suspend(&regulator(2), at(2)).unwrap();
    assert_eq!(suspended.suspect_forgery(&by_issuer(3), at(3)), Err(Refusal::HeldByRegulator));
    let own = verified().suspend(&by_issuer(2), at(2)).unwrap();
    assert_eq!(own.reinstate(&regulator(3), at(3)).unwrap().state, CertificateState::Verified);
}

#[test]
fn a_holder_whose_higher_level_fell_gets_the_lower_one_back() {
    let old = verified().supersede(&by_issuer(2), at(2)).unwrap();
    let back = old.reinstate(&by_issuer(3), at(3)).unwrap();
    assert_eq!(
        (back.state, back.evidence_until, back.held),
        (CertificateState::Verified, Some(at(180)), None)
    );
}

#[test]
fn evidence_lapses_once_as_of_its_instant_and_is_renewed() {
    assert!(verified().lapse(at(179)).is_err());
    let lapsed = verified().lapse(at(200)).unwrap();
    assert_eq!((lapsed.state, lapsed.lapsed_at), (CertificateState::Verified, Some(at(180))));
    assert!(lapsed.clone().lapse(at(201)).is_err());
    assert!(lapsed.is_as_planned(lapsed.version, at(170)));
    let stored = Certificate { version: lapsed.version.next(), ..lapsed.clone() };
    assert!(stored.is_as_planned(lapsed.version, at(170)), "only time has passed");
    assert!(stored.is_as_planned(lapsed.version, at(190)), "it was noted late");
    let held = stored.clone().suspend(&by_issuer(201), at(201)).unwrap();
    assert!(!held.is_as_planned(lapsed.version, at(190)));
    let back = Certificate { held: None, ..stored.clone() }.suspend(&by_issuer(201), at(201)).unwrap();
    let back = back.reinstate(&by_issuer(202), at(202)).unwrap();
    assert!(!back.is_as_planned(lapsed.version, at(190)), "somebody has decided since");
    assert_eq!(told(lapsed, EvidenceResult::Match, 201).lapsed_at, None);
}

#[test]
fn the_issuers_word_replaces_what_was_merely_claimed_of_the_issuer() {
    let unknown = IssuerId::try_new(Certificate::UNKNOWN_ISSUER).unwrap();
    let claimed = Certificate::claim(CertificateDraft { issuer: unknown, ..draft() }, &[], at(0)).unwrap();
    assert!(!claimed.has_known_issuer() && claimed.is_merely_claimed());
    let word = IssuersWord { issuer: &issuer(), checked_at: at(1), validity: VALIDITY };
    let confirmed = claimed.confirmed_by_roll(draft(), word, &lag(), at(1)).unwrap();
    assert_eq!((confirmed.state, confirmed.issuer), (CertificateState::Verified, issuer().id));
}

mod table;
