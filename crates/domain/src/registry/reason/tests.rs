use super::*;
use crate::certification::samples::{LIVE_SALESPERSON, job_type};
use crate::certification::{CertificateState, Confirmation, IssuerStanding, Phrase};
use crate::kernel::{CertificateId, Date};

fn beijing(date: &str) -> Timestamp {
    Date::parse(date).unwrap().beijing_midnight()
}

fn certificate(state: CertificateState) -> Fact {
    Fact::Certificate(Box::new(CertificateFact {
        certificate: CertificateId::try_new("one").unwrap(),
        standard: StandardId::try_new("internet-marketer-2021").unwrap(),
        job_type: job_type(LIVE_SALESPERSON),
        level: Level::Four,
        state,
        since: beijing("2026-10-05"),
        verified_at: Some(beijing("2026-10-02")),
        evidence_until: Some(beijing("2027-04-02")),
        retry_at: None,
        issuer_standing: Some(IssuerStanding::Listed),
        issuer_review: None,
    }))
}

fn too_low() -> Reason {
    let requirement = Requirement::Level { minimum: Level::Three };
    Reason {
        policy_revision: Some(7),
        ..Reason::new(ReasonCode::LevelTooLow, certificate(CertificateState::Verified), requirement)
    }
}

#[test]
fn a_level_that_is_too_low_is_told_with_both_levels_and_the_date() {
    let reason = too_low();
    assert_eq!(
        reason.sentence(Language::English),
        "level 3 needed, level 4 verified on 2026-10-02 (Beijing date)"
    );
    assert_eq!(
        reason.sentence(Language::Chinese),
        "须具备三级/高级工，四级/中级工于2026-10-02（北京日期）核验"
    );
    assert_eq!(reason.basis(Language::English), "the platform's policy, revision 7");
    assert_eq!(reason.basis(Language::Chinese), "平台规则第7版");
    assert_eq!(
        reason.remedy(Language::English),
        "Obtain the level needed and have the certificate recorded."
    );
    assert_eq!(reason.certificate().map(CertificateId::as_str), Some("one"));
}

#[test]
fn a_revoked_certificate_is_told_with_its_date() {
    let revoked = Reason::new(
        ReasonCode::CertRevoked,
        certificate(CertificateState::Revoked),
        Requirement::VerifiedCertificate,
    );
    assert_eq!(
        revoked.sentence(Language::English),
        "a verified certificate needed, level 4 revoked since 2026-10-05 (Beijing date)"
    );
    assert_eq!(revoked.kind(), ReasonKind::Policy);
    assert_eq!(revoked.effect(), Effect::Deny);
}

#[test]
fn the_law_is_named_as_the_edition_names_it() {
    let young = Reason::new(ReasonCode::Under16, Fact::Age { band: AgeBand::Under16 }, Requirement::AgeOf16);
    assert_eq!(young.kind(), ReasonKind::Legal);
    assert_eq!(young.basis(Language::English), "the law");
    let minors = Basis {
        text: Phrase {
            chinese: "《未成年人保护法》第七十六条".to_owned(),
            english: "Law on the Protection of Minors, art. 76".to_owned(),
        },
        source: "the law".to_owned(),
        confirmation: Confirmation::Confirmed,
        in_force_from: None,
    };
    let young = Reason { legal_basis: Some(Arc::new(minors)), ..young };
    assert_eq!(young.basis(Language::English), "Law on the Protection of Minors, art. 76");
    assert_eq!(young.basis(Language::Chinese), "《未成年人保护法》第七十六条");
    assert_eq!(young.sentence(Language::English), "age of 16 needed, under 16 on the Beijing date");
}

#[test]
fn every_reason_has_a_basis_and_a_remedy_in_both_languages() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    for code in ReasonCode::ALL {
        let reason = Reason { code, ..too_low() };
        assert!(reason.basis(Language::English).is_ascii(), "{}", code.code());
        assert!(reason.remedy(Language::English).is_ascii(), "{}", code.code());
        assert!(chinese(&reason.basis(Language::Chinese)), "{}", code.code());
        assert!(chinese(reason.remedy(Language::Chinese)), "{}", code.code());
    }
}

#[test]
fn every_certificate_state_is_told_in_both_languages() {
    for state in CertificateState::ALL {
        let reason = Reason { fact: certificate(state), ..too_low() };
        assert!(reason.fact(Language::English).starts_with("level 4 "), "{}", state.code());
        assert!(reason.fact(Language::Chinese).starts_with("四级/中级工"), "{}", state.code());
    }
}

#[test]
fn the_order_of_the_catalogue_is_the_order_of_precedence() {
    assert!(ReasonCode::ALL.is_sorted());
    for code in ReasonCode::ALL {
        assert_eq!(ReasonCode::from_code(code.code()), Some(code));
    }
}
