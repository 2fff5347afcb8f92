use super::*;
use crate::certification::IssuerStanding;
use crate::certification::samples::{self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};
use crate::kernel::{IssuerId, OrganizationId, Version};

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
        accreditations: Vec::new(),
        version: Version::FIRST,
    }
}

fn codes(number: &str, level: Level, issued: &str, issuer: Option<&Issuer>) -> Vec<&'static str> {
    let number = CertificateNumber::parse(number).unwrap();
    let issue_date = Date::parse(issued).unwrap();
    let standard = samples::standard();
    let claim =
        NumberClaim { job_type: Some((&standard, job_type(LIVE_SALESPERSON))), level, issue_date, issuer };
    cross_check(&number, &claim).iter().map(|finding| finding.code().code()).collect()
}

#[test]
fn a_number_that_agrees_with_its_claim_leaves_nothing_to_say() {
    assert_eq!(codes("S004223000001244000001", Level::Four, "2024-03-01", Some(&issuer())), [""; 0]);
    assert_eq!(codes("S004223000001244000001", Level::Four, "2024-03-01", None), [""; 0]);
}

#[test]
fn a_level_that_the_number_contradicts_is_refused() {
    let number = CertificateNumber::parse("S004223000001244000001").unwrap();
    let issue_date = Date::parse("2024-03-01").unwrap();
    let claim = NumberClaim { job_type: None, level: Level::Three, issue_date, issuer: None };
    let findings = cross_check(&number, &claim);
    assert_eq!(findings, [NumberFinding::LevelConflict { number: Level::Four, claimed: Level::Three }]);
    assert_eq!(findings[0].to_string(), "the number says level 4, level 3 is claimed");
    assert_eq!(findings[0].severity(), Severity::Refuse);
}

#[test]
fn every_contradiction_is_told_at_once() {
    assert_eq!(
        codes("Y000199000001175000001", Level::Four, "2024-03-01", Some(&issuer())),
        [
            "LEVEL_CONFLICT",
            "YEAR_CONFLICT",
            "YEAR_BEFORE_SCHEME",
            "ISSUER_CLASS_CONFLICT",
            "ISSUER_CODE_CONFLICT",
            "PROVINCE_UNKNOWN"
        ]
    );
}

#[test]
fn an_unknown_scheme_is_a_note_and_no_refusal() {
    assert_eq!(codes("ABC123", Level::Four, "2024-03-01", Some(&issuer())), ["SCHEME_UNKNOWN"]);
    assert_eq!(NumberFinding::SchemeUnknown.severity(), Severity::Note);
}

#[test]
fn a_level_outside_the_standard_is_refused_whatever_the_number() {
    let number = CertificateNumber::parse("ABC123").unwrap();
    let issue_date = Date::parse("2024-03-01").unwrap();
    let standard = samples::standard();
    let administrator = Some((&standard, job_type(PLATFORM_ADMINISTRATOR)));
    let claim = NumberClaim { job_type: administrator, level: Level::Two, issue_date, issuer: None };
    let findings = cross_check(&number, &claim);
    assert_eq!(findings[1].code(), FindingCode::CellNotInStandard);
    assert_eq!(findings[1].to_string(), "the standard has no level 2 for a platform administrator");
}

#[test]
fn a_regional_issuer_code_is_not_held_against_the_ministry_code() {
    assert_eq!(codes("RSW23010001224400001", Level::Four, "2024-03-01", Some(&issuer())), [""; 0]);
    assert_eq!(
        codes("RSN23010001224400001", Level::Four, "2024-03-01", Some(&issuer())),
        ["ISSUER_CLASS_CONFLICT"]
    );
}

#[test]
fn an_old_qualification_may_be_older_than_the_skill_levels() {
    assert_eq!(codes("0811003013400001", Level::Four, "2008-03-01", None), [""; 0]);
}

#[test]
fn issuers_filed_with_a_province_are_told_apart_by_it() {
    let issuer = Issuer { code: "0000".to_owned(), province: "33".to_owned(), ..issuer() };
    let told = |number| codes(number, Level::Four, "2024-03-01", Some(&issuer));
    assert_eq!(told("S000033000001244000001"), [""; 0]);
    assert_eq!(told("S000044000001244000001"), ["PROVINCE_CONFLICT"]);
    assert_eq!(told("S000099000001244000001"), ["PROVINCE_UNKNOWN"]);
}

#[test]
fn an_issuer_filed_with_the_ministry_may_have_sites_in_other_provinces() {
    assert_eq!(codes("S004244000001244000001", Level::Four, "2024-03-01", Some(&issuer())), [""; 0]);
}
